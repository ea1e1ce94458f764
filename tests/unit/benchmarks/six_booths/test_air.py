from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.six_booths.air import HOLD, OFFICER, Air, Path, carries, paths
from vcs.privacy import OFFICER as THE_OFFICER
from vcs.privacy import Booth, DeskState, Flow, Media, allowed_flows

AIRS = st.one_of(st.just(HOLD), st.just(Air(announcing=True)), st.builds(Air, st.integers(1, 6)))


@given(AIRS)
def test_the_second_writing_of_the_rule_is_the_product_s(air: Air) -> None:
    everybody = frozenset(range(1, 7))
    state = DeskState(
        officer=True,
        joined=everybody,
        consented=everybody,
        talk=air.slot,
        announce=air.announcing,
    )
    flows = allowed_flows(state)

    def party(number: int) -> object:
        return THE_OFFICER if number == OFFICER else Booth(number)

    for path in paths(6):
        flow = Flow(party(path.source), party(path.sink), Media.AUDIO)  # type: ignore[arg-type]
        assert carries(air, path) == (flow in flows)


@pytest.mark.parametrize("booths", [1, 6])
def test_every_path_has_the_officer_at_one_end(booths: int) -> None:
    every = paths(booths)
    assert len(set(every)) == len(every) == 2 * booths
    assert all(OFFICER in path and path.source != path.sink for path in every)


def test_words() -> None:
    assert str(Path(OFFICER, 3)) == "officer to booth 3"
    assert [str(air) for air in (HOLD, Air(2), Air(announcing=True))] == [
        "hold",
        "talk to 2",
        "announcement",
    ]
