"""The demo: a whole server, six booths with drawn visitors, and one link to open.

Everything lives in a temporary directory and in one child process, and ends with this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import uvloop
from aiohttp import web

from vcs.app import CannotStart, RunningServer, start
from vcs.booth.enrolment import CODE_LIFE
from vcs.config import BadSettings, Settings
from vcs.http.sign_in import COOKIE
from vcs.logs import configure_logs
from vcs.store.records import BoothPlace

DEFAULT_PORT: Final = 8080
SLOTS: Final = 6
BRANCH: Final = "Cabang Salemba"
OFFICER: Final = ("andi", "Andi Pratama")
FRAME_RATE: Final = 15
READY_WITHIN_S: Final = 60.0
END_WITHIN_S: Final = 5.0
ABANDONED_S: Final = 20.0
"""A tab that was closed so long ago leaves its booth to the next one."""

NUMBER_WORDS: Final = ("no", "one", "two", "three", "four", "five", "six")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(booths: int, port: int | None = None, host: str = "127.0.0.1") -> int:
    """Run the demo until SIGINT or SIGTERM. Blocks; returns the exit code.

    `booths`: 0 to 6 of them are drawn visitors, the other places are for browser tabs. `port` of
    the pages; None takes 8080, or a free one when that is taken.
    """
    if not 0 <= booths <= SLOTS:
        _say(f"A desk has one to six booths: --booths 0 to {SLOTS}.")
        return 2
    configure_logs("warning")
    with tempfile.TemporaryDirectory(prefix="vcs-demo-") as folder:
        try:
            return uvloop.run(_run(booths, port, host, Path(folder)))
        except (CannotStart, BadSettings) as reason:
            _say(f"The demo cannot start: {reason}")
            return 1


async def _run(booths: int, port: int | None, host: str, folder: Path) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    crowd = Crowd(range(1, booths + 1))
    doors = DemoDoors(range(booths + 1, SLOTS + 1))
    try:
        await crowd.open()
        server = await _serve(port, host, folder, doors)
        try:
            await doors.furnish(server)
            await crowd.join(server, doors.places)
            ready = asyncio.create_task(crowd.settled())
            stop = asyncio.create_task(stopped.wait())
            broken = asyncio.create_task(server.desks.broken())
            await asyncio.wait(
                (ready, stop, broken), timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED
            )
            ready.cancel()
            if not stopped.is_set() and not broken.done():
                _welcome(server, crowd, doors)
            await asyncio.wait((stop, broken), return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            if broken.cancel():
                _say("\nStopping.")
            else:
                _say("\nA timer of the server has failed, so the demo stops. The error is above.")
                return 1
        finally:
            await server.stop()
    finally:
        await crowd.close()
    return 0


async def _serve(port: int | None, host: str, folder: Path, doors: DemoDoors) -> RunningServer:
    for candidate in (DEFAULT_PORT, 0) if port is None else (port,):
        settings = Settings(http_host=host, http_port=candidate, media_port=0, data_dir=folder)
        try:
            return await start(settings, doors.routes())
        except CannotStart as reason:
            if candidate == 0 or port is not None:
                raise
            _say(f"{reason}\nTaking a free port instead.")
    raise AssertionError("unreachable")


def _welcome(server: RunningServer, crowd: Crowd, doors: DemoDoors) -> None:
    if crowd.present:
        count = len(crowd.present)
        _say(
            f"{NUMBER_WORDS[count].capitalize()} booth{'s have' if count > 1 else ' has'} joined; "
            "the visitors sit down as soon as they are drawn."
        )
    _say(f"\n  The officer's console   {server.http_url}{doors.officer_path}")
    if doors.free:
        _say(f"  To sit in a booth       {server.http_url}{doors.booth_path}")
        _say("                          (one booth for each tab)")
    _say(
        "\nThe browser asks for camera and microphone: the officer needs a microphone to talk."
        "\nHeadphones keep one booth's sound out of another's. In the console: 1 to 6 talk,"
        "\nEsc holds all, A announces. Ctrl-C here stops everything."
    )


class DemoDoors:
    """The branch, the officer and the booths, and links that let in whoever knows them."""

    def __init__(self, free: Iterable[int]) -> None:
        self.free = tuple(free)
        self.places: dict[int, BoothPlace] = {}
        self.officer_path = f"/demo/officer/{secrets.token_urlsafe(16)}"
        self.booth_path = f"/demo/booth/{secrets.token_urlsafe(16)}"
        self._password = secrets.token_urlsafe(16)
        self._handed_out: dict[int, float] = {}
        self._server: RunningServer | None = None

    def routes(self) -> list[web.RouteDef]:
        return [web.get(self.officer_path, self._officer), web.get(self.booth_path, self._booth)]

    async def furnish(self, server: RunningServer) -> None:
        """Make the branch with its desk, the officer, and the six places."""
        self._server = server
        branch = await server.store.branches.add(BRANCH)
        desk = (await server.store.branches.desks(branch.id))[0]
        name, display_name = OFFICER
        await server.accounts.add(name, self._password, branch.id, display_name=display_name)
        for slot in range(1, SLOTS + 1):
            self.places[slot] = await server.store.booths.add(desk.id, slot)

    async def _officer(self, request: web.Request) -> web.StreamResponse:
        """Signed in by the link alone."""
        server = self._running()
        session = await server.accounts.sign_in(OFFICER[0], self._password, request.remote)
        response = web.HTTPSeeOther("/console?open")
        response.set_cookie(COOKIE, session.token, path="/", httponly=True, samesite="Strict")
        raise response

    async def _booth(self, _request: web.Request) -> web.StreamResponse:
        """The next free booth, for this tab."""
        server = self._running()
        for slot in self.free:
            if self._is_free(server, slot):
                self._handed_out[slot] = time.monotonic()
                code = (await server.enrolment.pair(self.places[slot].id)).code
                raise web.HTTPSeeOther(f"/booth#pair={code}&tab")
        return web.Response(
            status=409,
            text="All the booths of this desk are taken.\n"
            f"Close a booth's tab and open this link again after {ABANDONED_S:.0f} seconds.\n",
        )

    def _is_free(self, server: RunningServer, slot: int) -> bool:
        now = time.monotonic()
        handed_out = self._handed_out.get(slot)
        if handed_out is None:
            return True
        for live in server.desks:
            seat = live.desk.seats.get(slot)
            if seat is not None and seat.joined:
                return False
            if seat is not None and seat.offline_since is not None:
                return now - max(seat.offline_since, handed_out) > ABANDONED_S
        return now - handed_out > CODE_LIFE.total_seconds()

    def _running(self) -> RunningServer:
        if self._server is None:
            raise web.HTTPServiceUnavailable(text="The demo is still starting.\n")
        return self._server


class Crowd:
    """The process with the drawn visitors (see `vcs.booth.crowd`): it ends when this one does."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.numbers = tuple(numbers)
        self.present: set[int] = set()
        self._failed: set[int] = set()
        self._changed = asyncio.Event()
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._closing = False

    async def open(self) -> None:
        """Start drawing."""
        if not self.numbers:
            return
        count = len(self.numbers)
        _say(f"Drawing and encoding {NUMBER_WORDS[count]} visitor{'s' if count > 1 else ''} ...")
        # In a session of its own: Ctrl-C at the terminal is for the demo, which then ends this.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "vcs.booth.crowd",
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        await self._tell(numbers=self.numbers, frame_rate=FRAME_RATE)

    async def join(self, server: RunningServer, places: dict[int, BoothPlace]) -> None:
        """Let the visitors in."""
        if self._process is None:
            return
        codes = {
            number: (await server.enrolment.pair(places[number].id)).code for number in self.numbers
        }
        await self._tell(server=server.http_url, codes=codes)

    async def settled(self) -> None:
        """Return when every booth of these has joined, or will not."""
        while set(self.numbers) - self.present - self._failed:
            self._changed.clear()
            await self._changed.wait()

    async def close(self) -> None:
        """End the process, by force when it takes too long."""
        if self._process is None or self._reading is None:
            return
        self._closing = True
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_WITHIN_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading

    async def _tell(self, **order: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):  # it has ended, which `_read` tells
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            await self._process.stdin.drain()

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            fact: dict[str, Any] = json.loads(line)
            if "failed" in fact:
                number = fact["failed"]
                self.present.discard(number)
                self._problem({number}, f"Booth {number} has no visitor: {fact['reason']}")
            if "joined" in fact:
                self.present.add(fact["joined"])
            self._changed.set()
        code = await process.wait()
        if not self._closing:
            self.present = set()
            self._problem(set(self.numbers), f"The visitors have left (exit code {code}).")

    def _problem(self, numbers: set[int], text: str) -> None:
        self._failed |= numbers
        _say(f"! {text}")
        self._changed.set()
