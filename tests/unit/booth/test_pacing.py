from __future__ import annotations

import asyncio
import time

from vcs.booth.pacing import TICK_S, Pacemaker


async def test_one_timer_calls_all_and_rests_when_nobody_is_left() -> None:
    pacemaker = Pacemaker()
    beats: list[float] = []
    enough = asyncio.Event()

    def first(now: float) -> None:
        beats.append(now)
        if len(beats) == 5:
            enough.set()

    others: list[float] = []
    numbers = [pacemaker.add(first), pacemaker.add(others.append)]
    await enough.wait()
    assert others
    assert beats == sorted(beats)
    for number in numbers:
        pacemaker.remove(number)
    count = len(beats)
    await asyncio.sleep(5 * TICK_S)
    assert len(beats) == count
    again = pacemaker.add(first)
    await asyncio.sleep(5 * TICK_S)
    assert len(beats) > count
    pacemaker.remove(again)


async def test_a_loop_that_was_held_up_gets_one_beat_for_the_time_lost() -> None:
    pacemaker = Pacemaker()
    beats: list[float] = []
    number = pacemaker.add(beats.append)
    await asyncio.sleep(3 * TICK_S)
    before = len(beats)
    time.sleep(0.2)  # noqa: ASYNC251 - the loop is held up on purpose
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(beats) - before <= 2
    pacemaker.remove(number)


async def test_one_may_leave_while_being_called() -> None:
    pacemaker = Pacemaker()
    left = asyncio.Event()

    def leave(_: float) -> None:
        pacemaker.remove(number)
        left.set()

    number = pacemaker.add(leave)
    await left.wait()
