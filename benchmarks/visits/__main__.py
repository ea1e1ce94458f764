"""`python -m benchmarks.visits`: the store with a year of a large branch in it.

100,000 visits, each of about forty changes with their audit, are filled in; at a tenth, at half and
at all of them the queue, searches, an officer's sheet and writes are measured. The files of the
evidence and the intervals of talk are not written. Exits with 1 when a bar is not held or the audit
finds something in what was filled in, with 2 when nothing could be measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks.visits.branch import NotEmpty
from benchmarks.visits.report import checks, growth, table
from benchmarks.visits.year import measure
from vcs.logs import configure_logs
from vcs.store.records import StoreUnavailable


@click.command(help=__doc__)
@click.option("--visits", default=100_000, show_default=True, type=click.IntRange(min=10))
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the rows there.")
@click.option("--database", "url", help="An empty one; SQLite in a temporary directory if not.")
@click.option(
    "--sample", default=200, show_default=True, type=click.IntRange(min=1), help="Of each operation"
)
def main(visits: int, file: Path | None, url: str | None, sample: int) -> None:
    configure_logs("warning")
    with tempfile.TemporaryDirectory(prefix="vcs-visits-") as directory:
        address = url or f"sqlite+aiosqlite:///{directory}/vcs.db"
        try:
            measured = asyncio.run(measure(address, visits, sample, _progress))
        except (NotEmpty, StoreUnavailable) as reason:
            print(f"cannot measure: {reason}", file=sys.stderr)
            sys.exit(2)
    print(f"{_machine()}; {measured.database}")
    print(
        f"{visits:,} visits with {measured.changes / visits:.0f} changes each, "
        f"filled in {measured.filling_s:.0f} s"
    )
    print(table(measured.rows))
    print(growth(measured.sizes))
    print(f"audit of {measured.proven} visits: {len(measured.findings)} findings")
    told = checks(measured.rows, measured.findings)
    for holds, what in told:
        print(f"{'pass' if holds else 'FAIL'}  {what}")
    if file is not None:
        file.write_text(json.dumps([row.as_json() for row in measured.rows], indent=1) + "\n")
    sys.exit(0 if all(holds for holds, _ in told) else 1)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _machine() -> str:
    name = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores ({name}), "
        f"Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main()
