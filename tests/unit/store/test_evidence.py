from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from vcs.store.evidence import evidence_path, file_digest, write_evidence


def test_a_file_lies_under_its_digest_for_its_owner_alone(tmp_path: Path) -> None:
    digest = write_evidence(tmp_path, 77, b"a picture")
    path = evidence_path(tmp_path, 77, digest)
    assert path == tmp_path / "evidence" / "77" / hashlib.sha256(b"a picture").hexdigest()
    assert path.read_bytes() == b"a picture"
    assert file_digest(path) == digest
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    before = path.stat()
    assert write_evidence(tmp_path, 77, b"a picture") == digest
    assert path.stat() == before, "what is there is left alone"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("digest", ["", "..", "../" * 21 + "x", "A" * 64, "0" * 63, "0" * 64 + " "])
def test_what_is_no_digest_is_no_path(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        evidence_path(tmp_path, 1, digest)


def test_the_file_is_synced_before_its_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def syncing(number: int) -> None:
        told.append(f"sync {Path(f'/proc/self/fd/{number}').readlink().name[:1]}")
        fsync(number)

    def renaming(self: Path, target: Path) -> Path:
        told.append("rename")
        return rename(self, target)

    (tmp_path / "evidence" / "7").mkdir(parents=True)
    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(Path, "rename", renaming)
    write_evidence(tmp_path, 7, b"x")
    assert told == ["sync .", "rename", "sync 7"]


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evidence" / "7").mkdir(parents=True)

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_evidence(tmp_path, 7, b"x")
    assert list((tmp_path / "evidence" / "7").iterdir()) == []
