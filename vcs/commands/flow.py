"""`vcs flow`: the files that say what a visit must get done."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def flow() -> None:
    """Look at the files of flows."""


@flow.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
def check(files: tuple[Path, ...]) -> None:
    """Check flows before they are put to use: every mistake with its line, or what is in them."""
    from vcs.visits.flow_file import BadFlow, load_flow

    mistakes = 0
    for path in files:
        try:
            loaded = load_flow(path)
        except BadFlow as error:
            mistakes += len(error.mistakes)
            click.echo("\n".join(error.mistakes))
            continue
        it = loaded.flow
        click.echo(f"{path}: flow {it.name}, version {it.version}: {it.title.id} ({it.title.en})")
        for step in it.steps:
            counts = {
                "fields": len(step.fields),
                "captures": len(step.captures),
                "checks": len(step.checks),
                "questions": len(step.questions),
            }
            parts = [f"{count} {what}" for what, count in counts.items() if count]
            if step.questions:
                parts.append(f"{step.deal} dealt")
            if step.signature:
                parts.append("signature")
            who = "with the officer" if step.attended else "alone"
            click.echo(f"  {step.name} ({who}): {', '.join(parts)}")
        click.echo(f"  digest {loaded.digest}")
    if mistakes:
        raise click.ClickException(f"{mistakes} mistake{'s' if mistakes > 1 else ''}")
