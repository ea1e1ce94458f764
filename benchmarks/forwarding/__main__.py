"""`python -m benchmarks.forwarding`: server CPU per forwarded packet, added latency, loss, memory.

A desk's load is an officer and six booths with picture and sound: 1,400 packets a second in, 2,400
out, all with real ICE, DTLS and SRTP. Ours, Janus (Debian's package) and a bare copy of datagrams
without any protection take turns, in a network namespace of their own; then ours alone with more
desks. Exits with 1 when a bar is not held, with 2 when nothing could be measured.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import uvloop

from benchmarks.forwarding.desk import CannotServe, Server
from benchmarks.forwarding.floor_server import FloorServer
from benchmarks.forwarding.janus_server import JanusServer
from benchmarks.forwarding.measure import Row, measure
from benchmarks.forwarding.namespace import NoNamespace, enter
from benchmarks.forwarding.report import CM, GCM, checks, medians, table
from benchmarks.forwarding.vcs_server import VcsServer
from benchmarks.installed import CannotInstall, installed
from vcs.logs import configure_logs
from vcs.media.description import SrtpProfile

SERVERS: Final = ("floor", "janus", "vcs", "vcs-gcm")
Make = Callable[[], Server]


@click.command(help=__doc__)
@click.option("--desks", default="1,4,8", show_default=True, help="Loads beside Janus.")
@click.option("--alone", default="12,16", show_default=True, help="Loads of ours alone, with GCM.")
@click.option("--seconds", default=5.0, show_default=True, help="Of each measurement.")
@click.option("--repeat", default=3, show_default=True, help="Rounds of which medians are taken.")
@click.option("--only", multiple=True, type=click.Choice(SERVERS), help="These servers alone.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the rows there.")
def main(
    desks: str,
    alone: str,
    seconds: float,
    repeat: int,
    only: tuple[str, ...],
    file: Path | None,
) -> None:
    try:
        installed()  # now: in there is no way to a package registry
        enter()
    except (CannotInstall, NoNamespace) as reason:
        print(f"cannot measure: {reason}", file=sys.stderr)
        sys.exit(2)
    configure_logs("warning")
    beside, further = _numbers(desks), _numbers(alone)
    rows = uvloop.run(_run(beside, further, seconds, repeat, only or SERVERS))
    shown = medians(rows)
    print(_machine())
    print(table(shown))
    told = checks(shown)
    for holds, what in told:
        print(f"{'pass' if holds else 'FAIL'}  {what}")
    if file is not None:
        file.write_text(json.dumps([row.as_json() for row in shown], indent=1) + "\n")
    if not shown:
        sys.exit(2)
    sys.exit(0 if all(holds for holds, _ in told) else 1)


async def _run(
    beside: list[int], further: list[int], seconds: float, repeat: int, only: tuple[str, ...]
) -> list[Row]:
    rows: list[Row] = []
    plan = [(desks, name) for desks in beside for _ in range(repeat) for name in only]
    if "vcs-gcm" in only:
        plan += [(desks, "vcs-gcm") for desks in further for _ in range(repeat)]
    for place, (desks, name) in enumerate(plan, 1):
        try:
            row = await measure(*_server(name, desks), desks, seconds)
        except (CannotServe, TimeoutError) as trouble:
            print(f"{place}/{len(plan)}  {name}, {desks} desks: {trouble}", file=sys.stderr)
            continue
        rows.append(row)
        print(
            f"{place}/{len(plan)}  {name}, {desks} desks: {row.cpu_us_per_packet:.1f} us a packet, "
            f"p99 {row.latency_p99_us:.0f} us, {row.lost} lost",
            file=sys.stderr,
        )
    return rows


def _server(name: str, desks: int) -> tuple[str, str, Make]:
    if name == "floor":
        return "floor", "none", FloorServer
    if name == "janus":
        return "janus", CM, JanusServer
    profile = SrtpProfile.AES128_CM_SHA1_80 if name == "vcs" else SrtpProfile.AEAD_AES_128_GCM
    return "vcs", CM if name == "vcs" else GCM, lambda: VcsServer(profile, desks)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]


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
        f"Python {platform.python_version()}, Linux {platform.release()}"
    )


if __name__ == "__main__":
    main()
