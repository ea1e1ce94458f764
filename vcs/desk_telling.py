"""What the clients of a live desk are told: the console the whole desk, each booth its own state,
and figures that the next ones replace. Nothing is changed here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from vcs import messages as m
from vcs.desk_stats import ClientStats, DeskStats
from vcs.officer.view import booth_state, desk_view, places
from vcs.privacy import OFFICER, Booth, Party

if TYPE_CHECKING:
    from vcs.live_desk import LiveDesk


class DeskTelling:
    """One for each live desk."""

    def __init__(self, live: LiveDesk) -> None:
        self._live = live
        self._watched: Party | None = None
        self._links: tuple[dict[int, int], frozenset[int]] = ({}, frozenset())

    def publish(self) -> None:
        """Tell the console, and each booth whose own state differs from what it was last told."""
        live, visits = self._live, self._live.visits
        if visits is not None:
            visits.notice()
        if live.hand_overs is not None:
            live.hand_overs.notice(live)
        finished = self._finished()
        waiting = places(live.desk, finished)
        for slot, line in live.booths.items():
            before = line.told
            state = booth_state(live.desk, slot, before.seq if before else 0, waiting.get(slot))
            if state != before:
                line.told = msgspec.structs.replace(state, seq=state.seq + 1)
                line.client.send(line.told)
        if live.console is not None:
            live.console.client.send(self._view(finished))
        if visits is not None:
            visits.tell()
        if live.day is not None:
            live.day.tell()

    def publish_links(self) -> None:
        """Tell the console how the pictures come, in few words."""
        live = self._live
        if live.console is not None:
            view = self._view(self._finished())
            links = [tile.link for tile in view.tiles]
            paused = [tile.paused for tile in view.tiles]
            live.console.client.send(m.Links(links, paused, view.next))

    def _finished(self) -> frozenset[int]:
        """Whose visitor can do no more alone."""
        live, visits = self._live, self._live.visits
        if visits is None:
            return frozenset()
        return frozenset(slot for slot in live.desk.seats if visits.waits_for_officer(slot))

    def _view(self, finished: frozenset[int]) -> m.DeskView:
        """What is told now; pictures are sent by the same order of need."""
        live, visits = self._live, self._live.visits
        self._links = self._links_now()
        links, paused = self._links
        view = desk_view(live.desk, links, time.monotonic(), paused, finished)
        tiles = view.tiles
        if visits is not None:
            tiles = [visits.on_tile(tile) for tile in tiles]
        if live.hand_overs is not None:
            tiles = [live.hand_overs.on_tile(live, tile) for tile in tiles]
        on_air = [] if view.on_air is None else [view.on_air]
        live.hub.order(live.identity.id, [*on_air, *(line.slot for line in view.next)])
        return msgspec.structs.replace(view, tiles=tiles)

    @property
    def links_changed(self) -> bool:
        """The console shows other links than there are now."""
        return self._live.console is not None and self._links_now() != self._links

    def _links_now(self) -> tuple[dict[int, int], frozenset[int]]:
        """The quality of each booth's link, and whose picture the console's has no room for."""
        live, desk = self._live, self._live.identity.id
        return (
            {slot: live.hub.link_quality(desk, Booth(slot)) for slot in live.booths},
            frozenset(slot for slot in live.booths if live.hub.paused(desk, slot)),
        )

    def levels(self) -> None:
        """Ten times a second: sound levels to the console."""
        live = self._live
        if live.console is None:
            return
        levels = [live.hub.level(live.identity.id, slot) for slot in range(1, 7)]
        if any(level is not None for level in levels):
            live.console.client.send_if_idle(m.Levels(levels))

    def watch_link(self, message: m.WatchLink | None) -> None:
        """Which link the officer looks at; None: another console has come."""
        if message is None:
            self._watched = None
            return
        self._watched = OFFICER if message.own else _booth(message.slot)
        self.details()

    def forget_link(self, slot: int) -> None:
        """The booth in this place has gone."""
        if self._watched == Booth(slot):
            self._watched = None

    def details(self) -> None:
        """Once a second: the link that the officer looks at."""
        live, watched = self._live, self._watched
        if live.console is None or watched is None:
            return
        link = live.hub.link_stats(live.identity.id, watched)
        if not isinstance(watched, Booth):
            live.console.client.send_if_idle(m.LinkDetails(None, link))
            return
        own = live.hub.link_stats(live.identity.id, OFFICER)
        given = () if own is None else own.given
        shown = next((each for each in given if each.slot == watched.slot), None)
        live.console.client.send_if_idle(m.LinkDetails(watched.slot, link, shown))

    def stats(self) -> DeskStats:
        """Every client of the desk, for those who watch over the server."""
        live = self._live
        parties: list[Party] = [Booth(slot) for slot in sorted(live.booths)]
        if live.console is not None:
            parties.insert(0, OFFICER)
        return DeskStats(
            id=live.identity.id,
            name=live.identity.name,
            branch=live.identity.branch,
            on_air=live.desk.talk_slot,
            announcing=live.desk.announcing,
            clients=[
                ClientStats(
                    slot=party.slot if isinstance(party, Booth) else None,
                    link=live.hub.link_stats(live.identity.id, party),
                )
                for party in parties
            ],
        )


def _booth(slot: int | None) -> Booth | None:
    return None if slot is None else Booth(slot)
