"""Derived pictures: the server cuts them out of originals by numbers that the officer gave."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from vcs import messages as m
from vcs.captures.answers import BadPicture, BadRectangle
from vcs.captures.workers import Busy, CannotExamine
from vcs.logs import rate_limited
from vcs.visits import changes as c
from vcs.visits.cutting import cut_size
from vcs.visits.open_visit import OpenVisit
from vcs.visits.visit import NotNow

_log = rate_limited("vcs.visits.studio")


class Files(Protocol):
    """Evidence files, under their digests."""

    async def keep(self, visit_id: int, data: bytes) -> str: ...
    async def read(self, visit_id: int, digest: str) -> bytes: ...
    async def discard(self, visit_id: int, digest: str) -> None: ...


class Derives(Protocol):
    """Decodes pictures elsewhere."""

    async def derive(
        self, data: bytes, quarter_turns: int = 0, rectangle: c.Rectangle | None = None
    ) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Studio:
    """The file first, then the change that names it: a server that dies in between leaves a file
    that nothing names, which goes at the next start (`EvidenceFiles.remove_strays`)."""

    files: Files
    examiner: Derives

    async def cut(
        self, open_visit: OpenVisit, said: m.DeriveCapture, officer_id: int, desk_id: int
    ) -> None:
        """Raises `NotNow`; then nothing has changed. One at a time of each visit."""
        async with open_visit.cutting:
            await self._cut(open_visit, said, officer_id, desk_id)

    async def _cut(
        self, open_visit: OpenVisit, said: m.DeriveCapture, officer_id: int, desk_id: int
    ) -> None:
        visit = open_visit.visit
        visit.must_be_at(desk_id)
        turns, rectangle = said.quarter_turns, said.rectangle
        identifier, taken = visit.may_derive(said.picture, turns, rectangle)
        if identifier in visit.derived:
            await open_visit.change(
                lambda it: it.must_be_at(desk_id).choose(identifier), "officer", officer_id
            )
            return
        data = await self._derive(visit.id, taken, turns, rectangle)
        width, height = cut_size(turns, rectangle)
        derived = c.CaptureDerived(
            id=identifier,
            of=taken.id,
            of_digest=taken.digest,
            digest=hashlib.sha256(data).hexdigest(),
            octets=len(data),
            width=width,
            height=height,
            quarter_turns=turns,
            rectangle=rectangle,
        )
        try:
            await self.files.keep(visit.id, data)
        except OSError as error:
            _log.error("a derived picture could not be kept", reason=type(error).__name__)
            raise NotNow("not_saved", "the picture could not be saved; try again") from error
        try:
            await open_visit.change(
                lambda it: it.must_be_at(desk_id).derive(derived), "officer", officer_id
            )
        except NotNow as reason:
            # Not told whether it was written: then the file must stay.
            if reason.code != "not_saved":
                await self._forget(open_visit, derived.digest)
            raise

    async def _derive(
        self, visit_id: int, taken: c.CaptureTaken, turns: int, rectangle: c.Rectangle
    ) -> bytes:
        try:
            original = await self.files.read(visit_id, taken.digest)
        except (OSError, ValueError) as error:
            raise NotNow("no_original", "the original's file is gone") from error
        if hashlib.sha256(original).hexdigest() != taken.digest:
            raise NotNow("no_original", "the original's file is not what it was")
        try:
            return await self.examiner.derive(original, turns, rectangle)
        except (BadPicture, BadRectangle) as bad:
            raise NotNow("cut_outside", "this cannot be cut out of that picture") from bad
        except (Busy, CannotExamine) as busy:
            raise NotNow("busy", "the picture could not be cut now; try again") from busy

    async def _forget(self, open_visit: OpenVisit, digest: str) -> None:
        """Two cuts may look the same: a file that a change names stays."""
        if digest in open_visit.visit.digests:
            return
        try:
            await self.files.discard(open_visit.visit.id, digest)
        except OSError as error:
            _log.warning("a picture that is not wanted stays", reason=type(error).__name__)
