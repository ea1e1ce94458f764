from __future__ import annotations

import pytest

from benchmarks.links.cases import CASES, Case, at_port
from benchmarks.links.measure import available_kbps


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_steps_come_in_order_and_leave_time_to_recover(case: Case) -> None:
    times = [step.at_s for step in case.steps]
    assert times == sorted(times)
    assert times[0] == 0
    if case.back is not None:
        assert case.bars.recovery_ms is not None
        longest = case.bars.recovery_ms + case.back.bin_ms * case.back.in_a_row
        assert (case.seconds - times[-1]) * 1000 > longest


def test_the_mean_rate_of_a_link_that_changes() -> None:
    drop = CASES["drop3000to500"]
    assert available_kbps(drop.steps, "down", drop.seconds) == round((25 * 3000 + 15 * 500) / 40)
    assert available_kbps(drop.steps, "up", drop.seconds) is None
    thin = CASES["publisher450"]
    assert available_kbps(thin.steps, "up", thin.seconds) == 450


def test_the_media_port_is_filled_in() -> None:
    shape = CASES["udp-blocked-turn"].steps[0].down
    assert at_port(shape, 41777).blocked == ("udp", "tcp:41777")
