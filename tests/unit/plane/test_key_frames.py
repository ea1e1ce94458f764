from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcs.plane.key_frames import APART_S, REPEAT_S, URGENT_APART_S, KeyFrameDemand

steps = st.lists(
    st.tuples(st.sampled_from(["waits", "asks", "came", "settled", "time"]), st.floats(0, 0.5))
)


def test_a_switch_asks_at_once_and_again() -> None:
    demand = KeyFrameDemand()
    assert demand.take(0.0) is None
    demand.route_waits(0.0)
    assert demand.due == 0.0
    assert demand.take(0.0) is True
    assert demand.take(0.29) is None
    assert demand.take(REPEAT_S) is True
    demand.nobody_waits()
    assert demand.take(5.0) is None
    assert demand.due == float("inf")


def test_a_second_switch_is_asked_for_when_it_may() -> None:
    demand = KeyFrameDemand()
    demand.route_waits(0.0)
    assert demand.take(0.0) is True
    demand.nobody_waits()
    demand.route_waits(0.1)
    assert demand.take(0.1) is None
    assert demand.take(URGENT_APART_S) is True


def test_a_decoder_asks_once_a_second() -> None:
    demand = KeyFrameDemand()
    demand.decoder_asks(0.0)
    assert demand.take(0.0) is False
    demand.decoder_asks(0.4)
    assert demand.take(0.9) is None
    assert demand.take(APART_S) is False
    demand.decoder_asks(1.1)
    demand.came()
    assert demand.take(9.0) is None


@given(steps)
def test_requests_keep_their_distance(script: list[tuple[str, float]]) -> None:
    demand = KeyFrameDemand()
    now = 0.0
    urgent: list[float] = []
    plain: list[float] = []
    for action, passed in script:
        now += passed
        if action == "waits":
            demand.route_waits(now)
        elif action == "asks":
            demand.decoder_asks(now)
        elif action == "came":
            demand.came()
        elif action == "settled":
            demand.nobody_waits()
        asked = demand.take(now)
        if asked is True:
            assert not urgent or now - urgent[-1] >= URGENT_APART_S - 1e-9
            urgent.append(now)
        elif asked is False:
            assert not plain or now - plain[-1] >= APART_S - 1e-9
            assert not urgent or now - urgent[-1] >= APART_S - 1e-9
            plain.append(now)
        assert demand.due > now
