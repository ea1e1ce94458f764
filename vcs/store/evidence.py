"""The files of evidence: named by their digest, written whole or not at all, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Final

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def evidence_path(data_dir: Path, visit_id: int, digest: str) -> Path:
    """Where a file lies. Raises `ValueError` for what is no digest: no name leads astray."""
    if _DIGEST.fullmatch(digest) is None:
        raise ValueError("a digest is 64 hexadecimal digits")
    return data_dir / "evidence" / str(int(visit_id)) / digest


def write_evidence(data_dir: Path, visit_id: int, data: bytes) -> str:
    """Keep a file of this visit; returns its digest (SHA-256, hexadecimal).

    When it returns, the file outlives a power cut. Blocks for as long as the disk takes. Raises
    `OSError`; then there is no file of that name.
    """
    digest = hashlib.sha256(data).hexdigest()
    path = evidence_path(data_dir, visit_id, digest)
    _make_directory(path.parent)
    if not path.exists():
        unfinished = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with os.fdopen(
                os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
    # Also when it was there: a crash may have come between its naming and this.
    _sync_directory(path.parent)
    return digest


def remove_strays(data_dir: Path, visit_id: int, named: Collection[str]) -> int:
    """Remove this visit's files that are not `named` by digest: half written, or written by a
    server that died before it could write down what they are. Returns how many. Blocks. Raises
    `OSError`.

    Nobody may be writing evidence of this visit meanwhile.
    """
    directory = data_dir / "evidence" / str(int(visit_id))
    strays = [path for path in directory.glob("*") if path.name not in named]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def file_digest(path: Path) -> str:
    """SHA-256 of a file as it lies there, hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_directory(directory: Path) -> None:
    if directory.is_dir():
        return
    _make_directory(directory.parent)
    directory.mkdir(mode=0o700, exist_ok=True)
    _sync_directory(directory.parent)


def _sync_directory(directory: Path) -> None:
    number = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
