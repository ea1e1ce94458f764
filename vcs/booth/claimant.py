"""A visitor with a claim: he fills in the forms, photographs his papers and signs, by himself.

    claimant = Claimant(claim_of(3), say, send_picture)
    claimant.told(message)       # what the server says of the visit
    claimant.attend(running)     # whether he may work: his visit runs and nobody talks to him

He goes by the server's word alone: `next_deed` says what the visit wants of him now.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import structlog

from vcs import messages as m
from vcs.booth.claim import Claim, picture
from vcs.booth.signalling import NotConnected
from vcs.visits.flow import Flow

log = structlog.get_logger(__name__)

ANSWER_S: Final = 10.0
SIGNATURE: Final = (
    400,
    200,
    [x for step in range(1, 39) for x in (10 * step, 60 + step * 37 % 80)],
)
"""Width, height, and one stroke."""

SendPicture = Callable[[str, bytes], Awaitable[None]]
"""Brings the picture for one capture to the server; raises `OSError` or `PictureRefused`."""


class PictureRefused(Exception):
    """The server did not take it; the text says why."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds: to read what is asked, for one key, to hold a paper right, to read the result."""

    read: float = 1.2
    key: float = 0.09
    hold: float = 3.0
    result: float = 25.0


class Deed(NamedTuple):
    """What is to be done next. `about`: a field, a capture or a step."""

    kind: Literal["answer", "photograph", "finish", "sign", "leave"]
    about: str


def next_deed(flow: Flow, visit: m.VisitTold, claim: Claim) -> Deed | None:
    """What the visit wants of its visitor now; None: it is the officer's turn, or what is wanted is
    nothing that this visitor has."""
    if visit.result is not None:
        return Deed("leave", "")
    if visit.asked:
        return Deed("photograph", visit.asked[0])
    if visit.attended is not None and "signature" in visit.lacks:
        return Deed("sign", visit.attended)
    step = flow.step(visit.step) if visit.step is not None else None
    if step is None:
        return None
    for field in step.fields:
        if field.name in claim.answers and field.name not in visit.answers:
            return Deed("answer", field.name)
    for wanted in step.captures:
        if wanted.name in visit.lacks:
            return Deed("photograph", wanted.name)
    if "signature" in visit.lacks:
        return Deed("sign", step.name)
    return None if visit.lacks else Deed("finish", step.name)


class Claimant:
    """One visitor. Belongs to the running loop."""

    def __init__(
        self,
        claim: Claim,
        say: Callable[[m.Message], None],
        send_picture: SendPicture,
        leave: Callable[[], None],
        tempo: Tempo | None = None,
    ) -> None:
        """`say` and `leave`, which ends the visit, raise `NotConnected` when there is no server."""
        self.claim = claim
        self._say = say
        self._send_picture = send_picture
        self._leave = leave
        self._tempo = tempo or Tempo()
        self._flow: Flow | None = None
        self._visit: m.VisitTold | None = None
        self._numbers = itertools.count(1_000_000)  # far from the requests of others on this line
        self._answers: dict[int, asyncio.Future[m.Done | m.Problem]] = {}
        self._changed = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    def told(self, message: m.FlowTold | m.VisitTold | m.Done | m.Problem) -> None:
        match message:
            case m.FlowTold():
                self._flow = message.flow
            case m.VisitTold():
                self._visit = message
            case m.Done() | m.Problem():
                waiting = self._answers.get(message.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def cut_off(self) -> None:
        """There is no server any more: what it said last need not hold with the next one."""
        self._flow = self._visit = None
        self.attend(False)

    def attend(self, running: bool) -> None:
        """He works while this holds, and stops in the middle of a word when it does not."""
        if running and (self._work is None or self._work.done()):
            self._work = asyncio.create_task(self._bring())
        elif not running and self._work is not None:
            self._work.cancel()
            self._work = None

    async def _bring(self) -> None:
        while True:
            changed = self._changed
            deed = self._wanted()
            if deed is None:
                await changed.wait()
                continue
            try:
                await self._do(deed)
            except (NotConnected, OSError, PictureRefused) as error:  # a TimeoutError is an OSError
                # Cut off or refused just now: what holds then decides what is tried again.
                log.info("a visitor's deed failed", deed=deed.kind, reason=str(error))
                await asyncio.sleep(self._tempo.hold)

    def _wanted(self) -> Deed | None:
        visit, flow = self._visit, self._flow
        if visit is None or flow is None or visit.flow != flow.name:
            return None
        return next_deed(flow, visit, self.claim)

    async def _do(self, deed: Deed) -> None:
        match deed.kind:
            case "answer":
                await self._answer(deed.about)
            case "photograph":
                await self._photograph(deed.about)
            case "finish":
                await asyncio.sleep(self._tempo.read)
                await self._ask(lambda number: m.FinishStep(number, deed.about))
            case "sign":
                await asyncio.sleep(self._tempo.hold)
                width, height, stroke = SIGNATURE
                await self._ask(lambda number: m.Sign(number, deed.about, width, height, [stroke]))
            case "leave":
                await asyncio.sleep(self._tempo.result)
                self._leave()
                await self._changed.wait()

    async def _answer(self, name: str) -> None:
        """Typed key by key, with a draft every few keys as a page sends them."""
        value = self.claim.answers[name]
        await asyncio.sleep(self._tempo.read)
        for typed in range(4, len(value), 4):
            await asyncio.sleep(4 * self._tempo.key)
            self._say(m.Draft(name, value[:typed]))
        await asyncio.sleep(self._tempo.key)
        await self._ask(lambda number: m.Submit(number, name, value))

    async def _photograph(self, name: str) -> None:
        assert self._flow is not None
        assert self._visit is not None
        wanted = self._flow.capture(name)
        if wanted is None:
            raise PictureRefused(f"the flow has no picture {name!r}")
        before = self._taken(name)
        data = await asyncio.to_thread(picture, self.claim, wanted, before)
        await asyncio.sleep(self._tempo.hold)
        await self._send_picture(name, data)
        async with asyncio.timeout(ANSWER_S):
            while self._taken(name) == before and name in self._visit.asked + self._visit.lacks:
                await self._changed.wait()

    def _taken(self, name: str) -> int:
        assert self._visit is not None
        return sum(each.capture == name for each in self._visit.pictures)

    async def _ask(self, request: Callable[[int], m.Message]) -> None:
        """Returns when it is on the disk. What will not do is told to the log, and the visitor
        presses the call button. Raises `NotConnected`, `TimeoutError`."""
        number = next(self._numbers)
        answer: asyncio.Future[m.Done | m.Problem] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            self._say(request(number))
            async with asyncio.timeout(ANSWER_S):
                told = await answer
        finally:
            del self._answers[number]
        if isinstance(told, m.Problem):
            log.warning("a visitor's answer will not do", code=told.code, field=told.field)
            self._say(m.Call(True))
            await self._changed.wait()
