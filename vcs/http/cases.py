"""Case files in the browser: a list to search, one visit to read, the ZIP to keep.

    GET /cases                       the page
    GET /api/visits                  lines by text, days and place
    GET /cases/VISIT/                the case file's page
    GET /cases/VISIT/evidence/NAME   a picture of it
    GET /cases/VISIT/case.zip        the whole

For officers, of the branches that the desks of their own one serve. Whoever opens a case file has
looked, and the look is in the visit's audit before anything is shown; its pictures are shown for an
hour after that.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Final
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import msgspec
import structlog
from aiohttp import web

from vcs.clock import WallClock
from vcs.http.faults import Fault
from vcs.http.pages import web_dir
from vcs.http.sign_in import signed_in_officer
from vcs.store import Store
from vcs.store.evidence import evidence_path
from vcs.store.records import Officer
from vcs.store.visit_records import StoredVisit, VisitLine
from vcs.visits.case_file import PAGE, write_case_file
from vcs.visits.case_page import CasePage
from vcs.visits.case_sources import load_sources
from vcs.visits.case_telling import CaseSources, ValuesGone, must_be_told
from vcs.visits.evidence_files import EvidenceFiles
from vcs.visits.flow_file import LoadedFlow

log = structlog.get_logger(__name__)

LINES: Final = 50
MAX_TEXT: Final = 100
LOOK_HOLDS: Final = timedelta(hours=1)
IN_MEMORY: Final = 8_000_000
"""A larger case file waits on the disk, and is gone when it was sent."""
TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "svg": "image/svg+xml"}
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)


class Line(msgspec.Struct, frozen=True):
    """One visit of the list; `before` of the next page is the last line's `begun_at` and `id`."""

    id: str
    ticket: str | None
    flow: str
    title_id: str
    title_en: str
    phase: str
    outcome: str | None
    reference: str | None
    visitor: str | None
    officer: str | None
    begun_at: str
    ended_at: str | None


@dataclass(frozen=True, slots=True)
class CaseDoors:
    """`flows` name what is shown."""

    store: Store
    files: EvidenceFiles
    flows: Mapping[str, LoadedFlow]
    now: WallClock
    zone: ZoneInfo

    def add_to(self, app: web.Application) -> None:
        one = "/cases/{visit:[0-9]{1,16}}"
        app.router.add_get("/api/visits", self.list)
        app.router.add_get(f"{one}/", self.page)
        app.router.add_get(
            f"{one}/evidence/{{digest:[0-9a-f]{{64}}}}.{{kind:jpg|png|svg}}", self.evidence
        )
        app.router.add_get(f"{one}/case.zip", self.archive)

    async def list(self, request: web.Request) -> web.Response:
        """`text`, `since` and `until` (days, both in), `at` and `id` of the last line shown."""
        officer = await _officer(request)
        asked = request.query
        since, until = self._day(asked.get("since")), self._day(asked.get("until"), after=True)
        lines = await self.store.visits.search(
            await self.store.serving.seen_from(officer.branch_id),
            asked.get("text", "")[:MAX_TEXT],
            since,
            until,
            LINES,
            _place(asked.get("at"), asked.get("id")),
        )
        names = {each.id: each.display_name for each in await self.store.officers.all()}
        log.info("cases listed", officer=officer.id, lines=len(lines))
        return web.Response(
            body=msgspec.json.encode({"visits": [self._line(line, names) for line in lines]}),
            content_type="application/json",
            charset="utf-8",
        )

    async def page(self, request: web.Request) -> web.Response:
        """The case file's page; its pictures are beside it."""
        sources, page = await self._look(request)

        def make() -> bytes:
            with tempfile.SpooledTemporaryFile(IN_MEMORY) as target:
                write_case_file(target, sources, page, self._reader(sources))
                with ZipFile(target) as archive:
                    return archive.read(PAGE)

        body = await asyncio.to_thread(make)
        return web.Response(
            body=body,
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "private, no-store"},
        )

    async def archive(self, request: web.Request) -> web.StreamResponse:
        """The same as `vcs case export` writes."""
        sources, page = await self._look(request)
        target: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - sent below
        try:
            await asyncio.to_thread(write_case_file, target, sources, page, self._reader(sources))
            response = web.StreamResponse(
                headers={
                    "Content-Type": "application/zip",
                    "Content-Disposition": f'attachment; filename="case-{sources.visit.id}.zip"',
                    "Cache-Control": "private, no-store",
                }
            )
            await response.prepare(request)
            target.seek(0)
            while piece := await asyncio.to_thread(target.read, 1 << 18):
                await response.write(piece)
            await response.write_eof()
            return response
        finally:
            target.close()

    async def evidence(self, request: web.Request) -> web.Response:
        """To who has looked at the case within the hour."""
        officer = await _officer(request)
        visit = await self._visit(request, officer)
        if not await self.store.audit.has_looked(visit.id, officer.id, self.now() - LOOK_HOLDS):
            raise Fault(403, "look_first", "open the case file first")
        try:
            data = await self.files.read(visit.id, request.match_info["digest"])
        except OSError as error:
            raise Fault(404, "no_file", "the file is gone") from error
        return web.Response(
            body=data,
            content_type=TYPES[request.match_info["kind"]],
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "private, no-store"},
        )

    async def _look(self, request: web.Request) -> tuple[CaseSources, CasePage]:
        """Written down first, so that the look is in what is shown."""
        officer = await _officer(request)
        visit = await self._visit(request, officer)
        try:
            must_be_told(visit)
        except ValuesGone as error:
            raise Fault(410, "values_gone", str(error)) from error
        await self.store.audit.looked(visit.id, officer.id, self.now())
        sources = await load_sources(self.store, visit.id, self.flows)
        flow = sources.flow.flow if sources.flow is not None else None
        return sources, CasePage(web_dir(), officer.language, flow)

    async def _visit(self, request: web.Request, officer: Officer) -> StoredVisit:
        visit = await self.store.visits.load(int(request.match_info["visit"]))
        seen = await self.store.serving.seen_from(officer.branch_id)
        if visit is None or visit.branch_id not in seen:
            raise Fault(404, "no_visit", "there is no such visit")
        return visit

    def _day(self, text: str | None, *, after: bool = False) -> datetime | None:
        """When that day begins where the branches are, or the day after it. Raises `Fault`."""
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Fault(400, "malformed", "a day is written as 2026-11-21") from None
        if not 1900 <= day.year < 9999:  # in another zone the calendar ends elsewhere
            raise Fault(400, "malformed", "no visit was on that day")
        return datetime.combine(day + timedelta(days=after), time(), self.zone)

    def _reader(self, sources: CaseSources) -> Callable[[str], bytes]:
        directory: Path = self.files.data_dir
        identifier = sources.visit.id
        return lambda digest: evidence_path(directory, identifier, digest).read_bytes()

    def _line(self, line: VisitLine, officers: Mapping[int, str]) -> Line:
        loaded = self.flows.get(line.flow)
        return Line(
            str(line.id),
            line.ticket,
            line.flow,
            line.flow if loaded is None else loaded.flow.title.id,
            line.flow if loaded is None else loaded.flow.title.en,
            line.phase,
            line.outcome,
            line.reference,
            line.visitor,
            officers.get(line.officer_id or 0),
            line.begun_at.isoformat(),
            None if line.ended_at is None else line.ended_at.isoformat(),
        )


async def _officer(request: web.Request) -> Officer:
    officer = await signed_in_officer(request)
    if officer is None or officer.disabled:
        raise Fault(401, "not_signed_in", "sign in first")
    return officer


def _place(at: str | None, identifier: str | None) -> tuple[datetime, int] | None:
    if not at or not identifier:
        return None
    try:
        when = datetime.fromisoformat(at)
        number = int(identifier)
    except ValueError:
        raise Fault(400, "malformed", "`at` and `id` are of the last line") from None
    if when.tzinfo is None or not 0 < number <= 2**53:
        raise Fault(400, "malformed", "`at` and `id` are of the last line")
    return when, number
