from __future__ import annotations

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from vcs.http.connection_limits import ConnectionLimits


def test_an_address_has_its_share_and_gets_it_back() -> None:
    limits = ConnectionLimits(per_address=2, overall=3)
    with ExitStack() as taken:
        assert taken.enter_context(limits.place("192.0.2.1"))
        assert taken.enter_context(limits.place("192.0.2.1"))
        assert not taken.enter_context(limits.place("192.0.2.1"))
        assert taken.enter_context(limits.place("192.0.2.2"))
        assert not taken.enter_context(limits.place("192.0.2.3"))
    with limits.place("192.0.2.1") as free:
        assert free


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=60))
def test_never_more_than_allowed_whatever_comes_and_goes(moves: list[tuple[str, bool]]) -> None:
    limits = ConnectionLimits(per_address=2, overall=4)
    inside: list[tuple[str, ExitStack]] = []
    for last, arrives in moves:
        address = f"192.0.2.{ord(last)}"
        if arrives:
            stack = ExitStack()
            free = stack.enter_context(limits.place(address))
            here = [who for who, _ in inside].count(address)
            assert free is (here < 2 and len(inside) < 4)
            if free:
                inside.append((address, stack))
        elif inside:
            inside.pop(0)[1].close()
    for _, stack in inside:
        stack.close()
    assert limits._total == 0 and not limits._count
