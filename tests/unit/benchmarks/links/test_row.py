from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.links.cases import CASES, Bars
from benchmarks.links.row import Row, shortcomings

GOOD = Row(
    "rate3000",
    sound_gap_ms_per_min=0,
    focus_fps=28.0,
    thumb_fps=15.0,
    freezes=0,
    longest_freeze_ms=0,
    recovery_ms=2000,
    used_kbps=2500,
    available_kbps=3000,
    queue_ms=20,
    focus_height=720,
    demand_kbps=2800,
)
ALL = Bars(
    focus_fps=20,
    focus_height=720,
    thumb_fps=10,
    longest_freeze_ms=2000,
    recovery_ms=3000,
    steady=True,
    queue_ms=100,
)
IN_ISSUE = {
    "clean", "loss1", "loss5", "loss10", "loss30", "burst10", "delay300", "jitter50", "rate3000",
    "rate1000", "rate500", "rate150", "drop3000to500", "outage20", "address-change",
    "udp-blocked-tcp", "udp-blocked-turn", "publisher450",
}  # fmt: skip


def test_a_good_row_passes() -> None:
    assert shortcomings(GOOD, ALL) == ()
    assert GOOD.passed


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"sound_gap_ms_per_min": 201}, "sound"),
        ({"focus_fps": 19.9}, "focus"),
        ({"focus_height": 360}, "lines"),
        ({"thumb_fps": 9.0}, "others"),
        ({"longest_freeze_ms": 2001}, "freeze"),
        ({"recovery_ms": 3001}, "recovery"),
        ({"recovery_ms": None}, "recovery"),
        ({"queue_ms": 101}, "queue"),
        ({"used_kbps": 2200}, "used"),
        ({"available_kbps": None}, "not known"),
    ],
)
def test_each_figure_can_fail_alone(changes: dict[str, float | None], word: str) -> None:
    found = shortcomings(replace(GOOD, **changes), ALL)  # type: ignore[arg-type]
    assert len(found) == 1
    assert word in found[0]
    assert not replace(GOOD, short=found).passed


def test_more_is_not_used_than_there_is_demand_for() -> None:
    little = replace(GOOD, used_kbps=900, demand_kbps=1000)
    assert shortcomings(little, ALL) == ()


def test_paused_pictures_are_there_and_marked() -> None:
    marked = Bars(marked=True)
    assert shortcomings(GOOD, marked) == ("no picture is paused",)
    still = replace(GOOD, still=("tile2", "tile3"))
    assert shortcomings(still, marked) == ()
    (found,) = shortcomings(replace(still, unmarked=("tile3",)), marked)
    assert "tile3" in found


def test_a_case_that_could_not_be_run_has_failed() -> None:
    row = Row("udp-blocked-tcp", note="not connected: the server's answer has no TCP candidate")
    told = row.as_json()
    assert told["pass"] is False
    assert told["short"] == [row.note]


def test_the_json_has_every_figure_of_every_case() -> None:
    names = {
        "case", "sound_gap_ms_per_min", "focus_fps", "thumb_fps", "freezes", "longest_freeze_ms",
        "recovery_ms", "used_kbps", "available_kbps", "queue_ms", "pass",
    }  # fmt: skip
    assert names <= set(GOOD.as_json())
    assert set(CASES) == IN_ISSUE
