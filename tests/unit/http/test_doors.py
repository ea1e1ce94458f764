"""A right that is asked for again and again while a client is connected."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from tests.unit.http.rig import running
from vcs import messages as m
from vcs.http import rights


class Answers:
    """Whether the directory can be asked, and how often it was."""

    def __init__(self) -> None:
        self.failing = False
        self.asked = 0
        self.again = asyncio.Event()

    def answer(self) -> None:
        self.asked += 1
        self.again.set()
        if self.failing:
            raise OSError("the disk is full")

    async def times(self, count: int) -> None:
        """Returns when it was asked so often from now on."""
        goal = self.asked + count
        async with asyncio.timeout(10):
            while self.asked < goal:
                self.again.clear()
                await self.again.wait()


@pytest.mark.parametrize("door", ["booth", "officer"])
async def test_a_right_that_cannot_be_asked_for_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    monkeypatch.setattr(rights, "RECHECK_S", 0.02)
    async with running() as rig:
        answers = Answers()
        directory = rig.directory
        directory.answering = answers.answer
        wire = await (rig.booth(1) if door == "booth" else rig.console())
        await wire.hear((m.BoothState, m.DeskView))
        with capture_logs() as lines:
            answers.failing = True
            await answers.times(5)
            await wire.say(m.Ping(1))
            assert isinstance(await wire.hear(m.Pong), m.Pong)
        assert all(line["reason"] == "OSError" for line in lines)
        assert len(lines) <= 1
        answers.failing = False
        await answers.times(3)
        await wire.say(m.Ping(2))
        assert isinstance(await wire.hear(m.Pong), m.Pong)
        directory.booths.clear()
        directory.officers.clear()
        assert await wire.closed() == m.CLOSE_UNAUTHORISED
