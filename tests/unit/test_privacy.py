"""The rule against its table: each flow is judged by a sentence of it, read the other way."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.privacy import (
    OFFICER,
    Booth,
    DeskState,
    Flow,
    Media,
    Party,
    Supervisor,
    allowed_flows,
)

slots = st.integers(1, 6)
some_slots = st.frozensets(slots)
states = st.builds(
    DeskState,
    officer=st.booleans(),
    joined=some_slots,
    consented=some_slots,
    talk=st.none() | slots,
    announce=st.booleans(),
    officer_video_to_all=st.booleans(),
    supervisors=st.frozensets(st.integers(1, 2)),
    whispering=st.frozensets(st.integers(1, 3)),
)
PARTIES: list[Party] = [OFFICER, *(Booth(n) for n in range(1, 7)), Supervisor(1), Supervisor(2)]


def listed(state: DeskState, source: Party, sink: Party, media: Media) -> bool:
    """The table, line by line, for one flow."""
    if not state.officer:
        return False
    if isinstance(source, Booth) and isinstance(sink, Booth):
        return False
    if isinstance(source, Booth):
        if isinstance(sink, Supervisor) and sink.number not in state.supervisors:
            return False
        here = source.slot in state.joined and source.slot in state.consented
        if media is Media.AUDIO:
            return here and state.talk == source.slot and not state.announce
        return here
    if source == OFFICER and isinstance(sink, Booth):
        if sink.slot not in state.joined or media is Media.LEVEL:
            return False
        hears = state.announce or (state.talk == sink.slot and sink.slot in state.consented)
        return hears or (media is Media.VIDEO and state.officer_video_to_all)
    if isinstance(source, Supervisor) and sink == OFFICER:
        return (
            media is Media.AUDIO
            and source.number in state.supervisors
            and source.number in state.whispering
        )
    return False


@given(states)
def test_the_flows_are_the_table_and_nothing_else(state: DeskState) -> None:
    flows = allowed_flows(state)
    for source, sink, media in itertools.product(PARTIES, PARTIES, Media):
        if isinstance(source, Booth) and isinstance(sink, Booth):
            continue
        expected = listed(state, source, sink, media)
        assert (Flow(source, sink, media) in flows) is expected, (source, sink, media)
    assert all(flow.source in PARTIES and flow.sink in PARTIES for flow in flows)


@given(states)
def test_at_most_one_booth_is_heard(state: DeskState) -> None:
    heard = {
        flow.source
        for flow in allowed_flows(state)
        if flow.media is Media.AUDIO and isinstance(flow.source, Booth)
    }
    assert len(heard) <= 1
    if state.announce:
        assert not heard


@given(slots, slots, st.sampled_from(Media))
def test_booth_to_booth_cannot_be_said(source: int, sink: int, media: Media) -> None:
    with pytest.raises(ValueError, match="booth to booth"):
        Flow(Booth(source), Booth(sink), media)
