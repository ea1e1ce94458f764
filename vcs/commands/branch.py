"""`vcs branch`: branches and their desks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from vcs.commands.setting_up import config_option, in_store
from vcs.config import Settings
from vcs.store import Store
from vcs.store.records import BoothPlace, Branch, Desk


@click.group()
def branch() -> None:
    """Branches and their desks."""


@branch.command()
@click.argument("name")
@click.option(
    "--desks",
    type=click.IntRange(0, 100),
    default=1,
    show_default=True,
    help="How many desks; 0 where desks of another branch serve this one (vcs desk serve).",
)
@config_option
def add(name: str, desks: int, config: Path | None) -> None:
    """Make a branch with desks 1 to DESKS, or without any."""
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise click.ClickException("a branch's name has 1 to 100 characters")

    async def work(store: Store, _settings: Settings) -> None:
        await store.branches.add(name, desks)

    in_store(config, work)
    click.echo(f"Branch {name} is there, with {desks} desk{'' if desks == 1 else 's'}.")


@branch.command("list")
@config_option
def list_branches(config: Path | None) -> None:
    """Branches, their desks, whom these serve beside, and how many booths each desk has."""

    async def work(store: Store, _settings: Settings) -> list[str]:
        lines = []
        for found in await store.branches.all():
            lines.append(found.name)
            for desk in await store.branches.desks(found.id):
                served = [each.name for each in (await store.serving.branches_of(desk))[1:]]
                lines.append(
                    f"  desk {desk.number}: {_booths(await store.booths.of_desk(desk.id))}"
                    + (f", serves {', '.join(served)} too" if served else "")
                )
            for desk, booths in await _elsewhere(store, found):
                lines.append(f"  at desk {desk.number} of {desk.branch}: {_booths(booths)}")
        return lines

    lines = in_store(config, work)
    click.echo("\n".join(lines) if lines else "There is no branch yet: vcs branch add NAME")


async def _elsewhere(store: Store, branch: Branch) -> list[tuple[Desk, list[BoothPlace]]]:
    """The branch's booths at desks of others."""
    found: dict[int, list[BoothPlace]] = {}
    for place in await store.booths.of_branch(branch.id):
        found.setdefault(place.desk_id, []).append(place)
    desks = [(await store.branches.desk(desk_id), places) for desk_id, places in found.items()]
    return [
        (desk, places) for desk, places in desks if desk is not None and desk.branch_id != branch.id
    ]


def _booths(booths: Sequence[BoothPlace]) -> str:
    enrolled = sum(booth.enrolled for booth in booths)
    return f"{len(booths)} booths, {enrolled} of them enrolled"
