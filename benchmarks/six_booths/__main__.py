"""`python -m benchmarks.six_booths`: does private talk hold under load, and how fast is it?

A real server process; six booths and an officer at it, each with a tone of his own. The officer
talks to booths at random, holds and announces. Measured on one machine, by its monotonic clock:

join_ms                connect to media up, at each booth; all booths join at once, five times
switch_to_booth_ms     talk command to the officer's first packet of speech at the new booth
switch_to_officer_ms   talk command to the booth's first packet of speech at the officer
old_booth_silent_ms    command to the last packet of speech at the booth that was on air before
late_packets           speech at a booth or the officer after the server had acknowledged that the
                       path is gone (how that is judged: `benchmarks.six_booths.gate`)
lost_packets           gaps in the sequence numbers of all that booths and officer received
leaks                  things heard where they must not be: foreign tones above -60 dBFS in the
                       spectrum of what arrived, packets that are somebody else's, packets where
                       no path may be (`benchmarks.six_booths.tones`)
server_cpu_percent     of one core, while switching; server_rss_mb is the largest seen

With --browser the officer and booths 1 and 2 are Chromium pages. There `switch_to_...` is key to
first sound, as an AudioWorklet hears it and the page plays it aloud; `old_booth_silent_ms` is
acknowledgement to the last sound, as the AudioWorklet hears it (`benchmarks.six_booths.pages`).

Exit code 0: everything held. 1: it did not. 2: it could not be measured.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import click
import uvloop

from benchmarks.server_process import ServerTrouble
from benchmarks.six_booths.headless import Gone
from benchmarks.six_booths.measure import Options, run
from benchmarks.six_booths.pages import NoBrowser
from benchmarks.six_booths.report import checks, table
from vcs.logs import configure_logs

INTERRUPTED = 130


@click.command(help=(__doc__ or "").replace("\n\n", "\n\n\b\n"))
@click.option("--booths", type=click.IntRange(1, 6), default=6, show_default=True)
@click.option("--seconds", type=click.FloatRange(min=1), help="How long. Alone: 60 by default.")
@click.option(
    "--switches",
    type=click.IntRange(min=1),
    help="How many talks. With --seconds they are spread over that time.",
)
@click.option("--browser", is_flag=True, help="The officer and two booths are Chromium pages.")
@click.option("--break-privacy", is_flag=True, help="Against a rule that leaks: must fail.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", type=int, default=1, show_default=True, help="Of the order of switches.")
def main(
    booths: int,
    seconds: float | None,
    switches: int | None,
    browser: bool,
    break_privacy: bool,
    json_file: Path | None,
    seed: int,
) -> None:
    configure_logs("error")
    options = Options(booths, seconds, switches, browser, break_privacy, seed)
    try:
        found = uvloop.run(_until_told(options))
    except (Gone, NoBrowser, ServerTrouble) as trouble:
        click.echo(f"cannot measure: {trouble}", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("stopped", err=True)
        sys.exit(INTERRUPTED)
    if json_file is not None:
        json_file.write_text(json.dumps(found, indent=2) + "\n")
    click.echo(table(found))
    sys.exit(0 if all(check.holds for check in checks(found)) else 1)


async def _until_told(options: Options) -> dict[str, object]:
    """SIGTERM ends it as Ctrl-C does: with everything that was started."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    return await run(options)


if __name__ == "__main__":
    main()
