"""Commands of a desk, and what they leave."""

from __future__ import annotations

from typing import Literal

import msgspec
import pytest

from vcs.officer.desk import CommandRefused, Desk, DeskRules
from vcs.officer.seat import Seat
from vcs.officer.view import booth_state, desk_view, next_up, places, tile_state
from vcs.privacy import DeskState


class Recorder:
    """Stands for the hub and the journal: writes down what it is told."""

    def __init__(self) -> None:
        self.states: list[DeskState] = []
        self.intervals: list[tuple[str, int]] = []
        self.open: set[int] = set()

    def enforce(self, state: DeskState) -> None:
        self.states.append(state)

    def opened(self, seat: Seat, kind: Literal["talk", "announce"]) -> int:
        self.intervals.append((kind, seat.slot))
        number = len(self.intervals)
        self.open.add(number)
        return number

    def closed(self, interval: object) -> None:
        assert isinstance(interval, int)
        self.open.remove(interval)


def seats(count: int = 6) -> list[Seat]:
    return [Seat(slot=n, booth_id=100 + n, name=f"Bilik {n}") for n in range(1, count + 1)]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def desk(recorder: Recorder) -> Desk:
    desk = Desk(seats(), recorder.enforce, recorder, DeskRules(announce_limit_s=60))
    desk.officer_joined("Andi", 0.0)
    desk.officer_media_changed(True, 0.0)
    desk.microphone_changed(True, 0.0)
    for slot in range(1, 7):
        desk.booth_joined(slot, 0.0)
        desk.booth_media_changed(slot, True, 0.0)
        desk.start_visit(slot, 0.0)
        desk.consent(slot, occupant(desk, slot), True, 1.0)
    return desk


def occupant(desk: Desk, slot: int) -> int:
    number = desk.seats[slot].occupant
    assert number is not None
    return number


def talk(desk: Desk, slot: int, now: float = 10.0) -> None:
    desk.talk(slot, occupant(desk, slot), desk.revision, now)


def refusal(desk: Desk, *args: object) -> str:
    with pytest.raises(CommandRefused) as caught:
        desk.talk(*args)  # type: ignore[arg-type]
    return caught.value.code


def test_talk_puts_one_booth_on_air_and_writes_it_down(desk: Desk, recorder: Recorder) -> None:
    talk(desk, 3)
    assert recorder.states[-1].talk == 3
    talk(desk, 5)
    assert recorder.states[-1].talk == 5
    assert recorder.intervals == [("talk", 3), ("talk", 5)]
    assert recorder.open == {2}
    desk.hold(20.0)
    assert recorder.states[-1].talk is None
    assert not recorder.open


def test_talk_to_the_booth_on_air_changes_nothing(desk: Desk, recorder: Recorder) -> None:
    talk(desk, 3)
    revision = desk.revision
    talk(desk, 3)
    assert desk.revision == revision
    assert recorder.intervals == [("talk", 3)]


def test_a_stale_revision_is_refused(desk: Desk) -> None:
    old = desk.revision
    talk(desk, 1)
    assert refusal(desk, 2, occupant(desk, 2), old, 11.0) == "stale"
    assert desk.talk_slot == 1


def test_another_occupant_is_refused(desk: Desk) -> None:
    before = occupant(desk, 2)
    desk.end_visit(2, before, 5.0)
    assert refusal(desk, 2, before, desk.revision, 11.0) == "occupant_changed"
    desk.start_visit(2, 6.0)
    assert refusal(desk, 2, before, desk.revision, 11.0) == "occupant_changed"
    assert refusal(desk, 2, occupant(desk, 2), desk.revision, 11.0) == "no_consent"


def test_what_keeps_a_booth_off_air(desk: Desk) -> None:
    desk.booth_media_changed(4, False, 5.0)
    assert refusal(desk, 4, occupant(desk, 4), desk.revision, 6.0) == "no_media"
    desk.booth_left(4, 6.0)
    assert refusal(desk, 4, occupant(desk, 4), desk.revision, 7.0) == "no_booth"
    desk.microphone_changed(False, 8.0)
    assert refusal(desk, 1, occupant(desk, 1), desk.revision, 9.0) == "no_microphone"
    desk.officer_media_changed(False, 9.0)
    assert refusal(desk, 1, occupant(desk, 1), desk.revision, 9.0) == "no_media"


@pytest.mark.parametrize(
    ("lose", "reason"),
    [
        (lambda desk: desk.officer_media_changed(False, 11.0), "officer_lost"),
        (lambda desk: desk.officer_left(11.0), "officer_lost"),
        (lambda desk: desk.microphone_changed(False, 11.0), "microphone_lost"),
        (lambda desk: desk.officer_joined("Maya", 11.0), "taken_over"),
        (lambda desk: desk.booth_left(3, 11.0), "booth_left"),
        (lambda desk: desk.booth_media_changed(3, False, 11.0), "booth_left"),
        (lambda desk: desk.booth_joined(3, 11.0), "booth_left"),
        (lambda desk: desk.end_visit(3, desk.seats[3].occupant, 11.0), "visit_ended"),
        (lambda desk: desk.booth_token_changed(3, 11.0), "booth_left"),
    ],
)
def test_it_fails_closed(desk: Desk, recorder: Recorder, lose: object, reason: str) -> None:
    talk(desk, 3)
    lose(desk)  # type: ignore[operator]
    assert recorder.states[-1].talk is None
    assert desk.hold_reason == reason
    assert not recorder.open


def test_nothing_comes_back_on_air_by_itself(desk: Desk) -> None:
    talk(desk, 3)
    desk.officer_media_changed(False, 11.0)
    desk.officer_media_changed(True, 12.0)
    assert desk.talk_slot is None
    talk(desk, 3, 13.0)
    desk.microphone_changed(False, 14.0)
    desk.microphone_changed(True, 15.0)
    assert desk.talk_slot is None


def test_announce_suspends_talk_and_ends_in_hold(desk: Desk, recorder: Recorder) -> None:
    talk(desk, 3)
    desk.announce(desk.revision, 12.0)
    assert recorder.states[-1].announce
    assert recorder.states[-1].talk is None
    assert len(recorder.open) == 6
    desk.end_announcement(13.0)
    assert not recorder.states[-1].announce
    assert desk.talk_slot is None
    assert desk.hold_reason == "announce_ended"
    assert not recorder.open


def test_announce_ends_by_itself(desk: Desk, recorder: Recorder) -> None:
    desk.announce(desk.revision, 100.0)
    desk.tick(159.9)
    assert desk.announcing
    desk.tick(160.0)
    assert not desk.announcing
    assert not recorder.states[-1].announce
    assert desk.hold_reason == "announce_timeout"


def test_a_late_release_of_the_key_does_not_end_a_talk(desk: Desk) -> None:
    desk.announce(desk.revision, 10.0)
    talk(desk, 2, 11.0)
    desk.end_announcement(12.0)
    assert desk.talk_slot == 2


def test_leaving_clears_consent_and_coming_back_asks_again(desk: Desk) -> None:
    before = occupant(desk, 3)
    desk.booth_left(3, 20.0)
    assert 3 not in desk.state().consented
    desk.booth_joined(3, 21.0)
    assert desk.seats[3].visit == "consent"
    assert occupant(desk, 3) != before
    assert 3 not in desk.state().consented
    desk.consent(3, occupant(desk, 3), True, 22.0)
    assert 3 in desk.state().consented


def test_a_visitor_who_stays_away_is_forgotten(desk: Desk) -> None:
    desk.booth_left(3, 20.0)
    desk.tick(139.0)
    assert desk.seats[3].visit == "consent"
    desk.tick(141.0)
    assert desk.seats[3].visit == "none"
    assert desk.seats[3].occupant is None


def test_text_goes_to_the_booth_on_air_alone(desk: Desk) -> None:
    with pytest.raises(CommandRefused, match="on air"):
        desk.send_text(3, occupant(desk, 3), "Halo")
    talk(desk, 3)
    desk.send_text(3, occupant(desk, 3), "Halo")
    text = booth_state(desk, 3, 0).text
    assert text is not None
    assert text.text == "Halo"
    assert all(booth_state(desk, slot, 0).text is None for slot in (1, 2, 4, 5, 6))
    desk.text_read(3, 99)
    assert desk.seats[3].text is not None
    desk.text_read(3, text.number)
    assert desk.seats[3].text is None


def test_a_call_is_answered_by_talking(desk: Desk) -> None:
    desk.call(2, True, 30.0)
    assert tile_state(desk, desk.seats[2]) == "calling"
    assert next_up(desk, {n: 4 for n in range(1, 7)}, 31.0)[0].slot == 2
    talk(desk, 2, 31.0)
    assert desk.seats[2].called_since is None
    desk.call(2, True, 32.0)
    assert desk.seats[2].called_since is None


def test_who_needs_the_officer_most(desk: Desk) -> None:
    for slot, moment in ((1, 40.0), (5, 50.0)):
        talk(desk, slot, moment)
    desk.hold(60.0)
    desk.call(6, True, 61.0)
    desk.call(4, True, 62.0)
    links = {1: 4, 2: 4, 3: 1, 4: 4, 5: 4, 6: 4}
    order = [(line.slot, line.reason) for line in next_up(desk, links, 70.0)]
    assert order == [
        (6, "calling"),
        (4, "calling"),
        (2, "waiting"),
        (1, "waiting"),
        (5, "waiting"),
        (3, "link"),
    ]


def test_the_place_of_who_has_finished_is_by_the_same_ranking(desk: Desk) -> None:
    """1 is next; whoever is not done with what he can do alone has none."""
    links = {1: 1, 2: 4, 3: 4, 4: 4, 5: 0, 6: 4}
    finished = {1, 3, 5}
    assert places(desk, set()) == {}
    assert places(desk, finished) == {1: 1, 3: 2, 5: 3}
    desk.call(5, True, 11.0)
    desk.call(2, True, 12.0)
    talk(desk, 6)
    order = [line.slot for line in next_up(desk, links, 30.0, finished)]
    assert order == [5, 2, 1, 3, 4]
    assert places(desk, finished) == {5: 1, 1: 3, 3: 4}
    talk(desk, 1)
    assert places(desk, finished) == {5: 1, 3: 3}, "who is on air waits for nobody"
    desk.hold(40.0)
    assert places(desk, finished) == {5: 1, 3: 3, 1: 4}, "and is behind those who wait since then"
    desk.booth_left(3, 41.0)
    assert places(desk, finished) == {5: 1, 1: 3}


def test_what_a_booth_is_told_does_not_move_with_others(desk: Desk) -> None:
    """But for its visitor's place."""
    before = booth_state(desk, 1, 0)
    finished = {1, 3}
    desk.call(3, True, 10.5)
    with_place = booth_state(desk, 1, 0, places(desk, finished)[1])
    assert with_place.place == 2
    assert msgspec.structs.replace(with_place, place=None) == before
    desk.call(3, False, 10.5)
    talk(desk, 2)
    desk.call(3, True, 11.0)
    desk.booth_left(4, 12.0)
    desk.end_visit(5, occupant(desk, 5), 12.0)
    desk.start_visit(5, 13.0)
    desk.hold(14.0)
    assert booth_state(desk, 1, 0) == before


def test_the_view_of_an_empty_desk_has_six_places(recorder: Recorder) -> None:
    desk = Desk(seats(1), recorder.enforce, recorder)
    view = desk_view(desk, {}, 5.0)
    assert [tile.state for tile in view.tiles] == ["offline", *["vacant"] * 5]


def test_nothing_of_a_visitor_stays(desk: Desk) -> None:
    talk(desk, 3)
    desk.send_text(3, occupant(desk, 3), "Nama Ibu siapa?")
    desk.cannot_hear(3, True)
    desk.end_visit(3, occupant(desk, 3), 20.0)
    state = booth_state(desk, 3, 0)
    assert (state.phase, state.visit, state.occupant, state.text) == ("idle", "none", None, None)
    assert not state.cannot_hear
    assert not state.called


@pytest.mark.parametrize("agreed", [True, False], ids=["after consent", "while asked"])
def test_a_new_occupant_sees_nothing_of_the_one_before(desk: Desk, agreed: bool) -> None:
    talk(desk, 3)
    before = occupant(desk, 3)
    desk.send_text(3, before, "Nama Ibu siapa?")
    desk.cannot_hear(3, True)
    if not agreed:
        desk.booth_left(3, 20.0)
    desk.booth_joined(3, 21.0)
    assert occupant(desk, 3) != before
    tile = desk_view(desk, {}, 22.0).tiles[2]
    assert (tile.state, tile.text, tile.cannot_hear) == ("consent", None, False)
    desk.consent(3, occupant(desk, 3), True, 23.0)
    state = booth_state(desk, 3, 0)
    assert (state.phase, state.text, state.cannot_hear) == ("hold", None, False)


def test_a_text_for_the_one_before_does_not_reach_a_new_occupant(desk: Desk) -> None:
    talk(desk, 3)
    before = occupant(desk, 3)
    desk.booth_joined(3, 21.0)
    desk.booth_media_changed(3, True, 21.0)
    desk.consent(3, occupant(desk, 3), True, 22.0)
    talk(desk, 3, 23.0)
    with pytest.raises(CommandRefused, match="somebody else"):
        desk.send_text(3, before, "Nama Ibu siapa?")
    assert booth_state(desk, 3, 0).text is None
