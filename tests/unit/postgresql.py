"""A PostgreSQL of the tests' own, from Debian's package: a private cluster in a directory that goes
away with it, reached by a Unix socket, never run as root and never the system's."""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from vcs.store import Store

USER: Final = "vcs"
TEMPLATE: Final = "migrated"
# Power cuts are not tested here; a killed client is, and that needs no disk.
HASTE: Final = ("-c", "fsync=off", "-c", "full_page_writes=off")
PATIENCE_S: Final = 120.0


class NoPostgresql(Exception):
    """It cannot be run here. The text says why."""


@dataclass(frozen=True)
class Cluster:
    """A running server. `fresh` databases have the tables of today, and nothing in them."""

    programs: Path
    sockets: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://{USER}@/{database}?host={self.sockets}"

    def sql(self, statement: str) -> None:
        """As the cluster's owner, outside of all that the tests look at."""
        done = subprocess.run(
            [
                self.programs / "psql",
                *f"-X -q -h {self.sockets} -U {USER} -d postgres".split(),
                *("-v", "ON_ERROR_STOP=1", "-c", statement),
            ],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise NoPostgresql(f"{statement}: {done.stderr}")

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[str]:
        """The address of a database, which is dropped afterwards."""
        name = f"test{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Raises `NoPostgresql`."""
    programs = _programs()
    directory = Path(tempfile.mkdtemp(prefix="vcs-postgresql-"))
    try:
        running = Cluster(programs, directory)
        command = _as_nobody_special(directory)
        _run(
            [
                *(*command, programs / "initdb", "-D", directory / "data"),
                *f"-U {USER} -A trust -E UTF8 --locale=C.UTF-8 --no-sync".split(),
            ]
        )
        with (directory / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(*command, programs / "postgres", "-D", directory / "data"),
                    *("-k", directory, "-c", "listen_addresses=", *HASTE),
                ],
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd="/",
            )
        try:
            _wait(running, server)
            _make_template(running)
            yield running
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            server.wait(60)
    finally:
        shutil.rmtree(directory)


def _programs() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parts[-3]),
    )
    if not found:
        raise NoPostgresql(
            "PostgreSQL is not installed: there is no /usr/lib/postgresql/*/bin/postgres. "
            "./run test installs it; or: apt-get install postgresql"
        )
    return found[-1].parent


def _as_nobody_special(directory: Path) -> list[str]:
    """PostgreSQL refuses to run as root. It ends with the tests, however those end."""
    if os.getuid() != 0:
        return ["setpriv", "--pdeathsig", "QUIT"]
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names.get("nobody")
    if user is None:
        raise NoPostgresql("PostgreSQL does not run as root, and there is no user nobody")
    os.chown(directory, user.pw_uid, user.pw_gid)
    directory.chmod(0o755)
    return [
        "setpriv",
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        "--pdeathsig",
        "QUIT",
    ]


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise NoPostgresql(f"{command[-1]} and before: {done.stdout}{done.stderr}")


def _wait(running: Cluster, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            running.sql("SELECT 1")
        except NoPostgresql as error:
            if server.poll() is not None or time.monotonic() > until:
                said = (running.sockets / "log").read_text()
                raise NoPostgresql(f"PostgreSQL does not start: {said}") from error
            time.sleep(0.05)
        else:
            return


def _make_template(running: Cluster) -> None:
    running.sql(f"CREATE DATABASE {TEMPLATE}")

    async def migrate() -> None:
        await (await Store.open(running.url(TEMPLATE))).close()

    # In a thread: this one may have a loop of the tests.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate()).result()
