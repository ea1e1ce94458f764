"""When the officer was with which booth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vcs.visits.attendance import MAX_INTERVALS, Attendance
from vcs.visits.changes import Attention

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_focus_and_air_are_written_down() -> None:
    attendance = Attendance()
    attendance.note(None, 2, at(0))
    attendance.note(2, 2, at(10))
    attendance.note(None, 3, at(25))
    assert attendance.present(3)
    assert not attendance.present(2)
    assert attendance.of(2, at(60)) == [
        Attention("focus", "2026-11-21T09:00:00.000Z", "2026-11-21T09:00:10.000Z"),
        Attention("on_air", "2026-11-21T09:00:10.000Z", "2026-11-21T09:00:25.000Z"),
    ]
    assert attendance.of(1, at(60)) == []


def test_a_finished_step_starts_anew() -> None:
    attendance = Attendance()
    attendance.note(1, None, at(0))
    attendance.forget(1, at(10))
    assert attendance.present(1)
    assert attendance.of(1, at(10)) == []
    assert [each.started for each in attendance.of(1, at(12))] == ["2026-11-21T09:00:10.000Z"]


def test_an_officer_who_is_gone_is_nowhere() -> None:
    attendance = Attendance()
    attendance.note(1, 2, at(0))
    attendance.note(None, None, at(5))
    assert not attendance.present(1)
    assert not attendance.present(2)


@given(
    st.lists(
        st.tuples(st.none() | st.integers(1, 6), st.none() | st.integers(1, 6), st.floats(0, 9)),
        max_size=40,
    )
)
def test_intervals_never_overlap_and_never_go_back(
    notes: list[tuple[int | None, int | None, float]],
) -> None:
    attendance = Attendance()
    now = 0.0
    for on_air, focus, wait in notes:
        attendance.note(on_air, focus, at(now))
        now += wait
    for slot in range(1, 7):
        found = attendance.of(slot, at(now))
        assert len(found) <= MAX_INTERVALS + 1
        edges = [edge for each in found for edge in (each.started, each.ended)]
        assert edges == sorted(edges)
