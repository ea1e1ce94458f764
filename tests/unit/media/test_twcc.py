from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media import rtcp, twcc
from vcs.media.packet import MalformedPacket
from vcs.media.twcc import MAX_STATUSES, FeedbackComposer, TransportFeedback, merged


def read(raw: bytes) -> TransportFeedback:
    (feedback,) = rtcp.parse(raw)
    assert isinstance(feedback, TransportFeedback)
    return feedback


def told(packets: list[bytes]) -> dict[int, int]:
    """Arrival in ticks by sequence number, as the sender reads it."""
    result: dict[int, int] = {}
    for raw in packets:
        feedback = read(raw)
        for sequence, tick in feedback.arrivals:
            assert sequence not in result
            result[sequence] = feedback.reference * twcc.TICKS_PER_REFERENCE + tick
    return result


arrivals = st.lists(
    st.tuples(
        st.integers(1, 40),  # how far the number jumps
        st.integers(0, 300_000) | st.integers(0, 20_000_000),  # microseconds since the last
    ),
    min_size=1,
    max_size=300,
)


@given(arrivals, st.integers(0, 65535), st.integers(0, 2**40), st.integers(1, 60))
def test_every_arrival_is_told_once_and_to_a_tick(
    steps: list[tuple[int, int]], first: int, start: int, batch: int
) -> None:
    composer = FeedbackComposer(1)
    number, now = first, start
    happened: dict[int, int] = {}
    packets: list[bytes] = []
    sequences: list[int] = []
    times: list[int] = []
    for index, (jump, passed) in enumerate(steps):
        number, now = number + jump, now + passed
        happened[number & 0xFFFF] = now // twcc.TICK_US
        sequences.append(number & 0xFFFF)
        times.append(now)
        if index % batch == 0 or index == len(steps) - 1:
            packets += composer.compose(9, sequences, times)
            sequences, times = [], []
    span = twcc.TICKS_PER_REFERENCE << 24
    seen = told(packets)
    assert seen.keys() == happened.keys()
    assert all((seen[key] - happened[key]) % span == 0 for key in happened)
    numbers = [read(raw).number for raw in packets]
    assert numbers == [index & 0xFF for index in range(len(packets))]
    assert all(len(raw) <= 1200 for raw in packets)
    following = (first + steps[0][0]) & 0xFFFF
    for raw in packets:
        feedback = read(raw)
        assert feedback.base == following, "no gap is left out"
        assert 0 < feedback.count <= MAX_STATUSES
        following = (feedback.base + feedback.count) & 0xFFFF


class Slow(FeedbackComposer):
    """Knows the general way alone."""

    def _in_order(self, *_: object) -> None:
        return None


@given(
    st.integers(0, 0xFFFF),
    st.lists(
        st.lists(st.tuples(st.sampled_from([1, 1, 1, 1, 2]), st.integers(0, 70_000)), max_size=30),
        max_size=6,
    ),
)
def test_the_short_way_says_what_the_long_one_says(
    first: int, batches: list[list[tuple[int, int]]]
) -> None:
    quick, slow = FeedbackComposer(1), Slow(1)
    number, at = first, 1_000_000
    for batch in batches:
        sequence, arrivals = [], []
        for step, later in batch:
            sequence.append(number & 0xFFFF)
            arrivals.append(at)
            number, at = number + step, at + later
        assert quick.compose(9, sequence, arrivals) == slow.compose(9, sequence, arrivals)


def test_feedback_alone_is_known_by_its_head() -> None:
    (packet,) = FeedbackComposer(1).compose(9, [1, 2], [1000, 2000])
    assert twcc.is_alone(packet)
    assert not twcc.is_alone(packet + packet)
    assert not twcc.is_alone(packet[:-1])
    assert not twcc.is_alone(b"\x80\xc9\x00\x01\x00\x00\x00\x01")


@given(st.permutations(range(40)))
def test_order_of_arrival_does_not_matter(order: list[int]) -> None:
    composer = FeedbackComposer(1)
    times = {number: 1000 * at for at, number in enumerate(order)}
    sequences = [(65520 + number) & 0xFFFF for number in order]
    packets = composer.compose(9, sequences, [times[number] for number in order])
    seen = told(packets)
    assert seen == {(65520 + n) & 0xFFFF: at // twcc.TICK_US for n, at in times.items()}


def test_late_ones_come_in_a_message_of_their_own() -> None:
    composer = FeedbackComposer(1)
    composer.compose(9, [10, 11, 14], [0, 1000, 2000])
    packets = [read(raw) for raw in composer.compose(9, [15, 12, 15], [4000, 5000, 6000])]
    assert [(p.base, p.count, len(p.arrivals)) for p in packets] == [(12, 1, 1), (15, 1, 1)]
    assert composer.compose(9, [], []) == []


def test_a_jump_is_a_new_beginning() -> None:
    composer = FeedbackComposer(1)
    composer.compose(9, [10], [0])
    (feedback,) = (read(raw) for raw in composer.compose(9, [30_000], [1000]))
    assert (feedback.base, feedback.count) == (30_000, 1)


def test_bytes_as_the_draft_says() -> None:
    feedback = TransportFeedback(1, 2, 5, 4, 3, 7, ((5, 10), (7, 300), (8, 290)))
    # Two-bit statuses: small, absent, large, large.
    assert twcc.compose(feedback).hex() == (
        "8fcd0006" + "0000000100000002" + "00050004" + "00000307" + "d280" + "0a0122fff600"
    )
    assert read(twcc.compose(feedback)) == feedback


def test_a_run_that_the_data_does_not_hold_costs_nothing() -> None:
    lie = bytes.fromhex("0000ffff00000000") + b"\x3f\xff" * 8
    with pytest.raises(MalformedPacket):
        twcc.parse(1, 2, lie)
    empty = bytes.fromhex("0000ffff00000000") + b"\x1f\xff" * 9
    assert twcc.parse(1, 2, empty).arrivals == ()


@given(st.binary(max_size=120))
def test_any_bytes_give_a_message_or_the_one_error(data: bytes) -> None:
    with contextlib.suppress(MalformedPacket):
        assert len(twcc.parse(1, 2, data).arrivals) <= len(data)


def test_a_delta_that_does_not_fit_is_our_fault() -> None:
    with pytest.raises(ValueError):
        twcc.compose(TransportFeedback(1, 2, 0, 2, 0, 0, ((0, 0), (1, 40_000))))


def test_messages_that_follow_each_other_make_one() -> None:
    first = TransportFeedback(1, 2, 65_534, 3, 10, 0, ((65_534, 5), (0, 250)))
    second = TransportFeedback(1, 2, 1, 2, 12, 1, ((1, 3), (2, 4)))
    both = merged(first, second)
    assert both is not None
    assert (both.base, both.count, both.reference) == (65_534, 5, 10)
    assert both.arrivals == ((65_534, 5), (0, 250), (1, 515), (2, 516))


@pytest.mark.parametrize(
    "second",
    [
        TransportFeedback(1, 2, 9, 2, 12, 1, ((9, 3),)),
        TransportFeedback(1, 2, 1, 2, 9, 1, ((1, 3),)),
        TransportFeedback(1, 2, 1, 2, 10_000, 1, ((1, 3),)),
    ],
)
def test_messages_with_a_gap_or_another_clock_stay_two(second: TransportFeedback) -> None:
    assert merged(TransportFeedback(1, 2, 65_534, 3, 10, 0, ((0, 5),)), second) is None
