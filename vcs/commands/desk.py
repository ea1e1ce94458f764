"""`vcs desk`: which branches a desk serves."""

from __future__ import annotations

from pathlib import Path

import click

from vcs.commands.setting_up import Command, config_option, find_desk, in_store
from vcs.config import Settings
from vcs.store import Store


def _desk_options(command: Command) -> Command:
    for option in (
        click.option("--desk", type=click.IntRange(1), default=1, show_default=True),
        click.option("--desk-of", required=True, help="The branch whose desk it is."),
        click.argument("branch"),
    ):
        command = option(command)
    return command


@click.group()
def desk() -> None:
    """Desks, and which branches they serve beside their own."""


@desk.command()
@_desk_options
@config_option
def serve(branch: str, desk_of: str, desk: int, config: Path | None) -> None:
    """Let a desk serve BRANCH too: booths of BRANCH may be placed at it, its officers call BRANCH's
    visitors to them, and see BRANCH's visits."""

    async def work(store: Store, _settings: Settings) -> None:
        other = await store.branches.named(branch)
        await store.serving.add(await find_desk(store, desk_of, desk), other)

    in_store(config, work)
    click.echo(f"Desk {desk} of {desk_of} serves {branch} too.")


@desk.command()
@_desk_options
@config_option
def unserve(branch: str, desk_of: str, desk: int, config: Path | None) -> None:
    """Take that back, when no booth of BRANCH is placed at the desk any more."""

    async def work(store: Store, _settings: Settings) -> None:
        other = await store.branches.named(branch)
        await store.serving.end(await find_desk(store, desk_of, desk), other)

    in_store(config, work)
    click.echo(f"Desk {desk} of {desk_of} serves {branch} no more.")
