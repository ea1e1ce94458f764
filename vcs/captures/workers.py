"""Pictures are examined, turned and cut in processes of their own, a bounded number at a time.

A picture that takes too long or too much memory costs its process and nothing else. A process is
started when it is needed, and let go when nothing has come for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Final

import msgspec

from vcs.captures.answers import (
    MAX_OCTETS,
    BadPicture,
    BadRectangle,
    Findings,
    Reply,
    Request,
)
from vcs.visits.changes import Rectangle
from vcs.visits.flow import Subject

LIMIT_S: Final = 10.0
"""Of a processor's time, for one picture."""

PATIENCE: Final = 6.0
"""So many times as long on the clock: a busy machine gets to a picture late, which is no bomb."""

LOOK_S: Final = 0.05
"""Between two looks at how much it has worked."""

START_S: Final = 30.0
"""A machine that is busy loads the libraries slowly."""

IDLE_S: Final = 120.0
MAX_WAITING: Final = 12
"""Two for each of six booths; whoever comes on top is told to try again."""

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")

# One thread each, and none of the server's secrets.
_ENVIRONMENT: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Busy(Exception):
    """Too many pictures wait already. The page tries again in a moment."""


class CannotExamine(Exception):
    """The worker does not start: something is wrong with this installation, not with a picture."""


class _Died(Exception):
    """The worker's process ended in the middle of its work."""


class Examiner:
    """Use `examine` and `derive` from one event loop, and `aclose` at the end.

    `module`: what a worker runs, for tests.
    """

    def __init__(
        self,
        workers: int = 1,
        *,
        limit_s: float = LIMIT_S,
        idle_s: float = IDLE_S,
        max_waiting: int = MAX_WAITING,
        module: str = "vcs.captures.worker_process",
    ) -> None:
        self._free = asyncio.Semaphore(workers)
        self._workers = workers
        self._limit_s = limit_s
        self._idle_s = idle_s
        self._max_waiting = max_waiting
        self._module = module
        self._jobs = 0
        self._closed = False
        self._idle: list[_Worker] = []
        self._running: set[_Worker] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._letting_go: set[asyncio.Task[None]] = set()

    async def examine(self, data: bytes, subject: Subject) -> Findings:
        """Raises `BadPicture`, `Busy`, `CannotExamine`."""
        reply, _ = await self._ask(Request(len(data), subject), data)
        if reply.findings is None:
            raise CannotExamine("the worker's reply holds no findings")
        return reply.findings

    async def derive(
        self, data: bytes, quarter_turns: int = 0, rectangle: Rectangle | None = None
    ) -> bytes:
        """As `vcs.captures.derive`; and raises `Busy`, `CannotExamine`."""
        turns = quarter_turns % 4
        _, picture = await self._ask(Request(len(data), None, turns, rectangle), data)
        return picture

    async def aclose(self) -> None:
        """Ends the processes, in the middle of their work too."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for worker in list(self._running):
            await worker.kill()
        self._idle.clear()
        await asyncio.gather(*self._letting_go)

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [worker.pid for worker in self._running]

    async def _ask(self, request: Request, data: bytes) -> tuple[Reply, bytes]:
        if len(data) > MAX_OCTETS:
            raise BadPicture("picture.too_big")
        if self._jobs >= self._workers + self._max_waiting:
            raise Busy
        self._jobs += 1
        try:
            async with self._free:
                reply, picture = await self._ask_twice(request, data)
        finally:
            self._jobs -= 1
        if reply.bad is not None:
            raise BadPicture(reply.bad)
        if reply.bad_rectangle is not None:
            raise BadRectangle(reply.bad_rectangle)
        return reply, picture

    async def _ask_twice(self, request: Request, data: bytes) -> tuple[Reply, bytes]:
        """A process may have been killed for what is no picture's fault: once more, then it is."""
        for _ in range(2):
            if self._closed:
                raise CannotExamine("the server is stopping")
            worker = self._idle.pop() if self._idle else await self._start()
            whole = False
            try:
                answer = await self._within_limits(worker, request, data)
                whole = True
            except _Died:
                continue
            finally:
                # What was given up in the middle would answer the next question.
                if whole and not self._closed:
                    self._rest(worker)
                else:
                    self._running.discard(worker)
                    await worker.kill()
            return answer
        if self._closed:
            raise CannotExamine("the server is stopping")
        raise BadPicture("picture.bomb")

    async def _within_limits(
        self, worker: _Worker, request: Request, data: bytes
    ) -> tuple[Reply, bytes]:
        limit = self._limit_s
        begun = worker.worked_s()
        try:
            async with asyncio.timeout(limit * PATIENCE):
                asked = asyncio.create_task(worker.ask(request, data))
                try:
                    left = limit
                    while not (await asyncio.wait({asked}, timeout=max(left, LOOK_S)))[0]:
                        left = limit - (worker.worked_s() - begun)
                        if left <= 0:
                            raise BadPicture("picture.bomb")
                    return await asked
                finally:
                    asked.cancel()
        except TimeoutError:
            raise CannotExamine("this machine does not get to the picture") from None

    async def _start(self) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            self._module,
            stdin=PIPE,
            stdout=PIPE,
            env=_ENVIRONMENT
            | {"PYTHONPATH": os.pathsep.join(p or str(os.curdir) for p in sys.path)},
        )
        worker = _Worker(process)
        self._running.add(worker)
        ready = False
        try:
            async with asyncio.timeout(START_S):
                await worker.ready()
            ready = True
        except (TimeoutError, _Died):
            raise CannotExamine("the process that examines pictures does not start") from None
        finally:
            if not ready:
                self._running.discard(worker)
                await worker.kill()
        return worker

    def _rest(self, worker: _Worker) -> None:
        self._idle.append(worker)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._let_go)

    def _let_go(self) -> None:
        for worker in self._idle:
            self._running.discard(worker)
            task = asyncio.create_task(worker.kill(), name="a picture worker ends")
            self._letting_go.add(task)
            task.add_done_callback(self._letting_go.discard)
        self._idle.clear()


class _Worker:
    """One process, asked one thing at a time."""

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise TypeError("a worker needs pipes")
        self._process = process
        self._requests = process.stdin
        self._replies = process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    def worked_s(self) -> float:
        """Processor time of the process up to now. Raises `_Died` when there is none."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        except OSError:
            raise _Died from None
        user, system = fields[11:13]
        return (int(user) + int(system)) / _TICKS_PER_S

    async def ready(self) -> None:
        await self._reply()

    async def ask(self, request: Request, data: bytes) -> tuple[Reply, bytes]:
        head = msgspec.json.encode(request)
        try:
            self._requests.write(len(head).to_bytes(4, "big") + head + data)
            await self._requests.drain()
        except OSError:
            raise _Died from None
        return await self._reply()

    async def _reply(self) -> tuple[Reply, bytes]:
        try:
            length = int.from_bytes(await self._replies.readexactly(4), "big")
            reply = msgspec.json.decode(await self._replies.readexactly(length), type=Reply)
            return reply, await self._replies.readexactly(reply.octets)
        except (asyncio.IncompleteReadError, OSError, msgspec.DecodeError):
            raise _Died from None

    async def kill(self) -> None:
        """Ends the process now and waits for its end, which comes at once."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._requests.close()
        await self._process.wait()
