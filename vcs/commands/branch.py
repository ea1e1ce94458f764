"""`vcs branch`: branches and their desks."""

from __future__ import annotations

from pathlib import Path

import click

from vcs.commands.setting_up import config_option, in_store
from vcs.config import Settings
from vcs.store import Store


@click.group()
def branch() -> None:
    """Branches and their desks."""


@branch.command()
@click.argument("name")
@click.option(
    "--desks", type=click.IntRange(1, 100), default=1, show_default=True, help="How many desks."
)
@config_option
def add(name: str, desks: int, config: Path | None) -> None:
    """Make a branch with desks 1 to DESKS."""
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise click.ClickException("a branch's name has 1 to 100 characters")

    async def work(store: Store, _settings: Settings) -> None:
        await store.branches.add(name, desks)

    in_store(config, work)
    click.echo(f"Branch {name} is there, with {desks} desk{'s' if desks > 1 else ''}.")


@branch.command("list")
@config_option
def list_branches(config: Path | None) -> None:
    """Branches, their desks, and how many booths each desk has."""

    async def work(store: Store, _settings: Settings) -> list[str]:
        lines = []
        for found in await store.branches.all():
            lines.append(found.name)
            for desk in await store.branches.desks(found.id):
                booths = await store.booths.of_desk(desk.id)
                enrolled = sum(booth.enrolled for booth in booths)
                lines.append(
                    f"  desk {desk.number}: {len(booths)} booths, {enrolled} of them enrolled"
                )
        return lines

    lines = in_store(config, work)
    click.echo("\n".join(lines) if lines else "There is no branch yet: vcs branch add NAME")
