"""The server that is measured: the product itself in a process of its own, with its own ports and
its own data, a branch in its database, and eyes on what it costs."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from aiohttp import ClientError, ClientSession

from benchmarks.forwarding.namespace import ends_with_us
from benchmarks.installed import ROOT, CannotInstall, installed
from vcs.booth.enrolment import Enrolment
from vcs.config import Settings
from vcs.officer.accounts import Accounts
from vcs.officer.passwords import Passwords
from vcs.secret_key import load_secret_key
from vcs.store import Store

READY_WITHIN_S: Final = 60.0
ENDS_WITHIN_S: Final = 10.0
SAMPLE_S: Final = 1.0
TALK_ALONE: Final = ROOT / "benchmarks" / "flows"
"""One service without a step of the visitor's own: from the consent to waiting."""


class ServerTrouble(Exception):
    """The server did not start, or has ended by itself. The text holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What lets the people of one desk in: device tokens of the headless booths, pairing codes of
    the pages, the officer's name and password."""

    tokens: Mapping[int, str]
    codes: Mapping[int, str]
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What the server took while it was watched. `rss_mb` is the largest that was seen."""

    cpu_percent: float
    rss_mb: float
    seconds: float


class ServerProcess:
    """One server, from its database to its end."""

    def __init__(
        self,
        data_dir: Path,
        *,
        program: str = "vcs",
        http_host: str = "127.0.0.1",
        media_host: str = "127.0.0.1",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`program`: the module to run; `settings`: further ones, by their variables' names."""
        self._data_dir = data_dir
        self._program = program
        self._http_host = http_host
        self._media_host = media_host
        self._settings = settings or {}
        self._http_port = _free_port(socket.SOCK_STREAM)
        self.media_port = _free_port(socket.SOCK_DGRAM)
        self._process: asyncio.subprocess.Process | None = None
        self.url = f"http://{http_host}:{self._http_port}"

    async def furnish(
        self, booths: int, in_pages: Collection[int] = (), desks: int = 1
    ) -> list[Keys]:
        """Write branches of one desk each, their booths and officers into the database."""
        settings = Settings(data_dir=self._data_dir)
        settings.prepare_data_dir()
        store = await Store.open(settings.database_url)
        try:
            accounts = Accounts(store, await Passwords.open())
            enrolment = Enrolment(store, load_secret_key(self._data_dir))
            return [
                await _furnish(store, accounts, enrolment, number, booths, in_pages)
                for number in range(1, desks + 1)
            ]
        finally:
            await store.close()

    async def start(self) -> None:
        """Returns when it answers. Raises `ServerTrouble`."""
        try:
            package = await asyncio.to_thread(installed)
        except CannotInstall as trouble:
            raise ServerTrouble(str(trouble)) from trouble
        with self._log.open("ab") as log:
            # In a session of its own: Ctrl-C at the terminal is for us, and we end it then.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._program,
                "serve",
                cwd=self._data_dir,
                env=self._environment(package),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ends_with_us,
            )
        async with ClientSession() as http:
            deadline = time.monotonic() + READY_WITHIN_S
            while not await self._answers(http):
                self.check()
                if time.monotonic() > deadline:
                    raise ServerTrouble(f"the server does not answer:\n{self.log()}")
                await asyncio.sleep(0.05)

    def check(self) -> None:
        """Raises `ServerTrouble` when it has ended."""
        if self._process is None or self._process.returncode is not None:
            raise ServerTrouble(f"the server has ended by itself:\n{self.log()}")

    async def stop(self) -> None:
        """By SIGTERM, by force when that takes too long."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def meter(self) -> CostMeter:
        return CostMeter(self.pid)

    async def numbers(self) -> dict[str, float]:
        """Its own counters, from /metrics."""
        async with ClientSession() as http, http.get(f"{self.url}/metrics") as response:
            response.raise_for_status()
            return parse_numbers((await response.text()).splitlines())

    def log(self) -> str:
        """The end of what it wrote."""
        return self._log.read_text(errors="replace")[-4000:]

    @property
    def _log(self) -> Path:
        return self._data_dir / "server.log"

    async def _answers(self, http: ClientSession) -> bool:
        try:
            async with http.get(f"{self.url}/health") as response:
                return response.status == 200
        except (ClientError, OSError):
            return False

    def _environment(self, package: Path) -> dict[str, str]:
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("VCS_")}
        return {
            **inherited,
            "PYTHONPATH": os.pathsep.join((str(package), str(ROOT))),
            "VCS_DATA_DIR": str(self._data_dir),
            "VCS_HTTP_HOST": self._http_host,
            "VCS_HTTP_PORT": str(self._http_port),
            "VCS_MEDIA_PORT": str(self.media_port),
            "VCS_MEDIA_HOST": self._media_host,
            "VCS_LOG_LEVEL": "warning",
            "VCS_FLOWS_DIR": str(TALK_ALONE),
            **self._settings,
        }


async def _furnish(
    store: Store,
    accounts: Accounts,
    enrolment: Enrolment,
    number: int,
    booths: int,
    in_pages: Collection[int],
) -> Keys:
    branch = await store.branches.add(f"Cabang {number}")
    desk = (await store.branches.desks(branch.id))[0]
    name, password = f"officer{number}", secrets.token_urlsafe(16)
    await accounts.add(name, password, branch.id, display_name="Andi Pratama")
    tokens, codes = {}, {}
    for slot in range(1, booths + 1):
        place = await store.booths.add(desk.id, slot)
        code = (await enrolment.pair(place.id)).code
        if slot in in_pages:
            codes[slot] = code
        else:
            tokens[slot] = (await enrolment.enrol(code, None)).token
    return Keys(tokens, codes, name, password)


class CostMeter:
    """Watches one process: `async with server.meter() as meter`, then `meter.cost()`."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._largest = 0
        self._began = time.monotonic()
        self._cpu_before = self._cpu()
        self._sampling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> CostMeter:
        self._began = time.monotonic()
        self._cpu_before = self._cpu()
        self._sampling = asyncio.create_task(self._sample())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._sampling is not None
        self._sampling.cancel()
        await asyncio.gather(self._sampling, return_exceptions=True)

    def cost(self) -> Cost:
        """From the beginning until now."""
        seconds = time.monotonic() - self._began
        self._largest = max(self._largest, self._process.memory_info().rss)
        used = self._cpu() - self._cpu_before
        return Cost(100 * used / seconds, self._largest / 2**20, seconds)

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    async def _sample(self) -> None:
        while True:
            self._largest = max(self._largest, self._process.memory_info().rss)
            await asyncio.sleep(SAMPLE_S)


def parse_numbers(lines: Iterable[str]) -> dict[str, float]:
    """Prometheus's text format, as far as /metrics uses it; the prefix `vcs_` is left off."""
    numbers = {}
    for line in lines:
        name, _, value = line.partition(" ")
        if name.startswith("vcs_") and value:
            numbers[name.removeprefix("vcs_")] = float(value)
    return numbers


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
