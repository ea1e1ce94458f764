from __future__ import annotations

from benchmarks.links.report import table, verdict
from benchmarks.links.row import Row

ROWS = [
    Row("clean", sound_gap_ms_per_min=12, focus_fps=29.7, used_kbps=2400),
    Row("rate150", focus_fps=0.0, short=("no picture is paused",)),
    Row("udp-blocked-turn", note="not connected: the server names no TURN server"),
]


def test_a_line_a_case_and_what_fell_short_below_it() -> None:
    lines = table(ROWS).splitlines()
    assert lines[1].split()[:3] == ["clean", "12", "30"]
    assert lines[1].endswith("yes")
    assert lines[2].endswith("NO")
    assert lines[3] == "  ! no picture is paused"
    assert lines[4].endswith("NO")
    assert lines[5] == "  ! not connected: the server names no TURN server"


def test_the_last_line() -> None:
    assert verdict(ROWS) == "1 of 3 cases hold; not: rate150, udp-blocked-turn"
    assert verdict(ROWS[:1]) == "1 of 1 cases hold"


def test_a_busy_machine_is_told_of() -> None:
    assert "busy, 99 %" in table([Row("clean", busy_percent=99.0)])
    assert "busy," not in table([Row("clean", busy_percent=80.0)])
