from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vcs.booth.visitor import Act, Habits, Visitor, next_act
from vcs.messages import BoothState, OfficerText


def state(**changes: Any) -> BoothState:
    values: dict[str, Any] = {
        "seq": 1,
        "phase": "idle",
        "visit": "none",
        "occupant": None,
        "hears": False,
        "heard": False,
        "seen": False,
        "officer_seen": False,
        "officer": None,
        "called": False,
        "cannot_hear": False,
        "text": None,
        "language": "id",
    }
    return BoothState(**(values | changes))


RUNNING = {"visit": "running", "occupant": 5}
HABITS = Habits(start=1, start_again=9, consent=2, call=3, read=4)


@pytest.mark.parametrize(
    ("seen", "visits", "act"),
    [
        (state(), 0, Act("start", 0, 1)),
        (state(), 2, Act("start", 2, 9)),
        (state(visit="consent", phase="consent", occupant=5), 1, Act("consent", 5, 2)),
        (state(**RUNNING, phase="waiting"), 1, Act("call", 5, 3)),
        (state(**RUNNING, phase="waiting", called=True), 1, None),
        (state(**RUNNING, phase="on_air"), 1, None),
        (state(**RUNNING, phase="hold", text=OfficerText(7, "x")), 1, Act("read", 7, 4)),
        (state(phase="out_of_service"), 0, None),
    ],
)
def test_what_comes_next(seen: BoothState, visits: int, act: Act | None) -> None:
    assert next_act(seen, HABITS, visits) == act


async def test_acts_are_done_once_each_and_not_when_something_came_first() -> None:
    done: list[str] = []
    acted = asyncio.Event()

    def do(act: Act) -> None:
        done.append(act.deed)
        acted.set()

    visitor = Visitor(Habits(start=0.01, start_again=60, consent=0.01, call=0.01), do)
    visitor.saw(state())
    await acted.wait()
    visitor.saw(state())
    acted.clear()
    visitor.saw(state(visit="consent", phase="consent", occupant=5))
    await acted.wait()
    waiting = state(**RUNNING, phase="waiting")
    visitor.saw(waiting)
    visitor.saw(state(**RUNNING, phase="on_air"))
    await asyncio.sleep(0.05)
    assert done == ["start", "consent"]
    acted.clear()
    visitor.saw(waiting)
    await acted.wait()
    visitor.saw(None)
    assert done == ["start", "consent", "call"]
