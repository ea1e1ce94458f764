"""Pictures that arrive in pieces, and go on where they stopped.

What has arrived is the size of a file, so nothing is lost or doubled when the server is killed.
Bytes that a power cut took out of the file are found by the digest. Calls touch the disk: give them
a thread. Nothing but this directory is touched: names are checked, links are not followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from vcs.captures.answers import MAX_OCTETS

MAX_OPEN: Final = 8
"""Uploads of one booth that are not finished or discarded."""

EXPIRES_S: Final = 3600.0
"""After this long without a byte an upload is forgotten."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PART: Final = ".part"
_PLAN: Final = ".plan"

UploadCode = Literal[
    "upload.bad",  # an id, size or digest that is none
    "upload.too_big",
    "upload.too_many",
    "upload.unknown",  # never begun, expired or discarded: begin again
    "upload.another",  # this id was begun for something else
    "upload.wrong_offset",
    "upload.differs",
]


class UploadRefused(Exception):
    """Nothing was taken. `code` is for the page."""

    def __init__(self, code: UploadCode) -> None:
        super().__init__(code)
        self.code: UploadCode = code


class WrongOffset(UploadRefused):
    """What was sent does not go on where the file ends, or the file is not whole yet. `expected`:
    the octets that are here."""

    def __init__(self, expected: int) -> None:
        super().__init__("upload.wrong_offset")
        self.expected = expected


class DigestDiffers(UploadRefused):
    """All has arrived and is not what was announced. The upload is gone."""

    def __init__(self) -> None:
        super().__init__("upload.differs")


class _Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `begin` was told; lies beside the part."""

    booth: int
    octets: Annotated[int, msgspec.Meta(ge=1, le=MAX_OCTETS)]
    digest: str


class Uploads:
    """The uploads in one directory, which nothing else may use. Safe to call from threads.

    `now`: seconds of the wall clock that the file system keeps too.
    """

    def __init__(self, directory: Path, now: Callable[[], float] = time.time) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._now = now
        self._lock = threading.Lock()

    def begin(self, upload_id: str, *, booth: int, octets: int, digest: str) -> int:
        """Announce a picture by its size and its SHA-256 (hexadecimal). The octets that are here
        already: beginning again after a reload is how a page learns where to go on.

        Raises `UploadRefused`.
        """
        if not _ID.fullmatch(upload_id) or not _DIGEST.fullmatch(digest) or octets < 1:
            raise UploadRefused("upload.bad")
        if octets > MAX_OCTETS:
            raise UploadRefused("upload.too_big")
        wanted = _Plan(booth, octets, digest)
        with self._lock:
            self._expire()
            found = self._plan(upload_id)
            if found is not None:
                if found != wanted:
                    raise UploadRefused("upload.another")
                return self._size(upload_id)
            if sum(plan.booth == booth for _, plan in self._all()) >= MAX_OPEN:
                raise UploadRefused("upload.too_many")
            # The part first: a plan without a part would be an upload that cannot go on.
            with self._opened(upload_id, _PART, os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
                pass
            self._write_plan(upload_id, wanted)
            return 0

    def append(self, upload_id: str, offset: int, data: bytes, *, booth: int) -> int:
        """The octets that are here now. Raises `UploadRefused`, `WrongOffset`; `OSError` when the
        disk is full, after which the page asks how much has arrived."""
        with self._lock:
            plan = self._known(upload_id, booth)
            size = self._size(upload_id)
            if offset != size:
                raise WrongOffset(size)
            if size + len(data) > plan.octets:
                raise UploadRefused("upload.too_big")
            with self._opened(upload_id, _PART, os.O_WRONLY) as part:
                # From here on a kill leaves a whole number of octets, in order.
                os.lseek(part, size, os.SEEK_SET)
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(part, rest) :]
            return size + len(data)

    def received(self, upload_id: str, *, booth: int) -> int:
        """The octets that are here. Raises `UploadRefused`."""
        with self._lock:
            self._known(upload_id, booth)
            return self._size(upload_id)

    def finish(self, upload_id: str, *, booth: int) -> bytes:
        """The whole picture, compared with what was announced and safe on the disk.

        It stays here until `discard`, so that finishing again after a crash gives it again. Raises
        `UploadRefused`, `WrongOffset` while octets are missing, `DigestDiffers`.
        """
        with self._lock:
            plan = self._known(upload_id, booth)
            size = self._size(upload_id)
            if size != plan.octets:
                raise WrongOffset(size)
            with self._opened(upload_id, _PART, os.O_RDONLY) as part:
                os.fsync(part)
                data = bytearray()
                while piece := os.read(part, 1 << 20):
                    data += piece
            self._sync_directory()
            if hashlib.sha256(data).hexdigest() != plan.digest:
                self._remove(upload_id)
                raise DigestDiffers
            return bytes(data)

    def discard(self, upload_id: str, *, booth: int) -> None:
        """Forget an upload: it was stored elsewhere, or is not wanted. Raises `UploadRefused`."""
        with self._lock:
            self._known(upload_id, booth)
            self._remove(upload_id)

    def discard_all(self, booth: int) -> None:
        """Nothing of a visit stays behind when it ends."""
        with self._lock:
            for upload_id, plan in list(self._all()):
                if plan.booth == booth:
                    self._remove(upload_id)

    def keep_only(self, booths: Collection[int]) -> None:
        """Forget the uploads of all other booths, and whatever has no readable plan: what a server
        that was killed has left of visits that are over."""
        with self._lock:
            kept = {upload_id for upload_id, plan in self._all() if plan.booth in booths}
            for path in list(self._directory.iterdir()):
                if path.suffix in (_PART, _PLAN) and path.stem not in kept:
                    path.unlink(missing_ok=True)

    def expire(self) -> None:
        """Forget what has grown by nothing for an hour. Call now and then."""
        with self._lock:
            self._expire()

    # --- the directory, under the lock ----------------------------------------------------------

    def _known(self, upload_id: str, booth: int) -> _Plan:
        """Another booth's upload is as unknown as one that never was."""
        plan = self._plan(upload_id) if _ID.fullmatch(upload_id) else None
        if plan is None or plan.booth != booth:
            raise UploadRefused("upload.unknown")
        return plan

    def _plan(self, upload_id: str) -> _Plan | None:
        try:
            with self._opened(upload_id, _PLAN, os.O_RDONLY) as file:
                plan = msgspec.json.decode(os.read(file, 4096), type=_Plan)
            self._size(upload_id)
        except (OSError, msgspec.DecodeError):
            return None
        return plan

    def _write_plan(self, upload_id: str, plan: _Plan) -> None:
        with self._opened(upload_id, _PLAN, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
            os.write(file, msgspec.json.encode(plan))

    def _size(self, upload_id: str) -> int:
        return self._path(upload_id, _PART).lstat().st_size

    def _all(self) -> Iterator[tuple[str, _Plan]]:
        for path in self._directory.glob(f"*{_PLAN}"):
            plan = self._plan(path.stem) if _ID.fullmatch(path.stem) else None
            if plan is not None:
                yield path.stem, plan

    def _expire(self) -> None:
        for path in list(self._directory.iterdir()):
            if path.suffix not in (_PART, _PLAN) or not _ID.fullmatch(path.stem):
                continue
            # The part grows; a plan alone is what a kill between the two writes has left.
            times = [p.lstat().st_mtime for p in self._both(path.stem) if os.path.lexists(p)]
            newest = max(times, default=self._now())
            if self._now() - newest > EXPIRES_S:
                self._remove(path.stem)

    def _remove(self, upload_id: str) -> None:
        for path in self._both(upload_id):
            path.unlink(missing_ok=True)

    def _both(self, upload_id: str) -> tuple[Path, Path]:
        return self._path(upload_id, _PLAN), self._path(upload_id, _PART)

    def _path(self, upload_id: str, suffix: str) -> Path:
        return self._directory / f"{upload_id}{suffix}"

    @contextmanager
    def _opened(self, upload_id: str, suffix: str, flags: int) -> Iterator[int]:
        path = self._path(upload_id, suffix)
        file = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            yield file
        finally:
            os.close(file)

    def _sync_directory(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
