from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.server_process import Cost, parse_numbers
from benchmarks.six_booths.air import HOLD, Air
from benchmarks.six_booths.report import checks, percentile, result, summary, table
from benchmarks.six_booths.tally import Tally
from benchmarks.six_booths.tones import Finding

COST = Cost(cpu_percent=12.34, rss_mb=120.56, seconds=10.0)


def tally() -> Tally:
    made = Tally(lost_packets=3, expected_packets=1000)
    for air in (Air(1), Air(2), HOLD, Air(announcing=True)):
        made.moved(air)
    for name in ("switch_to_booth_ms", "switch_to_officer_ms", "old_booth_silent_ms"):
        made.timed(name, [float(value) for value in range(1, 101)])
    made.timed("join_ms", 88.0)
    return made


def found(made: Tally, browser: bool = False) -> dict[str, Any]:
    before = {"packets_in": 100.0, "drop_no_route": 5.0, "drop_srtp_auth": 2.0}
    after = {
        "packets_in": 1100.0,
        "drop_no_route": 50.0,
        "drop_srtp_auth": 4.0,
        "loop_lag_seconds": 0.0015,
    }
    return result(
        made,
        COST,
        before,
        after,
        what="all headless",
        machine_busy_percent=50.0,
        own_share_percent=20.0,
        browser=browser,
        seed=1,
        old_booth_silent_from="acknowledgement" if browser else "command",
    )


def failed(made: dict[str, Any]) -> list[str]:
    return [check.words for check in checks(made) if not check.holds]


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1.0))
def test_a_percentile_was_measured_and_bounds_its_share(values: list[float], share: float) -> None:
    value = percentile(values, share)
    assert value in values
    assert sum(each <= value for each in values) >= share * len(values) - 1e-6
    assert sum(each < value for each in values) < share * len(values)


def test_percentiles_of_a_hundred_and_of_none() -> None:
    assert summary([float(value) for value in range(1, 101)]) == {
        "p50": 50.0,
        "p95": 95.0,
        "p99": 99.0,
        "count": 100,
    }
    assert summary([]) == {"p50": None, "p95": None, "p99": None, "count": 0}


def test_the_json_has_what_was_measured() -> None:
    made = json.loads(json.dumps(found(tally())))
    assert (made["switches"], made["holds"], made["announcements"]) == (2, 1, 1)
    assert (made["leaks"], made["late_packets"], made["lost_packets"]) == (0, 0, 3)
    assert (made["server_cpu_percent"], made["server_rss_mb"]) == (12.3, 120.6)
    assert made["server_packets_in_per_s"] == 100
    assert made["server_drops"] == {"drop_srtp_auth": 2}
    for name in ("switch_to_booth_ms", "switch_to_officer_ms", "old_booth_silent_ms", "join_ms"):
        assert set(made[name]) >= {"p50", "p95", "p99"}
    assert failed(made) == []
    shown = table(made)
    assert "lost packets      3 of 1000" in shown
    assert "FAIL" not in shown


def test_a_leak_a_late_packet_and_a_missing_sound_fail() -> None:
    bad = tally()
    bad.findings.append(Finding(7, "officer to booth 2", "300 Hz at -20 dBFS"))
    bad.late_packets = 1
    bad.unheard = 2
    made = found(bad)
    assert len(failed(made)) == 3
    assert "move 7: officer to booth 2: 300 Hz at -20 dBFS" in table(made)
    assert failed(found(Tally())), "a run without a switch has shown nothing"


def test_times_decide_in_real_browsers_alone() -> None:
    slow = tally()
    slow.timed("old_booth_silent_ms", [151.0] * 20)
    assert failed(found(slow)) == []
    assert failed(found(slow, browser=True)) == ["old booth silent: p95 151.0 ms, 150 or less"]
    silent = tally()
    silent.times["switch_to_booth_ms"].clear()
    assert failed(found(silent, browser=True))


def test_many_findings_are_not_all_shown() -> None:
    bad = tally()
    bad.findings += [Finding(at, "officer to booth 2", "a sound") for at in range(30)]
    assert "and 18 more" in table(found(bad))


def test_numbers_of_the_server() -> None:
    assert parse_numbers(["vcs_packets_in 12", "vcs_loop_lag_seconds 0.5", "# else", "x 1"]) == {
        "packets_in": 12.0,
        "loop_lag_seconds": 0.5,
    }
