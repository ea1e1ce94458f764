"""What the commands share: the settings, an open store, and mistakes told in one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from vcs.config import BadSettings, Settings
from vcs.officer.accounts import BadName
from vcs.officer.passwords import BadPassword
from vcs.secret_key import BadSecretKey
from vcs.store import AlreadyThere, NotThere, Store
from vcs.store.records import Branch, Desk, InUse, NotServed, StoreUnavailable

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])

MISTAKES = (
    BadSettings,
    BadSecretKey,
    StoreUnavailable,
    AlreadyThere,
    NotThere,
    NotServed,
    InUse,
    BadName,
    BadPassword,
)


def config_option(command: Command) -> Command:
    """`--config FILE`, given to the command as `config`."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="VCS_CONFIG",
        help="Settings file; else vcs.toml of this directory, when it is there.",
    )(command)


def place_options(command: Command) -> Command:
    """`--branch`, `--desk-of`, `--desk` and `--slot`: a booth's branch and its place."""
    for option in (
        click.option("--slot", type=click.IntRange(1, 6), required=True, help="1 to 6."),
        click.option("--desk", type=click.IntRange(1), default=1, show_default=True),
        click.option("--desk-of", help="The branch whose desk it is; else the booth's own."),
        click.option("--branch", required=True, help="The booth's branch."),
    ):
        command = option(command)
    return command


@contextmanager
def plain_errors() -> Iterator[None]:
    """A mistake of the person at the keyboard gives a sentence and exit code 1, no traceback."""
    try:
        yield
    except MISTAKES as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.strerror}: {error.filename}") from error


def in_store(config: Path | None, work: Callable[[Store, Settings], Awaitable[T]]) -> T:
    """Load the settings, open the store, do the work, close the store.

    A running server need not be stopped: both use the same file, and nothing is cached.
    """

    async def run(settings: Settings) -> T:
        store = await Store.open(settings.database_url)
        try:
            return await work(store, settings)
        finally:
            await store.close()

    with plain_errors():
        settings = Settings.load(config)
        settings.prepare_data_dir()
        return asyncio.run(run(settings))


async def find_desk(store: Store, branch: str, number: int) -> Desk:
    """The desk by what people call it. Raises `NotThere`."""
    return await store.branches.desk_numbered(await store.branches.named(branch), number)


async def find_place(
    store: Store, branch: str, desk_of: str | None, number: int
) -> tuple[Branch, Desk]:
    """A booth's branch, and the desk that it is or will be placed at. Raises `NotThere`."""
    own = await store.branches.named(branch)
    return own, await find_desk(store, desk_of or branch, number)
