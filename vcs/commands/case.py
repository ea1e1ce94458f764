"""`vcs case`: one visit as a file that a person can read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import click

from vcs.commands.setting_up import config_option, in_store, plain_errors
from vcs.config import Settings
from vcs.store import NotThere, Store
from vcs.store.records import Officer
from vcs.store.visit_records import StoredVisit

if TYPE_CHECKING:
    from vcs.visits.case_record import Case


LONGEST_NUMBER: Final = len(str(2**53))


@click.group()
def case() -> None:
    """Case files: all that a visit left, for whoever has to look into it."""


@case.command()
@click.argument("visit")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The ZIP to make; one that is there is left alone.",
)
@click.option("--officer", required=True, help="Who looks: the name that the officer signs in by.")
@click.option(
    "--language", type=click.Choice(["id", "en"]), help="Of the page; else the visit's own."
)
@config_option
def export(visit: str, out: Path, officer: str, language: str | None, config: Path | None) -> None:
    """Write the case file of VISIT: its number, or the reference of its decision.

    The look is written into the visit's audit first. A server may run meanwhile. The file holds
    personal data and is not encrypted. Exit code 1 when evidence is missing or changed; the file is
    written all the same, and says so.
    """
    from vcs.clock import utc_now
    from vcs.http.pages import web_dir
    from vcs.store.evidence import evidence_path
    from vcs.visits.case_file import write_case_file
    from vcs.visits.case_page import CasePage
    from vcs.visits.case_sources import load_sources
    from vcs.visits.case_telling import CaseSources, ValuesGone, must_be_told
    from vcs.visits.flow_file import OWN_FLOWS, BadFlow, load_flows

    if os.path.lexists(out):
        raise click.ClickException(f"{out} is there already")

    async def work(store: Store, settings: Settings) -> tuple[CaseSources, Path]:
        flows = load_flows(settings.flows_dir or OWN_FLOWS)
        who = await _officer(store, officer)
        found = await _visit(store, visit)
        if found.branch_id not in await store.serving.seen_from(who.branch_id):
            raise NotThere(f"officer {officer!r} is of a branch that does not serve this visit's")
        must_be_told(found)
        await store.audit.looked(found.id, who.id, utc_now())
        return await load_sources(store, found.id, flows), settings.data_dir

    try:
        sources, data_dir = in_store(config, work)
    except (BadFlow, ValuesGone) as error:
        raise click.ClickException(str(error)) from error
    spoken = sources.visit.language if language is None else "en" if language == "en" else "id"
    page = CasePage(web_dir(), spoken, sources.flow.flow if sources.flow is not None else None)
    identifier = sources.visit.id

    def fill(target: IO[bytes]) -> Case:
        return write_case_file(
            target,
            sources,
            page,
            lambda digest: evidence_path(data_dir, identifier, digest).read_bytes(),
        )

    with plain_errors():
        told = _new_file(out, fill)
    bad = [each for each in told.evidence if each.state != "kept"]
    click.echo(f"{out}: visit {told.visit}, {len(told.evidence)} evidence files")
    for each in bad:
        click.echo(f"  {each.digest}: {each.state}")
    if bad:
        raise click.ClickException(
            f"{len(bad)} of {len(told.evidence)} evidence files missing or changed"
        )


def _new_file(out: Path, fill: Callable[[IO[bytes]], Case]) -> Case:
    """For this user alone, never instead of another file, and whole or not at all."""
    number = os.open(out, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "w+b") as target:
            told = fill(target)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return told


async def _officer(store: Store, name: str) -> Officer:
    """Raises `NotThere`, for one whose account is switched off and for a guard too."""
    for each in await store.officers.all():
        if each.name == name and not each.disabled and each.role != "guard":
            return each
    raise NotThere(f"there is no officer {name!r} who may sign in: vcs user list")


async def _visit(store: Store, wanted: str) -> StoredVisit:
    """By its number, as pages and other commands have it, else by reference. Raises `NotThere`."""
    number = wanted.removeprefix("visit-")
    if number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER:
        found = await store.visits.load(int(number))
        if found is not None:
            return found
    lines = await store.visits.with_reference(wanted)
    if len(lines) > 1:
        numbers = ", ".join(str(line.id) for line in lines)
        raise NotThere(f"several visits have the reference {wanted!r}: choose from {numbers}")
    found = await store.visits.load(lines[0].id) if lines else None
    if found is None:
        raise NotThere(f"there is no visit with the number or reference {wanted!r}")
    return found
