"""The branch's queue, for the guard at the door: tickets are issued, called, called again.

    GET  /api/queue                      how things stand (`vcs.visits.queue`), and the services
    POST /api/tickets                    a new ticket, with the QR code to print
    POST /api/tickets/call               the next one, to a booth that is free
    POST /api/tickets/ID/again           called once more, who has not come
    POST /api/tickets/ID/missed          has not come
    POST /api/tickets/ID/cancel          will not come

A guard sees the names on tickets and nothing of a visit. Everything is of his own branch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
import segno
from aiohttp import web

from vcs.clock import WallClock, local_day
from vcs.http.faults import Fault
from vcs.http.json_input import read_json
from vcs.http.sign_in import signed_in_account
from vcs.live_desks import LiveDesks
from vcs.messages import ServiceOffered
from vcs.officer.day import DeskDay
from vcs.store import Store
from vcs.store.records import BoothPlace, NotThere, Officer
from vcs.store.tickets import BoothAwaits, Priority, Taken, Ticket
from vcs.tokens import new_token
from vcs.visits.queue import BoothUse, Queue, QueueBooth, free_booth, queue_of, use_of

LETTERS: Final = "ABCDE"
"""Of the services in their order; a booth has a key for each."""


class IssueTicket(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `POST /api/tickets`. `name`: to call the visitor by; empty or null: none."""

    flow: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    name: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    priority: Priority | None = None


class Issued(msgspec.Struct, frozen=True):
    """`qr`: an SVG of the token that a visit begins with. `ahead`: so many are called before."""

    code: str
    flow: str
    name: str | None
    priority: Priority | None
    issued_at: str
    ahead: int
    qr: str


class Standing(msgspec.Struct, frozen=True):
    """Answer of `GET /api/queue`."""

    branch: str
    services: Sequence[ServiceOffered]
    queue: Queue


Act = Callable[[Officer, Ticket], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class QueueDoors:
    """What the handlers need; `add_to` makes the routes."""

    store: Store
    desks: LiveDesks
    services: Sequence[ServiceOffered]
    now: WallClock
    zone: ZoneInfo
    changed: Callable[[], None]

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/api/queue", self.show)
        app.router.add_post("/api/tickets", self.issue)
        app.router.add_post("/api/tickets/call", self.call)
        for name, act in (
            ("again", self._again),
            ("missed", self._missed),
            ("cancel", self._cancel),
        ):
            app.router.add_post(f"/api/tickets/{{id:[0-9]{{1,15}}}}/{name}", self._acting(act))

    async def show(self, request: web.Request) -> web.Response:
        """How things stand now."""
        account = await _account(request)
        branch = await self.store.branches.name_of(account.branch_id)
        return _json(Standing(branch, self.services, await self._queue(account)))

    async def issue(self, request: web.Request) -> web.Response:
        """The branch's next number of today."""
        account = await _account(request)
        wanted = await read_json(request, IssueTicket)
        names = [service.flow for service in self.services]
        if wanted.flow not in names:
            raise Fault(422, "no_service", "this branch has no such service")
        now, token = self.now(), new_token()
        day = local_day(now, self.zone).date
        name = " ".join((wanted.name or "").split()) or None
        ticket = await self.store.tickets.issue(
            account.branch_id,
            day,
            flow=wanted.flow,
            token=token,
            at=now,
            name=name,
            priority=wanted.priority,
            letter=LETTERS[names.index(wanted.flow) % len(LETTERS)],
        )
        self.changed()
        waiting = await self.store.tickets.waiting(account.branch_id, day)
        # He may have been called in between: then nobody is.
        ahead = next((place for place, each in enumerate(waiting) if each.id == ticket.id), 0)
        return _json(
            Issued(
                ticket.code,
                ticket.flow,
                ticket.name,
                ticket.priority,
                ticket.issued_at.isoformat(),
                ahead,
                _drawing(token),
            )
        )

    async def call(self, request: web.Request) -> web.Response:
        """The next one to the first booth that is free and awaits nobody."""
        account = await _account(request)
        await read_json(request, _Nothing)
        booth = free_booth(await self._queue(account))
        if booth is None:
            raise Fault(409, "no_free_booth", "no booth is free")
        now = self.now()
        try:
            called = await self.store.tickets.call_next(
                account.branch_id, local_day(now, self.zone).date, booth.id, now
            )
        except BoothAwaits as error:
            raise Fault(409, "no_free_booth", str(error)) from error
        if called is None:
            raise Fault(409, "nobody_waits", "nobody waits")
        await self._call_off_if_closed(account, booth)
        self.changed()
        return _json({"code": called.code, "booth": booth.number})

    def _acting(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            account = await _account(request)
            await read_json(request, _Nothing)
            ticket = await self.store.tickets.get(int(request.match_info["id"]))
            if ticket is None or ticket.branch_id != account.branch_id:
                raise Fault(404, "no_ticket", "there is no such ticket")
            try:
                await act(account, ticket)
                self.changed()
            except NotThere as error:
                raise Fault(404, "no_ticket", str(error)) from error
            except BoothAwaits as error:
                raise Fault(409, "no_free_booth", str(error)) from error
            except Taken as error:
                raise Fault(409, "ticket_taken", str(error)) from error
            return _json({})

        return handle

    async def _again(self, account: Officer, ticket: Ticket) -> None:
        """To the booth that awaits him; who had been given up, to one that is free."""
        booth_id, booth = None, None
        if ticket.state == "no_show":
            booth = free_booth(await self._queue(account))
            if booth is None:
                raise Fault(409, "no_free_booth", "no booth is free")
            booth_id = booth.id
        await self.store.tickets.recall(ticket.id, self.now(), booth_id)
        if booth is not None:
            await self._call_off_if_closed(account, booth)

    async def _call_off_if_closed(self, account: Officer, booth: QueueBooth) -> None:
        """The desk began to close in between: who was called there waits again."""
        now = next(each for each in (await self._queue(account)).booths if each.id == booth.id)
        if now.use == "closed":
            await self.store.tickets.call_off([booth.id])
            self.changed()
            raise Fault(409, "no_free_booth", "that booth's desk is closing")

    async def _missed(self, _account: Officer, ticket: Ticket) -> None:
        await self.store.tickets.no_show(ticket.id)

    async def _cancel(self, _account: Officer, ticket: Ticket) -> None:
        await self.store.tickets.cancel(ticket.id)

    async def _queue(self, account: Officer) -> Queue:
        tickets, now = self.store.tickets, self.now()
        branch, day = account.branch_id, local_day(now, self.zone).date
        return queue_of(await self._places(branch), await tickets.standing(branch, day, now), now)

    async def _places(self, branch_id: int) -> list[tuple[str, BoothPlace, BoothUse]]:
        """The branch's own booths, at whichever desks; nothing of others that are there too."""
        names: dict[int, str] = {}
        found: list[tuple[str, BoothPlace, BoothUse]] = []
        for place in await self.store.booths.of_branch(branch_id):
            if place.desk_id not in names:
                desk = await self.store.branches.desk(place.desk_id)
                names[place.desk_id] = "" if desk is None else desk.name
            where = self.desks.where(place.id)
            live = self.desks.find(place.now_desk_id) if where is None else where[0]
            seat = None if where is None else where[0].desk.seats[where[1]]
            day = DeskDay() if live is None else live.desk.day
            found.append((names[place.desk_id], place, use_of(seat, day)))
        return found


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """An empty object: what changes something says so in JSON."""


async def _account(request: web.Request) -> Officer:
    account = await signed_in_account(request)
    if account is None or account.disabled:
        raise Fault(401, "not_signed_in", "sign in first")
    return account


def _drawing(token: str) -> str:
    written = BytesIO()
    segno.make_qr(token, error="m").save(
        written, kind="svg", xmldecl=False, nl=False, omitsize=True, border=2
    )
    return written.getvalue().decode()


def _json(value: object) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value), content_type="application/json", charset="utf-8"
    )
