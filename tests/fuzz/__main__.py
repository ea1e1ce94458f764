"""`./run fuzz [TARGET...] [--seconds N]`: each parser under atheris, which looks for new ways
through it. What crashes one is kept in `crashers/`, where every test run tries it again."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import atheris
import click

with atheris.instrument_imports(include=["vcs"]):
    from tests.fuzz.targets import TARGETS

CRASHERS = Path(__file__).with_name("crashers")


@click.command(help=__doc__)
@click.argument("names", nargs=-1, type=click.Choice(sorted(TARGETS)))
@click.option("--seconds", default=60, show_default=True, help="For each target.")
@click.option("--here", is_flag=True, hidden=True, help="In this process: atheris ends it.")
def main(names: tuple[str, ...], seconds: int, here: bool) -> None:
    if here:
        _fuzz(names[0], seconds)
        return
    found = 0
    for name in names or sorted(TARGETS):
        click.echo(f"{name}: {seconds} s")
        command = (sys.executable, "-m", "tests.fuzz", name, "--seconds", str(seconds), "--here")
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            found += 1
            click.echo(done.stderr[-3000:])
    if found:
        raise click.ClickException(f"{found} of the targets crashed: see {CRASHERS}")


def _fuzz(name: str, seconds: int) -> None:
    target = TARGETS[name]

    def feed(data: bytes) -> None:
        try:
            target.feed(data)
        except target.refusal:
            return

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            (Path(corpus) / str(number)).write_bytes(seed)
        CRASHERS.mkdir(exist_ok=True)
        words = [f"-max_total_time={seconds}", f"-artifact_prefix={CRASHERS}/{name}-", corpus]
        atheris.Setup([sys.argv[0], *words], feed)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
