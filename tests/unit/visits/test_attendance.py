"""When an officer was with a booth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vcs.visits.attendance import MAX_INTERVALS, Attendance, Kind
from vcs.visits.changes import Attention

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
ANDI, MAYA = 1, 2


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_focus_and_air_are_written_down_with_the_officer() -> None:
    attendance = Attendance()
    attendance.note("focus", ANDI, at(0))
    attendance.note("on_air", ANDI, at(10))
    attendance.note(None, None, at(25))
    assert not attendance.present
    attendance.note("focus", MAYA, at(30))
    assert attendance.present
    assert attendance.of(at(60)) == [
        Attention("focus", "2026-11-21T09:00:00.000Z", "2026-11-21T09:00:10.000Z", ANDI),
        Attention("on_air", "2026-11-21T09:00:10.000Z", "2026-11-21T09:00:25.000Z", ANDI),
        Attention("focus", "2026-11-21T09:00:30.000Z", "2026-11-21T09:01:00.000Z", MAYA),
    ]


def test_another_officer_at_the_same_desk_begins_anew() -> None:
    attendance = Attendance()
    attendance.note("focus", ANDI, at(0))
    attendance.note("focus", MAYA, at(10))
    assert [each.officer for each in attendance.of(at(20))] == [ANDI, MAYA]


def test_a_finished_step_starts_anew() -> None:
    attendance = Attendance()
    attendance.note("on_air", ANDI, at(0))
    attendance.forget(at(10))
    assert attendance.present
    assert attendance.of(at(10)) == []
    assert [each.started for each in attendance.of(at(12))] == ["2026-11-21T09:00:10.000Z"]


@given(
    st.lists(
        st.tuples(
            st.none() | st.sampled_from(["on_air", "focus"]), st.integers(1, 3), st.floats(0, 9)
        ),
        max_size=40,
    )
)
def test_intervals_never_overlap_and_never_go_back(
    notes: list[tuple[Kind | None, int, float]],
) -> None:
    attendance = Attendance()
    now = 0.0
    for kind, officer, wait in notes:
        attendance.note(kind, officer, at(now))
        now += wait
    found = attendance.of(at(now))
    assert len(found) <= MAX_INTERVALS + 1
    edges = [edge for each in found for edge in (each.started, each.ended)]
    assert edges == sorted(edges)
