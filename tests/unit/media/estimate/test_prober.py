from __future__ import annotations

import numpy as np
import pytest

from vcs.media.delivery import Deliveries
from vcs.media.estimate.prober import (
    AFTER_DROP_S,
    BELOW_FULL,
    CLUSTER_S,
    ENOUGH,
    FACTOR,
    FIRST_FACTOR,
    INTERVAL_S,
    MAX_INTERVAL_S,
    TIMEOUT_S,
    ProbeCluster,
    Prober,
    ProbeResult,
)


def carried(cluster: ProbeCluster, link: float, lose: int = 0, steps: int = 5) -> Deliveries:
    """The cluster as a tick sends it, `steps` bursts, over a link of so many bit/s; then one packet
    more, sent after it."""
    sent: list[int] = []
    for step in range(steps):
        now = cluster.start_us / 1e6 + step * CLUSTER_S / steps
        while (due := cluster.padding_due(now, 280 * len(sent))) > 0:
            assert due <= cluster.octets
            sent.append(int(now * 1e6))
    free, arrival = 0.0, []
    for at in sent:
        free = max(free, at) + 280 * 8e6 / link
        arrival.append(int(free) + 20_000)
    sent.append(cluster.end_us + 5000)
    arrival.append(max(arrival[-1], cluster.end_us) + 30_000)
    lost = np.zeros(len(sent), np.bool_)
    lost[1 : 1 + lose] = True
    return Deliveries(np.array(sent), np.array(arrival), np.full(len(sent), 280), lost, 0, True)


def planned(prober: Prober, estimate: float, wanted: float, now: float) -> ProbeCluster:
    cluster = prober.plan(estimate, wanted, True, now)
    assert cluster is not None
    return cluster


def test_the_first_goes_far_and_no_further_than_wanted() -> None:
    cluster = planned(Prober(), 1e6, 10e6, 0.0)
    assert cluster.bits_per_s == FIRST_FACTOR * 1e6
    assert cluster.octets == pytest.approx(cluster.bits_per_s * CLUSTER_S / 8, abs=1)
    assert planned(Prober(), 1e6, 1.5e6, 0.0).bits_per_s == int(ENOUGH * 1.5e6)


def test_none_without_need_or_calm_or_beside_another() -> None:
    prober = Prober()
    assert prober.plan(1e6, 1e6, True, 0.0) is None
    assert prober.plan(1e6, 5e6, False, 0.0) is None
    planned(prober, 1e6, 5e6, 0.0)
    assert prober.plan(1e6, 5e6, True, 0.1) is None


def test_padding_comes_evenly_and_counts_the_media() -> None:
    cluster = ProbeCluster(1_000_000, 6250, 1_000_000, 1_050_000)
    assert cluster.padding_due(0.99, 0) == 0
    assert cluster.padding_due(1.0, 0) == 1250
    assert cluster.padding_due(1.02, 1250) == 2500
    assert cluster.padding_due(1.02, 5000) == 0, "the media are enough by themselves"
    assert cluster.padding_due(1.05, 5000) == 1250
    assert cluster.padding_due(1.06, 0) == 0


def test_a_link_that_bears_it_gives_its_rate() -> None:
    prober = Prober()
    cluster = planned(prober, 1e6, 10e6, 0.0)
    result = prober.told(carried(cluster, 50e6), 0.2)
    assert result is not None
    assert result.link_bits_per_s is None
    assert result.bits_per_s == pytest.approx(3e6, rel=0.1)


@pytest.mark.parametrize("link", [1.2e6, 1.6e6, 2.2e6])
def test_a_link_that_does_not_gives_its_own(link: float) -> None:
    prober = Prober()
    result = prober.told(carried(planned(prober, 1e6, 10e6, 0.0), link), 0.2)
    assert result is not None
    assert result.link_bits_per_s == pytest.approx(link, rel=0.05)
    assert result.bits_per_s == pytest.approx(BELOW_FULL * link, rel=0.05)


def test_success_is_followed_up_at_once() -> None:
    prober = Prober()
    result = prober.told(carried(planned(prober, 1e6, 20e6, 0.0), 50e6), 0.2)
    assert result is not None
    cluster = planned(prober, result.bits_per_s, 20e6, 0.21)
    assert cluster.bits_per_s == pytest.approx(FACTOR * result.bits_per_s, rel=0.01)


def test_a_full_link_is_left_alone_for_longer_and_longer() -> None:
    prober, now, waits = Prober(), 0.0, []
    for _ in range(4):
        cluster = planned(prober, 1e6, 10e6, now)
        now += 0.2
        assert prober.told(carried(cluster, 1e6), now) is not None
        began = now
        while prober.plan(1e6, 10e6, True, now) is None:
            now += 0.05
        waits.append(now - began)
        prober.told(carried(prober.cluster or cluster, 1e6), now + 0.2)
        now += MAX_INTERVAL_S + 1
    assert waits[0] == pytest.approx(INTERVAL_S, abs=0.1)
    assert waits[-1] == pytest.approx(MAX_INTERVAL_S, abs=0.1)


def test_a_large_drop_is_looked_at_sooner() -> None:
    prober = Prober()
    prober.told(carried(planned(prober, 3e6, 9e6, 0.0), 3e6), 0.2)
    assert prober.plan(0.5e6, 9e6, True, 0.5) is None
    assert prober.plan(0.5e6, 9e6, True, 0.5 + AFTER_DROP_S - 0.1) is None
    cluster = planned(prober, 0.5e6, 9e6, 0.5 + AFTER_DROP_S + 0.1)
    assert cluster.bits_per_s == FACTOR * 0.5e6


def test_too_little_arrived_is_no_result() -> None:
    prober = Prober()
    cluster = planned(prober, 1e6, 10e6, 0.0)
    assert prober.told(carried(cluster, 50e6, lose=20), 0.2) is None
    assert prober.cluster is None


def test_some_loss_is_borne() -> None:
    prober = Prober()
    cluster = planned(prober, 1e6, 10e6, 0.0)
    result = prober.told(carried(cluster, 50e6, lose=5), 0.2)
    assert isinstance(result, ProbeResult)
    assert 2e6 < result.bits_per_s < 3.1e6


def test_a_cluster_that_nobody_tells_of_is_given_up() -> None:
    prober = Prober()
    cluster = planned(prober, 1e6, 10e6, 0.0)
    assert prober.plan(1e6, 10e6, True, CLUSTER_S + TIMEOUT_S - 0.1) is None
    assert prober.cluster is cluster
    assert prober.plan(1e6, 10e6, True, CLUSTER_S + TIMEOUT_S + 0.1) is None
    assert prober.cluster is None
    planned(prober, 1e6, 10e6, CLUSTER_S + TIMEOUT_S + INTERVAL_S + 0.2)


def test_an_arrival_all_at_one_time_says_nothing() -> None:
    prober = Prober()
    told = carried(planned(prober, 1e6, 10e6, 0.0), 50e6)
    told.arrival_us[:] = 7
    assert prober.told(told, 0.2) is None
