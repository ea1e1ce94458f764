"""The server's own secret: made once, kept in the data directory, readable by its owner alone."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

FILE_NAME: Final = "secret.key"
KEY_BYTES: Final = 32


class BadSecretKey(Exception):
    """The key file is there and is not one that this program made, or others may read it."""


def load_secret_key(data_dir: Path) -> bytes:
    """Read the key, making it at the first call. Two processes may call this at once.

    Raises `BadSecretKey` and `OSError`.
    """
    path = data_dir / FILE_NAME
    with contextlib.suppress(FileNotFoundError):
        return _read(path)
    draft = data_dir / f".{FILE_NAME}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link fails when the name exists: whoever comes second takes the first one's key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise BadSecretKey(f"{path} may be read by others; run: chmod 600 {path}")
        key = file.read(KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        raise BadSecretKey(f"{path} must be {KEY_BYTES} bytes long; remove it to get a new one")
    return key
