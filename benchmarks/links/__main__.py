"""`python -m benchmarks.links`: what an officer sees and hears over bad networks.

A real server, six booths and an officer's console in real Chromium, whose only way to the server
is an emulated link between two network namespaces (`benchmarks.links.link`). The booths are agents
that send prepared layers of 720, 360 and 180 lines at 30 frames a second beside the server; in
publisher450 the booth is a Chromium page behind the link and the console is beside the server.
The officer looks at booth 1 and talks to it.

sound_gap_ms_per_min    sound of booth 1 that had not come when it was to be played
focus_fps, thumb_fps    frames shown a second: the large picture, the slowest of the small ones
freezes                 gaps between frames over 500 ms, in all pictures that are not marked as
                        paused; longest_freeze_ms is the longest
recovery_ms             outage20, address-change: until sound and picture go on; drop3000to500:
                        until 720 lines at 20 frames a second are back; udp-blocked-...: until the
                        connection is up
used_kbps               of available_kbps, that the link took; queue_ms: 95 of a hundred packets
                        waited no longer for it

`benchmarks.links.cases` has the cases and what must hold in each, `watching` how it is judged.
Needs network namespaces (root, or those of users) and Chromium.

Exit code 0: every case that was run holds. 1: one does not. 2: nothing could be run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import click
import uvloop

from benchmarks.installed import CannotInstall, installed
from benchmarks.links.cases import CASES, Case
from benchmarks.links.chromium import FAR_END_PRIORITY
from benchmarks.links.measure import measure, say
from benchmarks.links.media import prepare
from benchmarks.links.namespace import NoNamespace, enter
from benchmarks.links.report import table, verdict
from benchmarks.links.row import Row
from vcs.logs import configure_logs

INTERRUPTED = 130


@click.command(help=(__doc__ or "").replace("\n\n", "\n\n\b\n"))
@click.option("--case", "names", multiple=True, type=click.Choice(list(CASES)), help="Only these.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path))
def main(names: tuple[str, ...], json_file: Path | None) -> None:
    try:
        installed()  # now: in there is no way to a package registry
        enter("benchmarks.links")
    except (CannotInstall, NoNamespace) as reason:
        click.echo(f"cannot measure: {reason}", err=True)
        sys.exit(2)
    configure_logs("error")
    chosen = [CASES[name] for name in names or CASES]
    rows: list[Row] = []
    try:
        uvloop.run(_run(chosen, rows))
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("stopped", err=True)
        sys.exit(INTERRUPTED)
    finally:
        if rows and json_file is not None:
            json_file.write_text(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    click.echo(table(rows))
    click.echo(verdict(rows))
    sys.exit(0 if all(row.passed for row in rows) else 1)


async def _run(cases: list[Case], rows: list[Row]) -> None:
    """Adds a row for each case. SIGTERM ends it as Ctrl-C does: with all that was started."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    with contextlib.suppress(OSError):  # root's right
        os.nice(-FAR_END_PRIORITY)
    say("encoding the visitors' pictures")
    media = await asyncio.to_thread(prepare, max(case.booths for case in cases))
    for number, case in enumerate(cases, 1):
        say(f"{number}/{len(cases)}  {case.name}: {case.words}")
        row = await measure(case, {slot: media[slot] for slot in range(1, case.booths + 1)})
        rows.append(row)
        say(f"      {'holds' if row.passed else row.note or '; '.join(row.short)}")


if __name__ == "__main__":
    main()
