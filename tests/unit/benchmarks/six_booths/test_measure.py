"""The whole measurement, small: a real server process, and the same with a rule that leaks."""

from __future__ import annotations

import pytest

from benchmarks.six_booths.measure import Options, run
from benchmarks.six_booths.report import checks


@pytest.mark.parametrize("leaking", [False, True])
async def test_it_fails_when_the_rule_leaks_and_only_then(leaking: bool) -> None:
    options = Options(
        booths=2, seconds=None, switches=4, browser=False, break_privacy=leaking, seed=1
    )
    found = await run(options)
    assert found["switches"] == 4
    assert found["unheard"] == 0
    assert found["switch_to_booth_ms"]["count"] > 0
    assert found["join_ms"]["count"] == 10
    assert found["server_rss_mb"] > 0
    if leaking:
        assert found["leaks"] > 0
        assert any("no path may be" in finding for finding in found["findings"])
        assert any("dBFS" in finding for finding in found["findings"])
        assert not all(check.holds for check in checks(found))
    else:
        assert found["findings"] == []
        assert found["late_packets"] == 0
        assert all(check.holds for check in checks(found))
