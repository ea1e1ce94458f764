"""The server is killed in the middle of each step of a visit, as by a power cut: nothing that was
acknowledged is lost, and nothing is there twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tests.browser.server import BOTH_FLOWS, ServerProcess
from tests.unit.booth.material import media
from tests.unit.visits.house import Person, with_media
from tests.unit.visits.officers import officer_at
from vcs import messages as m
from vcs.booth.agent import BoothAgent
from vcs.booth.claim import Claim, claim_of
from vcs.booth.claimant import Claimant, Deed, Tempo
from vcs.booth.device_token import enrol
from vcs.booth.visitor import Habits
from vcs.config import Settings
from vcs.store import Store
from vcs.visits import changes as c

AT_ONCE = Habits(start=0.0, start_again=600.0, consent=0.0)
HASTE = Tempo(read=0.06, key=0.02, hold=0.06, result=600.0)
CUT_AFTER = (3, 10, 14, 18, 20, 23)
"""Deeds done: in each of the four steps that the visitor does alone, twice among the pictures, and
when he has signed."""
WITHIN_S = 240.0


class Noting(Claimant):
    """Writes down what was acknowledged."""

    def __init__(self, agent: BoothAgent, claim: Claim) -> None:
        super().__init__(claim, agent._say, agent._send_picture, agent.end, HASTE)
        self.acknowledged: list[Deed] = []
        self._noted = asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._noted.clear()
            await self._noted.wait()

    async def _do(self, deed: Deed) -> None:
        await super()._do(deed)
        self.acknowledged.append(deed)
        self._noted.set()

    def told(self, message: m.FlowTold | m.VisitTold | m.Done | m.Problem) -> None:
        super().told(message)
        self._noted.set()

    def cut_off(self) -> None:
        super().cut_off()
        self._noted.set()

    @property
    def visit(self) -> m.VisitTold | None:
        return self._visit


async def visitor_at(server: ServerProcess, claim: Claim) -> tuple[Noting, asyncio.Task[None]]:
    """The server, made and started, with this claim in booth 1; and what ends its visitor."""
    code, *_ = await asyncio.to_thread(server.prepare, 1)
    await asyncio.to_thread(server.start)
    token = await enrol(server.url, code)
    agent = BoothAgent(server.url, token, media(), agree=AT_ONCE, claim=claim, tempo=HASTE)
    noted = agent._claimant = Noting(agent, claim)
    return noted, asyncio.create_task(agent.run())


def assert_kept(visit: m.VisitTold, claim: Claim, done: list[Deed]) -> None:
    for kind, about in done:
        match kind:
            case "answer":
                assert visit.answers[about] == claim.answers[about]
            case "photograph":
                assert any(picture.capture == about for picture in visit.pictures), about
            case "finish":
                assert about in visit.finished
            case "sign":
                assert about in visit.signed


@contextlib.asynccontextmanager
async def console_of(server: ServerProcess) -> AsyncIterator[Person]:
    """An officer with booth 1 in focus and its sheet before him."""
    async with officer_at(server) as person:
        await person.until(lambda: person.desk is not None)
        talker = await with_media(person, 6)
        try:
            await person.ask(m.Focus, slot=1)
            await person.until(lambda: person.sheet is not None and person.sheet.visit is not None)
            yield person
        finally:
            await talker.close()


async def test_a_power_cut_in_each_step_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, settings=dict(BOTH_FLOWS))
    claim = claim_of(2)
    noted, life = await visitor_at(server, claim)
    try:
        async with asyncio.timeout(WITHIN_S):
            for cut in CUT_AFTER:
                await noted.until(lambda cut=cut: len(noted.acknowledged) >= cut)
                await asyncio.to_thread(server.kill)
                await noted.until(lambda: noted.visit is None)
                done = list(noted.acknowledged)
                await asyncio.to_thread(server.start)
                await noted.until(lambda: noted.visit is not None)
                assert noted.visit is not None
                assert_kept(noted.visit, claim, done)
            await _decide(server)
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        server.stop()
    server.run(["audit", "verify"])  # ends with 1 when anything is amiss
    await _assert_once(tmp_path, claim)


async def _decide(server: ServerProcess) -> None:
    """Cut when the interview is done, and again while the decision is on its way."""
    async with console_of(server) as officer:
        await officer.until(lambda: officer.sheet is not None and officer.sheet.step == "interview")
        assert officer.sheet is not None
        about: dict[str, Any] = {"slot": 1, "visit": officer.sheet.visit}
        for question in officer.sheet.dealt["interview"]:
            assert isinstance(
                await officer.ask(m.MarkQuestion, question=question, right=True, **about), m.Ack
            )
        assert isinstance(await officer.ask(m.CompleteStep, step="interview", **about), m.Ack)
        assert officer.flow is not None
        checks = [each.name for step in officer.flow.steps for each in step.checks]
        for check in checks:
            marked = await officer.ask(m.MarkCheck, check=check, passed=True, **about)
            assert isinstance(marked, m.Ack)
        await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    decision: dict[str, Any] = {"decision": "decision-1", "outcome": "approved", **about}
    async with console_of(server) as officer:
        await officer.until(lambda: officer.sheet is not None and officer.sheet.marks != {})
        assert officer.sheet is not None
        assert officer.sheet.marks == dict.fromkeys(checks, True)
        assert "interview" in officer.sheet.finished
        await officer.wire.say(m.Decide(id=99, **decision))
        await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    async with console_of(server) as officer:
        assert isinstance(await officer.ask(m.Decide, **decision), m.Ack)
        assert isinstance(await officer.ask(m.Decide, **decision), m.Ack)


async def _assert_once(data_dir: Path, claim: Claim) -> None:
    store = await Store.open(Settings(data_dir=data_dir).database_url)
    try:
        (line,) = await store.visits.search(None)
        visit = await store.visits.load(line.id)
        assert visit is not None
        log = [entry.change for entry in visit.log]
        assert Counter(type(each) for each in log)[c.Begun] == 1
        assert [each.id for each in log if isinstance(each, c.Decided)] == ["decision-1"]
        answered = {each.field: each.value for each in log if isinstance(each, c.Answered)}
        assert answered == claim.answers
        steps = Counter(each.step for each in log if isinstance(each, c.StepFinished))
        assert set(steps.values()) == {1}
        taken = Counter(each.capture for each in log if isinstance(each, c.CaptureTaken))
        assert taken == {"id_card": 2, "face": 1, "employment_letter": 1, "bank_book": 1}
        assert Counter(type(each) for each in log)[c.Signed] == 1
    finally:
        await store.close()
