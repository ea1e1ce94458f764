from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.forwarding.measure import Row
from benchmarks.forwarding.report import CM, GCM, checks, medians, table

JANUS = Row(
    server="janus",
    srtp=CM,
    desks=4,
    cpu_us_per_packet=100.0,
    latency_p50_us=300.0,
    latency_p99_us=2_000.0,
    lost=0,
    strays=0,
    delivered=1_000,
    expected=1_000,
    rss_mb=30.0,
    cpu_percent=90.0,
    generator_cpu_percent=50.0,
    generator_late_p99_ms=0.5,
    generator_limited=False,
)
FLOOR = replace(JANUS, server="floor", srtp="none", cpu_us_per_packet=20.0, latency_p99_us=300.0)
OURS = replace(JANUS, server="vcs", cpu_us_per_packet=44.0)


def failed(*rows: Row) -> list[str]:
    return [what for holds, what in checks(rows) if not holds]


def test_within_all_bars() -> None:
    assert failed(FLOOR, JANUS, OURS) == []
    assert len(checks([FLOOR, JANUS, OURS])) == 4


@pytest.mark.parametrize(
    ("worse", "words"),
    [
        ({"cpu_us_per_packet": 46.0}, "0.46 of Janus's cost"),
        ({"latency_p99_us": 2_400.0}, "p99 2100 us over the floor's"),
        ({"lost": 1}, "1 lost"),
        ({"strays": 2}, "2 strays"),
        ({"generator_limited": True}, "the load was the limit"),
    ],
)
def test_each_bar_can_fail(worse: dict[str, float], words: str) -> None:
    (told,) = failed(FLOOR, JANUS, replace(OURS, **worse))
    assert words in told


def test_alone_has_a_bar_of_its_own() -> None:
    alone = replace(OURS, desks=12, srtp=GCM, latency_p99_us=5_001.0)
    (told,) = failed(alone)
    assert "p99 5001 us" in told
    assert failed(replace(alone, latency_p99_us=4_999.0)) == []


def test_the_middle_of_figures_and_the_worst_of_losses() -> None:
    runs = [
        replace(OURS, cpu_us_per_packet=cost, lost=lost) for cost, lost in ((9, 0), (1, 7), (5, 0))
    ]
    (row,) = medians(runs)
    assert (row.cpu_us_per_packet, row.lost, row.delivered) == (5, 7, 3_000)


def test_the_table_shows_shares_of_janus() -> None:
    lines = table([FLOOR, JANUS, OURS]).splitlines()
    assert [line.split()[4] for line in lines[1:]] == ["0.20", "1.00", "0.44"]
    assert table([OURS]).splitlines()[1].split()[4] == "-"
