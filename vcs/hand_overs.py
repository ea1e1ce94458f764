"""Handing a visit over to another officer's desk: offered, accepted or not, and the way home.

Accepting moves the booth's place with everything: what is written (the visit's change and where its
booth is now) goes to the disk in one transaction, then the booth moves at once. Nothing else moves
booths, and one move is made at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from vcs import messages as m
from vcs.desk_clients import DeskIdentity, OfficerIdentity
from vcs.hand_over_offers import MAX_OFFERED, Offer, Offers
from vcs.live_desk import LiveDesk
from vcs.live_desks import LiveDesks
from vcs.logs import rate_limited
from vcs.officer.day import Break
from vcs.officer.view import SLOTS
from vcs.seating import exchange
from vcs.store.records import PlaceMove, PlaceTaken
from vcs.visits import changes as c
from vcs.visits import views
from vcs.visits.background import Background
from vcs.visits.desk_visits import DeskVisits
from vcs.visits.place import Place, VisitSources
from vcs.visits.visit import NotNow

HOME_RETRY_S: Final = 2.0
CLOSE_S: Final = 5.0

_log = rate_limited("vcs.hand_overs")


def of_one_branch(source: DeskIdentity, target: DeskIdentity) -> bool:
    """Whether visits of one desk may be handed to the other."""
    return source.branch_id == target.branch_id


class HandOvers:
    """Of all desks of this server."""

    def __init__(
        self,
        desks: LiveDesks,
        sources: VisitSources,
        may_take: Callable[[DeskIdentity, DeskIdentity], bool] = of_one_branch,
    ) -> None:
        self._desks = desks
        self._sources = sources
        self._may_take = may_take
        self._offers = Offers()
        self._told: dict[int, tuple[int, ...]] = {}
        self._background = Background()
        self._moving = asyncio.Lock()
        self._home_again: dict[int, float] = {}

    # --- told by desks --------------------------------------------------------------------------

    def notice(self, live: LiveDesk) -> None:
        """At each change of a desk, before it is told: offers that cannot stand end."""
        for offer, how in self._offers.ended([live]):
            self._end(offer, how)
            other = offer.target if offer.source is live else offer.source
            if other is not live:
                other.publish()
        self._tell_offers(live)

    def on_tile(self, live: LiveDesk, tile: m.Tile) -> m.Tile:
        """The tile with whom its visit is offered to."""
        for offer in self._offers:
            if offer.source is live and offer.place.slot == tile.slot:
                offered = m.OfferedTo(offer.colleague.display_name, offer.left_ms)
                return msgspec.structs.replace(tile, offered_to=offered)
        return tile

    def console_joined(self, live: LiveDesk) -> None:
        """A new console has been told nothing yet."""
        self._told.pop(live.identity.id, None)

    def officer_said(
        self, live: LiveDesk, said: m.FromOfficerHandOver, officer: OfficerIdentity
    ) -> None:
        """Worked at in the background; what came of it is told."""
        if not self._background.spawn(self._answered(live, said, officer)):
            _tell(live, m.SheetRefused(said.id, "too_busy", "too much at once; try again"))

    def tick(self) -> None:
        """A few times a second: offers end by time, and booths that are free go home."""
        for offer, how in self._offers.ended(self._desks):
            self._end(offer, how)
            offer.source.publish()
            offer.target.publish()
        now = time.monotonic()
        for live in self._desks:
            for seat in list(live.desk.seats.values()):
                due = now >= self._home_again.get(seat.booth_id, 0.0)
                if seat.home is not None and due and _may_go(live, seat.slot):
                    self._home_again[seat.booth_id] = now + HOME_RETRY_S
                    self._background.spawn(self._go_home(seat.booth_id))

    async def close(self) -> None:
        """What is under way is finished, if it ends in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._background.finished()
        self._background.cancel()

    # --- what officers say ----------------------------------------------------------------------

    async def _answered(
        self, live: LiveDesk, said: m.FromOfficerHandOver, officer: OfficerIdentity
    ) -> None:
        try:
            match said:
                case m.AskColleagues():
                    _tell(live, m.Colleagues(said.id, await self._colleagues(live)))
                    return
                case m.OfferHandOver():
                    await self._offer(live, said, officer)
                case m.WithdrawHandOver():
                    self._withdraw(live, said)
                case m.AnswerHandOver(accepted=True):
                    await self._accept(live, said.offer, officer)
                case m.AnswerHandOver():
                    self._decline(live, said.offer)
        except NotNow as reason:
            _tell(live, m.SheetRefused(said.id, reason.code, str(reason)))
        except (SQLAlchemyError, OSError) as error:
            _log.error("a hand-over could not be looked at", reason=type(error).__name__)
            _tell(live, m.SheetRefused(said.id, "not_saved", "this could not be saved; try again"))
        else:
            _tell(live, m.Ack(said.id, live.desk.revision))

    async def _colleagues(self, live: LiveDesk) -> list[m.Colleague]:
        found = []
        for other in self._desks:
            if not self._may_ask(live, other):
                continue
            awaited = await self._awaited(other)
            if other.console is None:  # gone meanwhile
                continue
            pause = other.desk.day.pause
            place = _room(other, awaited)
            found.append(
                m.Colleague(
                    desk=other.identity.id,
                    desk_name=other.identity.name,
                    officer=other.console.officer.display_name,
                    in_use=sum(1 for seat in other.desk.seats.values() if seat.visit != "none"),
                    booths=len(other.desk.seats),
                    takes="on_break" if pause is not None else "full" if place is None else "yes",
                    back_in_ms=_left_ms(pause, self._sources.now()),
                )
            )
        order = ("yes", "full", "on_break")
        return sorted(found, key=lambda each: (order.index(each.takes), each.in_use, each.officer))

    def _may_ask(self, live: LiveDesk, other: LiveDesk) -> bool:
        here = other is not live and other.console is not None and other.desk.day.takes_visitors
        return here and self._may_take(live.identity, other.identity)

    async def _offer(self, live: LiveDesk, said: m.OfferHandOver, officer: OfficerIdentity) -> None:
        target = self._desks.find(said.desk)
        awaited = frozenset[int]() if target is None else await self._awaited(target)
        # From here on nothing waits: what is looked at is so when the offer is made.
        place = _visit_at(live, said.slot, said.visit)
        reason = " ".join(said.reason.split())
        if not reason:
            raise NotNow("no_reason", "say why, for the colleague")
        if not place.seat.consented:
            raise NotNow("no_consent", "the visitor has to agree first")
        if self._offers.of(place) is not None:
            raise NotNow("offered_already", "this visit is offered to a colleague already")
        if target is None or target.console is None or not self._may_ask(live, target):
            raise NotNow("no_colleague", "no officer who could take this visit is at that desk")
        if target.desk.day.pause is not None:
            raise NotNow("colleague_on_break", "this colleague is on a break")
        if len(self._offers.to(target)) >= MAX_OFFERED:
            raise NotNow("too_many_offers", "this colleague has to answer other offers first")
        if _room(target, awaited) is None:
            raise NotNow("no_free_place", "all booths of this colleague are in use")
        if live.desk.talk_slot == said.slot:
            live.desk.hold(time.monotonic())
        self._offers.add(Offer(place, live, officer, target, target.console.officer, reason))
        live.publish()
        target.publish()

    def _withdraw(self, live: LiveDesk, said: m.WithdrawHandOver) -> None:
        offer = self._offers.of(_visit_at(live, said.slot, said.visit))
        if offer is None or offer.accepting:
            raise NotNow("offer_gone", "this offer does not stand any more")
        self._end(offer, "withdrawn")
        live.publish()
        offer.target.publish()

    def _decline(self, live: LiveDesk, number: int) -> None:
        offer = self._standing(live, number)
        self._end(offer, "declined")
        live.publish()
        offer.source.publish()

    def _standing(self, live: LiveDesk, number: int) -> Offer:
        offer = self._offers.get(number)
        if offer is None or offer.target is not live or offer.accepting or offer.over():
            raise NotNow("offer_gone", "this offer does not stand any more")
        return offer

    # --- moving ---------------------------------------------------------------------------------

    async def _accept(self, live: LiveDesk, number: int, officer: OfficerIdentity) -> None:
        offer = self._standing(live, number)
        place, source = offer.place, offer.source
        offer.accepting = place.seat.handing_over = True
        try:
            async with self._moving, place.asking, self._room_made(live) as slot:
                await self._write(offer, officer, slot)
                place.seat.handing_over = False
                place.seat.colleague = True
                self._end(offer, "accepted")
                exchange(source, place.slot, live, slot)
        finally:
            offer.accepting = place.seat.handing_over = False

    async def _write(self, offer: Offer, officer: OfficerIdentity, slot: int) -> None:
        """The visit is the other desk's, and booths are where they go, for the disk."""
        place, source, target = offer.place, offer.source, offer.target
        if place.open is None:
            raise NotNow("visit_ended", "this visit has ended")
        here, there = (source.identity.id, place.slot), (target.identity.id, slot)
        moves = [PlaceMove(place.seat.booth_id, here, there)]
        guest = target.desk.seats.get(slot)
        if guest is not None:
            moves.append(PlaceMove(guest.booth_id, there, here))
        handed = c.HandedOver(
            source.identity.id, target.identity.id, offer.reason, offer.officer.id, officer.id
        )
        await place.open.change(
            lambda visit: visit.hand_over(handed), "officer", offer.officer.id, moves=moves
        )

    @contextlib.asynccontextmanager
    async def _room_made(self, live: LiveDesk) -> AsyncIterator[int]:
        """A place at this desk, empty or with a free booth, where nobody can sit down meanwhile.
        Raises `NotNow`."""
        awaited = await self._awaited(live)
        for slot in _rooms(live, awaited):
            if slot not in live.desk.seats:
                yield slot
                return
            guest = _place(live, slot)
            async with guest.asking:
                if guest.free:
                    yield slot
                    return
        raise NotNow("no_free_place", "all booths of this desk are in use")

    async def _awaited(self, live: LiveDesk) -> frozenset[int]:
        """Booths to which somebody was called who has not sat down yet."""
        tickets, today = self._sources.store.tickets, self._sources.today()
        branches = {seat.branch_id for seat in live.desk.seats.values()}
        called = [each for branch in branches for each in await tickets.called(branch, today)]
        return frozenset(each.called_booth_id for each in called if each.called_booth_id)

    async def _go_home(self, booth_id: int) -> None:
        """A booth that is away and free goes to its own place, if that is empty or a free booth
        is there. If not, it is tried again."""
        async with self._moving:
            found = self._desks.where(booth_id)
            home = None if found is None else found[0].desk.seats[found[1]].home
            if found is None or home is None:
                return
            try:
                await self._bring_home(booth_id, *found, *home)
            except PlaceTaken:
                return
            except (SQLAlchemyError, OSError) as error:
                _log.error("a booth could not go home", reason=type(error).__name__)

    async def _bring_home(
        self, booth_id: int, live: LiveDesk, slot: int, desk_id: int, home_slot: int
    ) -> None:
        own = await self._home_desk(desk_id)
        holder = own.desk.seats.get(home_slot)
        async with contextlib.AsyncExitStack() as held:
            places = [_place(live, slot)]
            if holder is not None:
                places.append(_place(own, home_slot))
            for each in places:
                await held.enter_async_context(each.asking)
            wraps_up = holder is not None and home_slot in own.desk.day.wrap_ups
            if not _may_go(live, slot) or wraps_up or not all(each.free for each in places):
                return
            here, there = (live.identity.id, slot), (desk_id, home_slot)
            moves = [PlaceMove(booth_id, here, there)]
            if holder is not None:
                moves.append(PlaceMove(holder.booth_id, there, here))
            await self._sources.store.booths.move(moves, self._sources.now())
            exchange(live, slot, own, home_slot)

    async def _home_desk(self, desk_id: int) -> LiveDesk:
        """Live, with all booths that are there, whether its officer has come or not."""
        store = self._sources.store
        desk = await store.branches.desk(desk_id)
        if desk is None:
            raise PlaceTaken("the booth's desk is gone")
        live = self._desks.desk(DeskIdentity(desk.id, desk.name, desk.branch, desk.branch_id))
        for booth in await store.booths.now_at(desk_id):
            self._desks.seat(live, booth)
        return live

    # --- telling --------------------------------------------------------------------------------

    def _end(self, offer: Offer, how: m.HandOverEnd) -> None:
        self._offers.remove(offer)
        found = offer.place.open
        visitor = None if found is None else views.visitor(found.visit)
        told = m.HandOverEnded(offer.place.slot, visitor, offer.colleague.display_name, how)
        _tell(offer.source, told)

    def _tell_offers(self, live: LiveDesk) -> None:
        offers = self._offers.to(live)
        now = tuple(each.id for each in offers)
        if live.console is None or now == self._told.get(live.identity.id, ()):
            return
        self._told[live.identity.id] = now
        told = [told for each in offers if (told := each.told()) is not None]
        _tell(live, m.HandOverOffers(told))


def _tell(live: LiveDesk, message: m.Message) -> None:
    if live.console is not None:
        live.console.client.send(message)


def _place(live: LiveDesk, slot: int) -> Place:
    visits = live.visits
    if not isinstance(visits, DeskVisits):
        raise TypeError("a desk without visits hands nothing over")
    return visits.place(slot)


def _may_go(live: LiveDesk, slot: int) -> bool:
    """Nobody is there, and the officer is done with who was."""
    return _place(live, slot).free and slot not in live.desk.day.wrap_ups


def _left_ms(pause: Break | None, now: datetime) -> int | None:
    """Of a break, as far as its end is known."""
    if pause is None or pause.back_at is None:
        return None
    return max(0, round((pause.back_at - now).total_seconds() * 1000))


def _visit_at(live: LiveDesk, slot: int, name: str) -> Place:
    """The booth with the visit that the officer sees. Raises `NotNow`."""
    place = _place(live, slot) if slot in live.desk.seats else None
    if place is None or place.open is None or views.visit_name(place.open.visit) != name:
        raise NotNow("another_visit", "this visit is not at that booth any more")
    return place


def _rooms(live: LiveDesk, awaited: frozenset[int]) -> list[int]:
    """Where a visit could come: empty places first, then booths that are free, connected ones
    first, so that the other desk gets one of use for it, and last those that wrap up."""
    seats = live.desk.seats
    empty = [slot for slot in range(1, SLOTS + 1) if slot not in seats]
    free = [
        seat
        for seat in seats.values()
        if _place(live, seat.slot).free and seat.booth_id not in awaited
    ]
    wrapping_up = live.desk.day.wrap_ups
    free.sort(key=lambda seat: (seat.slot in wrapping_up, not seat.joined))
    return empty + [seat.slot for seat in free]


def _room(live: LiveDesk, awaited: frozenset[int]) -> int | None:
    return next(iter(_rooms(live, awaited)), None)
