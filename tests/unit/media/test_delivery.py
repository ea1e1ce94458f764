from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcs.media import rtcp
from vcs.media.delivery import CAPACITY, Deliveries, DeliveryLog
from vcs.media.twcc import FeedbackComposer, TransportFeedback


def feedback(base: int, ticks: list[int | None], reference: int = 100) -> TransportFeedback:
    arrivals = tuple(((base + n) & 0xFFFF, t) for n, t in enumerate(ticks) if t is not None)
    return TransportFeedback(1, 2, base & 0xFFFF, len(ticks), reference, 0, arrivals)


def rows(told: Deliveries) -> list[tuple[int, int | None, int]]:
    return [
        (int(sent), None if lost else int(arrival), int(octets))
        for sent, arrival, octets, lost in zip(
            told.sent_us, told.arrival_us, told.octets, told.lost, strict=True
        )
    ]


def test_arrival_and_loss_with_time_and_size() -> None:
    log = DeliveryLog()
    log.sent(65534, [1000, 2000, 3000, 4000], [100, 200, 300, 400])
    told = log.told(feedback(65534, [4, 8, None, 12]))
    origin = 100 * 64_000
    assert rows(told) == [
        (1000, origin + 1000, 100),
        (2000, origin + 2000, 200),
        (3000, None, 300),
        (4000, origin + 3000, 400),
    ]
    assert told.follows
    assert told.recovered == 0


def test_the_same_message_again_tells_nothing() -> None:
    log = DeliveryLog()
    log.sent(7, [0, 10], [50, 60])
    assert len(log.told(feedback(7, [1, None]))) == 2
    assert len(log.told(feedback(7, [1, None]))) == 0


def test_a_loss_that_arrives_after_all_is_recovered() -> None:
    log = DeliveryLog()
    log.sent(7, [0, 10], [50, 60])
    log.told(feedback(7, [None, 3]))
    told = log.told(feedback(7, [5]))
    assert rows(told) == [(0, 100 * 64_000 + 1250, 50)]
    assert told.recovered == 1


def test_a_gap_between_messages_shows() -> None:
    log = DeliveryLog()
    log.sent(0, [0] * 30, [50] * 30)
    assert log.told(feedback(0, [1] * 10)).follows
    assert not log.told(feedback(20, [1] * 5)).follows
    assert log.told(feedback(10, [1] * 10)).follows, "what was missing comes late"
    assert log.told(feedback(25, [1] * 5)).follows


def test_numbers_that_were_not_sent_are_passed_over() -> None:
    log = DeliveryLog()
    assert len(log.told(feedback(5, [1]))) == 0, "before anything was sent"
    log.sent(100, [0, 1], [50, 50])
    assert len(log.told(feedback(102, [1, 1, 1]))) == 0, "from the future"
    assert len(log.told(feedback(98, [1, 1]))) == 0, "from before the beginning"
    assert len(log.told(feedback(100, [1, 1, 1, 1]))) == 2


def test_a_jump_of_our_numbers_leaves_a_hole() -> None:
    log = DeliveryLog()
    log.sent(10, [0], [50])
    log.sent(20, [9], [70])
    told = log.told(feedback(10, [1] * 11))
    assert rows(told) == [(0, 6_400_250, 50), (9, 6_400_250, 70)]


def test_the_reference_time_wraps() -> None:
    log = DeliveryLog()
    log.sent(0, [0, 1], [1, 1])
    before = log.told(feedback(0, [0], reference=0x7FFFFF))
    after = log.told(feedback(1, [0], reference=-0x800000))
    assert after.arrival_us[0] - before.arrival_us[0] == 64_000


def test_waiting_since_the_oldest_that_nothing_was_told_of() -> None:
    log = DeliveryLog()
    assert log.waiting_since_us is None
    log.sent(0, [5, 6, 7], [1, 1, 1])
    assert log.waiting_since_us == 5
    log.told(feedback(0, [1, None]))
    assert log.waiting_since_us == 7
    log.told(feedback(2, [1]))
    assert log.waiting_since_us is None


def test_the_oldest_are_forgotten() -> None:
    log = DeliveryLog()
    many = CAPACITY + 10
    log.sent(0, list(range(many)), [1] * many)
    assert len(log.told(feedback(0, [1] * 10))) == 0
    assert len(log.told(feedback(10, [1] * 10))) == 10


@given(
    st.integers(0, 0xFFFF),
    st.lists(
        st.lists(st.tuples(st.booleans(), st.integers(0, 9000)), min_size=1, max_size=40),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.integers(0, 11), max_size=30),
    st.sets(st.integers(0, 11)),
)
def test_each_fate_is_told_once_whatever_becomes_of_feedback(
    first: int,
    batches: list[list[tuple[bool, int]]],
    order: list[int],
    withheld: set[int],
) -> None:
    """Feedback as the receiver composes it, some lost, the rest in any order and repeated."""
    log, composer = DeliveryLog(), FeedbackComposer(1)
    number, now = first, 1_000_000
    messages: list[TransportFeedback] = []
    expected: dict[int, int] = {}
    for batch in batches:
        sent = [now + n for n in range(len(batch))]
        log.sent(number & 0xFFFF, sent, [100] * len(batch))
        came = [(n, gap) for n, (arrives, gap) in enumerate(batch) if arrives]
        sequences, times = [], []
        for n, gap in came:
            now += gap
            sequences.append((number + n) & 0xFFFF)
            times.append(now)
            expected[sent[n]] = now // 250 * 250
        for raw in composer.compose(9, sequences, times):
            (message,) = rtcp.parse(raw)
            assert isinstance(message, TransportFeedback)
            messages.append(message)
        number, now = number + len(batch), now + 100_000
    arrived: dict[int, int] = {}
    lost: set[int] = set()
    plan = [n for n in order if n < len(messages) and n not in withheld]
    for index in [*plan, *(n for n in range(len(messages)) if n not in withheld)]:
        for sent_us, arrival_us, octets in rows(log.told(messages[index])):
            assert octets == 100
            if arrival_us is None:
                assert sent_us not in lost
                assert sent_us not in arrived
                lost.add(sent_us)
            else:
                assert sent_us not in arrived
                arrived[sent_us] = arrival_us
    assert arrived.keys() <= expected.keys()
    assert len({arrived[sent] - expected[sent] for sent in arrived}) <= 1, "one offset of clocks"
    assert not lost & expected.keys(), "what arrived is not called lost here"
    if not withheld:
        assert arrived.keys() == expected.keys()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 0xFFFF),
            st.integers(0, 0xFFFF),
            st.integers(-0x800000, 0x7FFFFF),
            st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(-(2**31), 2**31)), max_size=20),
        ),
        max_size=10,
    ),
    st.integers(0, 0xFFFF),
)
def test_any_message_is_borne(
    messages: list[tuple[int, int, int, list[tuple[int, int]]]], first: int
) -> None:
    log = DeliveryLog()
    log.sent(first, list(range(500)), [10] * 500)
    total = 0
    for base, count, reference, arrivals in messages:
        told = log.told(TransportFeedback(1, 2, base, count, reference, 0, tuple(arrivals)))
        total += len(told)
    assert total <= 1000, "each lost once and arrived once at most"
