"""An officer's day: what wrap-up, breaks and closing allow, and that there is always a way on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.unit.officer.test_desk import Recorder, occupant, seats
from vcs.messages import OfficerAway
from vcs.officer.day import Break, DayRefused, DeskDay
from vcs.officer.desk import CommandRefused, Desk, DeskRules
from vcs.officer.view import booth_state, desk_view
from vcs.visits.queue import use_of

AT = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
LUNCH = Break(1, 7, AT, AT, "10:45")


def busy_desk(count: int = 2) -> Desk:
    recorder = Recorder()
    desk = Desk(seats(count), recorder.enforce, recorder, DeskRules(), DeskDay(wrap_up_s=60.0))
    desk.officer_joined("Andi", 0.0)
    desk.officer_media_changed(True, 0.0)
    desk.microphone_changed(True, 0.0)
    for slot in desk.seats:
        desk.booth_joined(slot, 0.0)
        desk.booth_media_changed(slot, True, 0.0)
    return desk


def sit_down(desk: Desk, slot: int) -> None:
    desk.start_visit(slot, 1.0)
    desk.consent(slot, occupant(desk, slot), True, 1.0)


def code_of(command: Any, *args: Any) -> str:
    with pytest.raises((DayRefused, CommandRefused)) as refused:
        command(*args)
    return str(refused.value.code)  # type: ignore[attr-defined]


def test_a_booth_that_wraps_up_is_not_called_to_until_its_time_is_over() -> None:
    desk = busy_desk()
    desk.day.wrap_up(1, 10.0)
    assert desk_view(desk, {}, 10.0).tiles[0].state == "wrap_up"
    assert use_of(desk.seats[1], desk.day) == "wrapping_up"
    assert use_of(desk.seats[2], desk.day) == "free"
    desk.tick(69.9)
    assert not desk.day.may_be_called_to(1)
    desk.tick(70.0)
    assert desk.day.may_be_called_to(1)
    assert desk_view(desk, {}, 70.0).tiles[0].state == "empty"


def test_who_walks_in_during_wrap_up_may_begin_and_that_ends_it() -> None:
    desk = busy_desk()
    desk.day.wrap_up(1, 10.0)
    assert booth_state(desk, 1, 0).phase == "idle"
    sit_down(desk, 1)
    assert desk.seats[1].visit == "running"
    assert desk.day.wrap_ups == {}


def test_on_a_break_the_desk_is_in_hold_and_nobody_can_be_put_on_air() -> None:
    desk = busy_desk()
    sit_down(desk, 1)
    desk.talk(1, occupant(desk, 1), desk.revision, 2.0)
    desk.take_break(LUNCH, 3.0)
    assert desk.talk_slot is None
    assert desk.hold_reason == "break"
    assert code_of(desk.talk, 1, occupant(desk, 1), desk.revision, 4.0) == "on_break"
    assert code_of(desk.announce, desk.revision, 4.0) == "on_break"
    assert booth_state(desk, 1, 0).on_break == OfficerAway("10:45")
    assert use_of(desk.seats[2], desk.day) == "on_break"
    sit_down(desk, 2)  # what one does alone goes on
    desk.call(2, True, 5.0)
    assert desk_view(desk, {}, 5.0).next[0].reason == "calling"
    desk.day.overdue = True
    assert booth_state(desk, 1, 0).on_break == OfficerAway(None)
    assert desk.day.end_break() == LUNCH
    assert booth_state(desk, 1, 0).on_break is None
    desk.talk(1, occupant(desk, 1), desk.revision, 6.0)


def test_a_desk_that_closes_takes_nobody_new_and_closes_when_the_last_has_gone() -> None:
    desk = busy_desk()
    sit_down(desk, 1)
    desk.day.become("closing")
    desk.start_visit(2, 3.0)
    assert desk.seats[2].visit == "none"
    assert booth_state(desk, 2, 0).phase == "closed"
    assert booth_state(desk, 1, 0).phase == "waiting"
    assert use_of(desk.seats[2], desk.day) == "closed"
    desk.talk(1, occupant(desk, 1), desk.revision, 4.0)  # who is there is served
    assert code_of(desk.day.check_close, desk.day.revision, True) == "somebody_there"
    desk.end_visit(1, occupant(desk, 1), 5.0)
    desk.day.check_close(desk.day.revision, False)
    desk.day.become("closed")
    assert booth_state(desk, 1, 0).phase == "closed"
    desk.restore_visit(1, 6.0)
    assert desk.seats[1].visit == "none"
    assert code_of(desk.announce, desk.revision, 7.0) == "desk_closed"
    desk.day.become("open")
    assert booth_state(desk, 1, 0).phase == "idle"


def test_what_is_stale_or_out_of_place_is_refused() -> None:
    day = DeskDay()
    old = day.revision
    assert code_of(day.check_close, old, False) == "not_closing"
    day.begin_break(LUNCH)
    assert code_of(day.check_break, old) == "stale"
    assert code_of(day.check_break, day.revision) == "on_break"
    assert code_of(day.check_closing, day.revision) == "on_break"
    day.end_break()
    assert day.end_break() is None
    day.become("closing")
    assert code_of(day.check_close, old, False) == "stale"
    day.begin_break(LUNCH)
    assert code_of(day.check_close, day.revision, False) == "on_break"
    day.end_break()
    day.become("closed")
    assert code_of(day.check_break, day.revision) == "desk_closed"
    assert code_of(day.check_closing, day.revision) == "desk_closed"
    day.wrap_up(1, 0.0)
    assert day.wrap_ups == {}


class Days(RuleBasedStateMachine):
    """Two booths and an officer in any order. Commands come as pages give them: with the revision
    shown then, or an older one."""

    slots = st.sampled_from((1, 2))
    ages = st.integers(0, 2)

    @initialize()
    def open(self) -> None:
        self.desk = busy_desk()
        self.now = 2.0

    def attempt(self, command: Any, *args: Any) -> bool:
        try:
            command(*args)
        except (CommandRefused, DayRefused):
            return False
        return True

    @rule(slot=slots)
    def starts(self, slot: int) -> None:
        self.desk.start_visit(slot, self.now)

    @rule(slot=slots, agreed=st.booleans())
    def answers(self, slot: int, agreed: bool) -> None:
        if (who := self.desk.seats[slot].occupant) is not None:
            self.attempt(self.desk.consent, slot, who, agreed, self.now)

    @rule(slot=slots, attended=st.booleans())
    def ends(self, slot: int, attended: bool) -> None:
        seat = self.desk.seats[slot]
        if seat.occupant is not None:
            self.desk.end_visit(slot, seat.occupant, self.now)
            if attended:
                self.desk.day.wrap_up(slot, self.now)

    @rule(slot=slots)
    def loses_its_connection(self, slot: int) -> None:
        self.desk.booth_left(slot, self.now)

    @rule(slot=slots)
    def connects(self, slot: int) -> None:
        self.desk.booth_joined(slot, self.now)
        self.desk.booth_media_changed(slot, True, self.now)

    @rule(slot=slots)
    def has_its_visit_brought_back(self, slot: int) -> None:
        self.desk.restore_visit(slot, self.now)

    @rule(slot=slots)
    def talks(self, slot: int) -> None:
        who = self.desk.seats[slot].occupant
        self.attempt(self.desk.talk, slot, who or 1, self.desk.revision, self.now)

    @rule()
    def announces(self) -> None:
        self.attempt(self.desk.announce, self.desk.revision, self.now)

    @rule(age=ages)
    def leaves_for_a_break(self, age: int) -> None:
        if self.attempt(self.desk.day.check_break, self.desk.day.revision - age):
            self.desk.take_break(LUNCH, self.now)

    @rule()
    def comes_back(self) -> None:
        self.desk.day.end_break()

    @rule(age=ages)
    def begins_to_close(self, age: int) -> None:
        if self.attempt(self.desk.day.check_closing, self.desk.day.revision - age):
            self.desk.day.become("closing")

    @rule(age=ages)
    def closes(self, age: int) -> None:
        day = self.desk.day
        there = any(seat.visit != "none" for seat in self.desk.seats.values())
        if self.attempt(day.check_close, day.revision - age, there):
            day.become("closed")
            self.desk.hold(self.now)

    @precondition(lambda self: self.desk.day.status != "open")
    @rule()
    def opens(self) -> None:
        self.desk.day.become("open")

    @rule(seconds=st.sampled_from((1, 30, 61, 121)))
    def waits(self, seconds: int) -> None:
        self.now += seconds
        self.desk.tick(self.now)

    @invariant()
    def nobody_is_on_air_on_a_break_or_at_a_closed_desk(self) -> None:
        if self.desk.day.pause is not None or self.desk.day.status == "closed":
            assert self.desk.talk_slot is None
            assert not self.desk.announcing

    @invariant()
    def nobody_is_at_a_closed_desk(self) -> None:
        if self.desk.day.status == "closed":
            assert all(seat.visit == "none" for seat in self.desk.seats.values())

    @invariant()
    def a_booth_that_wraps_up_is_empty(self) -> None:
        for slot in self.desk.day.wrap_ups:
            assert self.desk.seats[slot].visit == "none"

    def teardown(self) -> None:
        """There is always a way on: back, open, two minutes, and each booth can be called to."""
        self.desk.day.end_break()
        self.desk.day.become("open")
        for slot, seat in self.desk.seats.items():
            self.desk.booth_joined(slot, self.now)
            if seat.occupant is not None:
                self.desk.end_visit(slot, seat.occupant, self.now)
        self.desk.tick(self.now + 61)
        for seat in self.desk.seats.values():
            assert use_of(seat, self.desk.day) == "free"


TestDays = Days.TestCase
