"""Every parser, in every run: what is known to be good, what crashed one once, and whatever
hypothesis makes of it. The longer hunt is `./run fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Target

CRASHERS = Path(__file__).with_name("crashers")


def spoilt(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Good input with bytes changed, left out and put in; or anything at all."""

    @st.composite
    def make(draw: st.DrawFn) -> bytes:
        data = bytearray(draw(st.sampled_from(seeds)))
        for _ in range(draw(st.integers(1, 6))):
            at = draw(st.integers(0, len(data)))
            match draw(st.integers(0, 2)):
                case 0:
                    data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
                case 1:
                    del data[at : at + draw(st.integers(1, 40))]
                case _:
                    data[at:at] = draw(st.binary(max_size=8))
        return bytes(data)

    return st.one_of(make(), st.binary(max_size=200))


def fed(target: Target, data: bytes) -> bool:
    """Whether it was taken; False when it was refused. Anything else comes out as it is."""
    try:
        target.feed(data)
    except target.refusal:
        return False
    return True


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_good_input_is_taken(name: str) -> None:
    target = TARGETS[name]
    assert all(fed(target, seed) for seed in target.seeds)


@pytest.mark.parametrize("name", sorted(TARGETS))
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_bad_input_raises_its_one_error_or_none(name: str, data: st.DataObject) -> None:
    fed(TARGETS[name], data.draw(spoilt(TARGETS[name].seeds)))


def test_what_crashed_a_parser_once_crashes_it_no_more() -> None:
    for path in sorted(CRASHERS.glob("*-*")):
        name = next(name for name in TARGETS if path.name.startswith(f"{name}-crash"))
        fed(TARGETS[name], path.read_bytes())
