from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vcs.media.sequence import SENT_WINDOW, WINDOW, SentNumbers, SequenceMap, Unwrapper


@given(st.sampled_from([7, 15, 16]), st.data())
def test_unwrapping_follows_any_walk_within_half_a_turn(bits: int, data: st.DataObject) -> None:
    span = 1 << bits
    half = span // 2
    true = data.draw(st.integers(0, span - 1))
    unwrapper = Unwrapper(bits)
    assert unwrapper.unwrap(true) == true
    highest = true
    for step in data.draw(st.lists(st.integers(1 - half, half - 1), max_size=60)):
        true = max(0, highest + step)
        assert unwrapper.unwrap(true % span) == true
        highest = max(highest, true)
        assert unwrapper.highest == highest


@given(st.integers(0, 127), st.integers(0, 2**15 - 1))
def test_a_change_of_width_goes_on_upwards(before: int, after: int) -> None:
    unwrapper = Unwrapper(7)
    old = unwrapper.unwrap(before)
    new = unwrapper.change_width(15, after)
    assert new > old
    assert new % 2**15 == after
    assert unwrapper.unwrap((after + 1) % 2**15) == new + 1


class SequenceMapMachine(RuleBasedStateMachine):
    """Losses, drops, reordering, pauses, switches and jumps in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.map = SequenceMap(1000)
        self.source = 0
        self.first = 0
        self.begun = False
        self.kept: dict[int, int] = {}
        self.given: list[int] = []
        self.skipped: set[int] = set()
        self.missing: list[int] = []

    @rule(number=st.integers(0, 100_000))
    def begins(self, number: int) -> None:
        self.map.begin(number)
        self.source, self.first = number - 1, number
        self.kept, self.skipped, self.missing, self.begun = {}, set(), [], True

    @rule()
    def one_of_our_own(self) -> None:
        last = self.map.last
        assert self.map.take() == last + 1
        self.given.append(last + 1)
        self.begun, self.missing = False, []

    def note(self, source: int, ours: int) -> None:
        assert ours not in self.given, "a number is given out once"
        for other, its in self.kept.items():
            assert (other < source) == (its < ours), "the source's order is kept"
        self.kept[source] = ours
        self.given.append(ours)

    @precondition(lambda self: self.begun)
    @rule(lost=st.integers(0, 5))
    def arrives(self, lost: int) -> None:
        before = self.map.last
        self.missing += range(self.source + 1, self.source + 1 + lost)
        self.source += lost + 1
        ours = self.map.keep(self.source)
        assert ours == before + lost + 1
        assert self.map.keep(self.source) == ours
        self.note(self.source, ours)

    @precondition(lambda self: self.begun)
    @rule(lost=st.integers(0, 3))
    def is_dropped(self, lost: int) -> None:
        before = self.map.last
        self.missing += range(self.source + 1, self.source + 1 + lost)
        self.source += lost + 1
        self.map.skip(self.source)
        self.map.skip(self.source)
        self.skipped.add(self.source)
        assert self.map.last == before + lost

    @precondition(lambda self: self.missing)
    @rule(which=st.integers(0, 1000), keep=st.booleans())
    def comes_late(self, which: int, keep: bool) -> None:
        number = self.missing.pop(which % len(self.missing))
        if not keep:
            self.map.skip(number)
            self.skipped.add(number)
            return
        ours = self.map.keep(number)
        if self.source - number >= WINDOW:
            assert ours == -1
        else:
            assert 0 <= ours <= self.map.last
            self.note(number, ours)

    @precondition(lambda self: self.begun)
    @rule(by=st.integers(WINDOW + 1, 30_000))
    def jumps(self, by: int) -> None:
        before = self.map.last
        self.source += by
        ours = self.map.keep(self.source)
        assert ours == before + 2
        self.kept, self.missing, self.first = {}, [], self.source
        self.note(self.source, ours)

    @precondition(lambda self: self.begun)
    @invariant()
    def what_is_older_than_the_beginning_is_refused(self) -> None:
        assert self.map.keep(self.first - 1) == -1

    @invariant()
    def what_was_skipped_is_refused(self) -> None:
        for number in self.skipped:
            assert self.map.keep(number) == -1


TestSequenceMap = SequenceMapMachine.TestCase
TestSequenceMap.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def test_numbers_close_up_over_drops_and_pauses() -> None:
    mapped = SequenceMap(9)
    mapped.begin(100)
    assert mapped.keep(100) == 10
    mapped.skip(101)
    assert mapped.keep(103) == 12
    assert mapped.keep(102) == 11
    mapped.begin(7)
    assert [mapped.keep(6), mapped.keep(7), mapped.keep(103)] == [-1, 13, 109]


def test_the_window_is_a_power_of_two() -> None:
    with pytest.raises(ValueError):
        SequenceMap(0, 100)


@given(st.lists(st.integers(0, 400)))
def test_no_number_is_sent_twice(numbers: list[int]) -> None:
    sent = SentNumbers()
    seen: set[int] = set()
    for number in numbers:
        fresh = sent.mark(number)
        highest = max(seen, default=-1)
        assert fresh == (number not in seen and highest - number < SENT_WINDOW)
        if fresh:
            seen.add(number)
