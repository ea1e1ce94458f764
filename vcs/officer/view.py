"""What a console and a booth are told of a desk: messages made from its state, nothing kept here
but since when a tile shows what it shows."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from typing import Final

from vcs.messages import (
    BoothPhase,
    BoothState,
    DeskView,
    NextUp,
    OfficerAway,
    Reason,
    Tile,
    TileState,
)
from vcs.officer.desk import Desk
from vcs.officer.seat import Seat

WEAK_LINK = 1
SLOTS = 6
REASONS: Final[tuple[Reason, ...]] = ("calling", "finished", "waiting", "link")
"""Most urgent first."""


def _ms(since: float | None, now: float) -> int | None:
    return None if since is None else max(0, round((now - since) * 1000))


def hears_officer(desk: Desk, seat: Seat) -> bool:
    """The officer's sound flows to this booth now."""
    if desk.announcing:
        return seat.joined and seat.media
    return desk.talk_slot == seat.slot


def tile_state(desk: Desk, seat: Seat) -> TileState:
    """The one clear state of a tile, the weightiest first."""
    if not seat.joined:
        return "offline"
    if desk.announcing and seat.media:
        return "announce"
    if desk.talk_slot == seat.slot:
        return "on_air"
    if seat.visit == "none":
        return "wrap_up" if seat.slot in desk.day.wrap_ups else "empty"
    if seat.visit == "consent":
        return "consent"
    if seat.called_since is not None:
        return "calling"
    return "waiting" if seat.last_talk is None else "hold"


def booth_phase(desk: Desk, seat: Seat) -> BoothPhase:
    """Which screen the booth shows: what its tile says, in the visitor's terms."""
    if not seat.in_service:
        return "out_of_service"
    match tile_state(desk, seat):
        case "on_air" | "announce" | "consent" as phase:
            return phase
        case "calling" | "waiting" | "hold":
            return "waiting" if seat.last_talk is None else "hold"
        case _:
            return "idle" if desk.day.takes_visitors else "closed"


def booth_state(desk: Desk, slot: int, seq: int, place: int | None = None) -> BoothState:
    """The booth's own state; nothing in it depends on another booth but `place`, the visitor's own
    among those who wait (`places`)."""
    seat = desk.seats[slot]
    hears = hears_officer(desk, seat)
    officer_here = desk.officer is not None and desk.officer_media
    return BoothState(
        seq=seq,
        phase=booth_phase(desk, seat),
        visit=seat.visit,
        occupant=seat.occupant,
        hears=hears,
        heard=desk.talk_slot == slot,
        seen=officer_here and seat.consented and seat.media,
        officer_seen=hears
        or (desk.rules.officer_video_to_all and officer_here and seat.joined and seat.media),
        officer=desk.officer,
        called=seat.called_since is not None,
        cannot_hear=seat.cannot_hear,
        text=seat.text,
        language=seat.language,
        colleague=seat.colleague,
        on_break=None if desk.day.pause is None else OfficerAway(desk.day.back),
        place=place,
    )


def desk_view(
    desk: Desk,
    links: Mapping[int, int],
    now: float,
    paused: Container[int] = (),
    finished: Container[int] = (),
) -> DeskView:
    """The whole desk for its console. `links` is the quality 0 to 4 of each slot's link; `paused`
    are slots whose picture the console has no room for, `finished` those whose visitor can do no
    more alone."""
    tiles = [
        _tile(desk, slot, links.get(slot, 0), slot in paused, now) for slot in range(1, SLOTS + 1)
    ]
    return DeskView(
        revision=desk.revision,
        on_air=desk.talk_slot,
        announcing=desk.announcing,
        air_ms=_ms(desk.air_since, now),
        hold_reason=desk.hold_reason,
        focus=desk.focus,
        media=desk.officer_media,
        tiles=tiles,
        next=next_up(desk, links, now, finished),
    )


def _tile(desk: Desk, slot: int, link: int, paused: bool, now: float) -> Tile:
    seat = desk.seats.get(slot)
    if seat is None:
        return Tile(slot=slot, state="vacant", name="")
    state = tile_state(desk, seat)
    if state != seat.shown:
        seat.shown, seat.shown_since = state, now
    return Tile(
        slot=slot,
        state=state,
        name=seat.name,
        branch=seat.branch,
        occupant=seat.occupant,
        consented=seat.consented,
        sees=desk.officer_media and seat.consented and seat.media,
        media=seat.media,
        link=link if seat.joined else 0,
        paused=paused and seat.consented and seat.media,
        state_ms=_ms(seat.shown_since, now),
        visit_ms=_ms(seat.visit_since, now),
        last_talk_ms=_ms(seat.last_talk, now),
        call_ms=_ms(seat.called_since, now),
        cannot_hear=seat.cannot_hear,
        camera=seat.camera,
        microphone=seat.microphone,
        document=seat.document,
        language=seat.language,
        text=seat.text,
    )


def next_up(
    desk: Desk, links: Mapping[int, int], now: float, finished: Container[int] = ()
) -> list[NextUp]:
    """Who needs the officer most, as `_ranked` has them."""
    return [
        NextUp(seat.slot, reason, _ms(since, now) or 0)
        for seat, reason, since in _ranked(desk, links, finished)
    ]


def places(desk: Desk, finished: Collection[int]) -> dict[int, int]:
    """The place of each of `finished` among those who wait, 1 is next, by the same ranking. Links
    do not matter to it: whoever has finished comes before those with a weak one."""
    ranked = enumerate(_ranked(desk, {}, finished), 1)
    return {seat.slot: place for place, (seat, _, _) in ranked if seat.slot in finished}


def _ranked(
    desk: Desk, links: Mapping[int, int], finished: Container[int]
) -> list[tuple[Seat, Reason, float]]:
    """Each with the reason and since when: called for help, finished and waiting, waited longest,
    link trouble.

    A visitor on air needs nobody. Those who called come first, the earliest call before others.
    """
    found: list[tuple[Seat, Reason, float]] = []
    for seat in desk.seats.values():
        if not seat.consented or desk.talk_slot == seat.slot:
            continue
        since = seat.last_talk if seat.last_talk is not None else seat.waiting_since or 0.0
        if seat.called_since is not None:
            found.append((seat, "calling", seat.called_since))
        elif seat.slot in finished:
            found.append((seat, "finished", since))
        elif links.get(seat.slot, 0) <= WEAK_LINK and seat.media:
            found.append((seat, "link", since))
        else:
            found.append((seat, "waiting", since))
    return sorted(found, key=lambda each: (REASONS.index(each[1]), each[2], each[0].slot))
