"""Many rights are asked for in one go, and each connection hears of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Mapping

import pytest

from tests.unit.http.rig import running
from vcs import messages as m
from vcs.http import rights
from vcs.http.rights import Watch


class Store:
    """Who holds what; `rounds` are the questions, `open` lets them be answered."""

    def __init__(self) -> None:
        self.holders = {"a": "Andi", "b": "Budi"}
        self.rounds: list[set[str]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def ask(self, tokens: Collection[str]) -> Mapping[str, str]:
        self.rounds.append(set(tokens))
        await self.open.wait()
        return {token: self.holders[token] for token in tokens if token in self.holders}


async def until(holds: object) -> None:
    async with asyncio.timeout(10):
        while not holds():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "RECHECK_S", 0.01)


async def test_all_are_asked_for_at_once_and_each_hears_of_its_own() -> None:
    store, heard = Store(), dict[str, list[str | None]]()
    watch = Watch(store.ask)
    async with contextlib.AsyncExitStack() as stack:
        for place, token in (("1", "a"), ("2", "b"), ("3", "b"), ("4", "nobody's")):
            heard[place] = []
            await stack.enter_async_context(watch.watched(token, heard[place].append))
        await until(lambda: all(heard.values()))
        assert {place: told[0] for place, told in heard.items()} == {
            "1": "Andi",
            "2": "Budi",
            "3": "Budi",
            "4": None,
        }
        assert store.rounds[0] == {"a", "b", "nobody's"}
        del store.holders["b"]
        await until(lambda: heard["2"][-1] is None and heard["3"][-1] is None)
        assert heard["1"][-1] == "Andi"
    before = len(store.rounds)
    await asyncio.sleep(0.05)
    assert len(store.rounds) == before, "nobody is connected, nothing is asked"


async def test_who_has_gone_or_come_meanwhile_is_told_nothing_of_that_round() -> None:
    store, gone, late = Store(), list[str | None](), list[str | None]()
    stays = list[str | None]()
    watch = Watch(store.ask)
    store.open.clear()
    async with watch.watched("a", stays.append):
        async with watch.watched("b", gone.append):
            await until(lambda: store.rounds)
        async with watch.watched("c", late.append):
            store.open.set()
            await until(lambda: stays)
            assert (gone, late) == ([], [])
            await until(lambda: late)
            assert late[0] is None, "asked for in the round after"


async def test_six_booths_and_their_officer_cost_two_questions_a_round() -> None:
    async with running() as rig:
        asked = 0

        def count() -> None:
            nonlocal asked
            asked += 1

        wires = [await rig.booth(slot) for slot in range(1, 7)]
        for wire in wires:
            await wire.hear(m.BoothState)
        console = await rig.console()
        await console.hear(m.DeskView)
        began = asyncio.get_running_loop().time()
        rig.directory.answering = count
        await until(lambda: asked >= 20)
        rounds = (asyncio.get_running_loop().time() - began) / rights.RECHECK_S
        assert asked <= 2 * rounds + 2
        del rig.directory.booths["booth-token-0003-xxxxxxxx"]
        assert await wires[2].closed() == m.CLOSE_UNAUTHORISED
        await console.say(m.Ping(7))
        assert isinstance(await console.hear(m.Pong), m.Pong)
