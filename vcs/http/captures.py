"""Pictures of visits: `/api/booth/captures` takes them from booths, `/captures/ID` shows them.

A booth shows its device token as `Authorization: Bearer`, an officer the session cookie. What a
booth sends belongs to the visit that runs there now and to nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass
from typing import Annotated, Final, Protocol

import msgspec
from aiohttp import web

from vcs.captures.answers import BadPicture, Findings
from vcs.captures.uploads import UploadRefused, Uploads, WrongOffset
from vcs.captures.workers import Busy, CannotExamine
from vcs.http.doors import Directory
from vcs.http.faults import Fault
from vcs.http.json_input import read_json
from vcs.http.sign_in import signed_in_officer
from vcs.live_desks import LiveDesks
from vcs.logs import rate_limited
from vcs.messages.visit import Name
from vcs.seating import KnownBooth
from vcs.store import Store
from vcs.visits import changes as c
from vcs.visits.desk_visits import DeskVisits
from vcs.visits.evidence_files import EvidenceFiles
from vcs.visits.flow import Subject
from vcs.visits.open_visit import OpenVisit
from vcs.visits.place import Place
from vcs.visits.visit import NotNow

MAX_CHUNK: Final = 512 * 1024
CHUNK_WITHIN_S: Final = 30.0
_log = rate_limited("vcs.http.captures")
_BEARER: Final = "Bearer "
_TYPES: Final = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png", b"RI": "image/webp"}


class Examines(Protocol):
    """Looks at pictures without holding up the loop."""

    async def examine(self, data: bytes, subject: Subject) -> Findings: ...


class BeginCapture(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `POST /api/booth/captures`. `digest`: SHA-256 of the file, hexadecimal."""

    occupant: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    capture: Name
    octets: Annotated[int, msgspec.Meta(ge=1)]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class _Place:
    """A booth with the visit that runs there; `at` goes with the booth to another desk."""

    booth: KnownBooth
    at: Place
    found: OpenVisit


@dataclass(frozen=True, slots=True)
class Captures:
    """Both doors. `wanted` says of uploads under way what they will be: upload id to visit id,
    capture and digest; a page that is told `upload.unknown` begins again and goes on where it was.
    """

    directory: Directory
    desks: LiveDesks
    store: Store
    files: EvidenceFiles
    uploads: Uploads
    examiner: Examines
    wanted: dict[str, tuple[int, str, str]]

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/api/booth/captures", self.begin)
        app.router.add_patch("/api/booth/captures/{id:[0-9a-f]{32}}", self.append)
        app.router.add_get("/captures/{id:[0-9A-Za-z_-]{8,64}}", self.show)

    # --- visits that end ------------------------------------------------------------------------

    async def visit_ended(self, booth_id: int, visit_id: int) -> None:
        """Pieces of its pictures that have arrived go with it."""
        for identifier in [each for each, what in self.wanted.items() if what[0] == visit_id]:
            del self.wanted[identifier]
        try:
            await asyncio.to_thread(self.uploads.discard_all, booth_id)
        except OSError as error:
            _log.error("pieces of pictures could not be discarded", reason=type(error).__name__)

    async def begin_anew(self) -> None:
        """When the server starts: what is there of visits that have ended goes."""
        booths = await self.store.visits.booths_with_a_visit()
        await asyncio.to_thread(self.uploads.keep_only, booths)

    # --- booths ---------------------------------------------------------------------------------

    async def begin(self, request: web.Request) -> web.Response:
        """Announce a picture: `{id, offset}`. The same one again is gone on with."""
        place = await self._place(request)
        said = await read_json(request, BeginCapture)
        if place.at.seat.occupant != said.occupant:
            raise Fault(409, "another_visit", "somebody else sits there now")
        if place.found.visit.flow.capture(said.capture) is None:
            raise Fault(404, "no_capture", "this claim asks for no such picture")
        visit = place.found.visit.id
        identifier = hashlib.sha256(f"{visit} {said.capture} {said.digest}".encode()).hexdigest()[
            :32
        ]
        try:
            offset = await asyncio.to_thread(
                self.uploads.begin,
                identifier,
                booth=place.booth.id,
                octets=said.octets,
                digest=said.digest,
            )
        except UploadRefused as refused:
            raise _fault(refused) from refused
        if place.found.visit.ended is not None:
            # It ended in between: nobody would come to discard this.
            with contextlib.suppress(UploadRefused):
                await asyncio.to_thread(self.uploads.discard, identifier, booth=place.booth.id)
            raise Fault(409, "no_visit", "no visit is under way here")
        self.wanted[identifier] = (visit, said.capture, said.digest)
        return web.json_response({"id": identifier, "offset": offset})

    async def append(self, request: web.Request) -> web.Response:
        """More of a picture, from `Upload-Offset` on: `{offset}`, and with the last of it what is
        to be said of it: `{offset, width, height, advice}`."""
        place = await self._place(request)
        identifier = request.match_info["id"]
        wanted = self.wanted.get(identifier)
        if wanted is None or wanted[0] != place.found.visit.id:
            raise Fault(404, "upload.unknown", "begin this upload again")
        try:
            offset = int(request.headers.get("Upload-Offset", ""))
        except ValueError:
            raise Fault(400, "malformed", "Upload-Offset is no number") from None
        data = await _chunk(request)
        booth = place.booth.id
        try:
            received = await asyncio.to_thread(
                self.uploads.append, identifier, offset, data, booth=booth
            )
            whole = await asyncio.to_thread(self._whole, identifier, booth)
        except UploadRefused as refused:
            raise _fault(refused) from refused
        if whole is None:
            return web.json_response({"offset": received})
        findings = await self._take(place, identifier, whole)
        return web.json_response(
            {
                "offset": received,
                "width": findings.width,
                "height": findings.height,
                "advice": findings.advice,
            }
        )

    def _whole(self, identifier: str, booth: int) -> bytes | None:
        try:
            return self.uploads.finish(identifier, booth=booth)
        except WrongOffset:
            return None

    async def _take(self, place: _Place, identifier: str, data: bytes) -> Findings:
        """Look at a picture that has arrived, keep its file, then write that the visit has it."""
        _, name, digest = self.wanted[identifier]
        visit = place.found.visit
        capture = visit.flow.capture(name)
        if capture is None:
            raise Fault(404, "no_capture", "this claim asks for no such picture")
        try:
            findings = await self.examiner.examine(data, capture.subject)
        except BadPicture as bad:
            await self._forget(identifier, place.booth.id)
            raise Fault(422, bad.code, "this is no picture that can be taken") from bad
        except (Busy, CannotExamine) as busy:
            raise Fault(503, "busy", "the picture could not be looked at; send it again") from busy
        taken = c.CaptureTaken(
            id=f"{identifier}-{len(visit.pictures.get(name, ())) + 1}",
            capture=name,
            subject=capture.subject,
            digest=digest,
            octets=len(data),
            width=findings.width,
            height=findings.height,
            advice=findings.advice,
        )
        try:
            visit.take(taken)
            await self.files.keep(visit.id, data)
            await place.at.took(place.found, taken)
        except OSError as error:
            raise Fault(507, "not_saved", "the picture could not be saved; try again") from error
        except NotNow as reason:
            raise Fault(409, reason.code, str(reason)) from reason
        await self._forget(identifier, place.booth.id)
        return findings

    async def _forget(self, identifier: str, booth: int) -> None:
        self.wanted.pop(identifier, None)
        await asyncio.to_thread(self.uploads.discard, identifier, booth=booth)

    async def _place(self, request: web.Request) -> _Place:
        token = request.headers.get("Authorization", "").removeprefix(_BEARER)
        booth = await self.directory.booth_by_token(token) if 16 <= len(token) <= 128 else None
        if booth is None:
            raise Fault(401, "not_enrolled", "this booth is not enrolled")
        where = self.desks.where(booth.id)
        visits = where[0].visits if where is not None else None
        if where is None or not isinstance(visits, DeskVisits):
            raise Fault(409, "no_visit", "no visit is under way here")
        place = visits.place(where[1])
        if place.agreed is None:
            raise Fault(409, "no_visit", "no visit is under way here")
        return _Place(booth, place, place.agreed)

    # --- officers -------------------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """A picture to an officer whose desks serve the visit's branch, as it was taken."""
        officer = await signed_in_officer(request)
        if officer is None or officer.disabled:
            raise Fault(401, "not_signed_in", "sign in first")
        capture = await self.store.visits.capture(request.match_info["id"])
        visit = await self.store.visits.load(capture.visit_id) if capture else None
        seen = await self.store.serving.seen_from(officer.branch_id)
        if capture is None or visit is None or visit.branch_id not in seen:
            raise Fault(404, "no_capture", "there is no such picture")
        try:
            data = await self.files.read(capture.visit_id, capture.digest)
        except OSError as error:
            raise Fault(404, "no_file", "the picture's file is gone") from error
        kind = _TYPES.get(data[:2], "image/svg+xml")
        return web.Response(
            body=data,
            content_type=kind,
            headers={
                "Cache-Control": "private, no-store",
                "Content-Disposition": "inline",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            },
        )


async def _chunk(request: web.Request) -> bytes:
    """Raises `Fault`; never reads more than MAX_CHUNK."""
    data = bytearray()
    try:
        async with asyncio.timeout(CHUNK_WITHIN_S):
            async for piece in request.content.iter_any():
                data += piece
                if len(data) > MAX_CHUNK:
                    raise Fault(413, "chunk_too_big", f"send at most {MAX_CHUNK} octets at once")
    except TimeoutError:
        raise Fault(408, "too_slow", "the request did not arrive in time") from None
    return bytes(data)


def _fault(refused: UploadRefused) -> Fault:
    if isinstance(refused, WrongOffset):
        headers = {"Upload-Offset": str(refused.expected)}
        return Fault(409, refused.code, f"go on at {refused.expected}", headers)
    statuses = {"upload.too_big": 413, "upload.unknown": 404, "upload.too_many": 429}
    return Fault(statuses.get(refused.code, 400), refused.code, "the upload was refused")
