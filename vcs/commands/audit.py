"""`vcs audit`: whether anybody has touched what was written down."""

from __future__ import annotations

from pathlib import Path

import click

from vcs.commands.setting_up import config_option, in_store
from vcs.config import Settings
from vcs.store import Store
from vcs.store.audit_check import AuditCounts


@click.group()
def audit() -> None:
    """The audit of visits: verify it, or write a head now."""


@audit.command()
@config_option
def verify(config: Path | None) -> None:
    """Look for changed, missing and exchanged rows, and for changed or missing evidence.

    A server may run meanwhile. Exit code 1 when something was found.
    """

    async def work(store: Store, settings: Settings) -> tuple[int, AuditCounts]:
        check = store.audit_check(settings.data_dir)
        found = 0
        async for finding in check.findings():
            found += 1
            click.echo(str(finding))
        return found, check.counts

    found, counts = in_store(config, work)
    looked_at = (
        f"{counts.visits} visits, {counts.rows} audit rows, {counts.heads} heads, "
        f"{counts.files} evidence files"
    )
    if found:
        raise click.ClickException(f"{found} findings in {looked_at}")
    click.echo(f"In order: {looked_at}.")


@audit.command()
@config_option
def head(config: Path | None) -> None:
    """Write a head over all visits that changed since the last one, and print its hash.

    Kept outside of this machine, the hash shows later that the audit up to now is still the same.
    """

    async def work(store: Store, _settings: Settings) -> list[str]:
        return [
            f"Head {head.number} over {head.visits} visits: {head.hash}"
            for head in await store.audit_heads.write()
        ]

    lines = in_store(config, work)
    click.echo("\n".join(lines) if lines else "Nothing has changed since the last head.")
