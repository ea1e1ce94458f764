"""A run from beginning to end."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

from benchmarks.server_process import ServerProcess
from benchmarks.six_booths import pages
from benchmarks.six_booths.air import HOLD, OFFICER, Air
from benchmarks.six_booths.desk import HeadlessDesk
from benchmarks.six_booths.headless import Gone
from benchmarks.six_booths.own_lag import OwnLag
from benchmarks.six_booths.pages import BrowserDesk
from benchmarks.six_booths.plan import dwell, moves
from benchmarks.six_booths.processor_use import ProcessorUse
from benchmarks.six_booths.report import percentile, result
from benchmarks.six_booths.tally import Tally
from benchmarks.six_booths.tones import TONES, Heard, look_through, voices
from vcs.booth.encoding import LAYERS, encode_pictures, encode_sound
from vcs.booth.footage import drawn
from vcs.booth.prepared import PreparedMedia
from vcs.booth.soundtrack import tone

PROGRESS_S: Final = 5.0
LISTEN_EVERY: Final = 50
"""Moves after which what was heard is looked through, in a thread beside the run."""

FRAME_RATE: Final = 15
PICTURE_FRAMES: Final = 24
DEFAULT_SECONDS: Final = 60.0
HEADLESS_STAY: Final = (0.2, 0.4)
BROWSER_STAY: Final = (0.7, 0.9)
"""Shortest and usual stay with a move, in seconds; in pages an old sound may take 150 ms to end and
the sound that is looked at is 170 ms long."""

IN_PAGES: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    booths: int
    seconds: float | None
    switches: int | None
    browser: bool
    break_privacy: bool
    seed: int


class Desk(Protocol):
    """A whole desk, and what one move of it brings."""

    async def open(self) -> None: ...
    async def move(self, air: Air) -> None: ...
    async def listen(self) -> list[Heard]: ...
    def count(self) -> None: ...
    async def close(self) -> None: ...


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def run(options: Options) -> dict[str, Any]:
    """Measure; returns what `report.result` makes of it.

    Raises `server_process.ServerTrouble` and `headless.Gone` when it cannot be measured.
    """
    in_pages = [number for number in IN_PAGES if number <= options.booths] * options.browser
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="six-booths-") as folder:
        program = "benchmarks.six_booths.leaking_server" if options.break_privacy else "vcs"
        server = ServerProcess(Path(folder), program=program)
        try:
            say("starting the server")
            (keys,) = await server.furnish(options.booths, in_pages)
            await server.start()
            say("encoding tones and a picture")
            media = await asyncio.to_thread(_media, options)
            desk: Desk
            if options.browser:
                desk = BrowserDesk(server.url, keys, media, tally)
            else:
                desk = HeadlessDesk(server.url, keys, media, tally)
            try:
                say(f"{options.booths} booths and an officer join")
                await desk.open()
                whose = voices({n: media[n] for n in media if n in keys.tokens or not in_pages})
                before = await server.numbers()
                use = ProcessorUse()
                async with server.meter() as meter, OwnLag() as lag:
                    try:
                        rest = await _switch(desk, server, options, whose, tally)
                    except Gone as gone:
                        raise Gone(
                            f"{gone} (after {tally.switches} switches; this process itself was "
                            f"held up for {max(lag.values):.0f} ms at most)"
                        ) from gone
                    cost = meter.cost()
                    busy, own = use.shares()
                await _look(rest, whose, tally)
                tally.timed("own_lag_ms", lag.values)
                after = await server.numbers()
                desk.count()
            finally:
                await desk.close()
        finally:
            await server.stop()
    return result(
        tally,
        cost,
        before,
        after,
        machine_busy_percent=busy,
        own_share_percent=own,
        what=_what(options, in_pages),
        booths=options.booths,
        browser=options.browser,
        break_privacy=options.break_privacy,
        seed=options.seed,
        old_booth_silent_from="acknowledgement" if options.browser else "command",
    )


async def _switch(
    desk: Desk,
    server: ServerProcess,
    options: Options,
    whose: Mapping[bytes, int],
    tally: Tally,
) -> list[Heard]:
    """Returns what was heard and not looked through yet."""
    dice = random.Random(options.seed)
    plan = moves(dice, range(1, options.booths + 1), IN_PAGES if options.browser else ())
    shortest, usual = BROWSER_STAY if options.browser else HEADLESS_STAY
    began = shown = time.monotonic()
    heard: list[Heard] = []
    count = 0
    while not _enough(options, tally, time.monotonic() - began):
        count += 1
        await desk.move(next(plan))
        await asyncio.sleep(dwell(dice, shortest, usual, options.seconds, options.switches))
        server.check()
        heard += await desk.listen()
        if count % LISTEN_EVERY == 0:
            heard = await _look(heard, whose, tally)
        if time.monotonic() - shown > PROGRESS_S:
            shown = time.monotonic()
            say(_progress(options, tally, shown - began))
    await desk.move(HOLD)
    await asyncio.sleep(shortest)
    return heard + await desk.listen()


async def _look(heard: list[Heard], whose: Mapping[bytes, int], tally: Tally) -> list[Heard]:
    """Listens in a thread, so that the loop goes on receiving; returns an empty list."""

    def look() -> None:
        for each in heard:
            tally.findings.extend(look_through(each, whose))

    await asyncio.to_thread(look)
    return []


def _enough(options: Options, tally: Tally, passed: float) -> bool:
    if options.switches is not None:
        return tally.switches >= options.switches
    return passed >= (options.seconds or DEFAULT_SECONDS)


def _progress(options: Options, tally: Tally, passed: float) -> str:
    of = f" of {options.switches}" if options.switches is not None else ""
    to_booth = percentile(tally.times["switch_to_booth_ms"], 0.95)
    return (
        f"{passed:5.0f} s  {tally.switches}{of} switches, {len(tally.findings)} leaks, "
        f"{tally.late_packets} late packets, to booth p95 "
        + ("-" if to_booth is None else f"{to_booth:.1f} ms")
    )


def _media(options: Options) -> dict[int, PreparedMedia]:
    """A tone for everybody, and one short picture for all: what is judged is sound. Large pictures
    are for the headless alone, which do not draw them."""
    rate, layers = (pages.FRAME_RATE, LAYERS[:1]) if options.browser else (FRAME_RATE, LAYERS)
    frames = islice(drawn(1, tone(TONES[1]), rate), PICTURE_FRAMES)
    pictures = encode_pictures(frames, rate, layers)
    return {
        number: PreparedMedia(encode_sound(tone(TONES[number])), pictures)
        for number in (OFFICER, *range(1, options.booths + 1))
    }


def _what(options: Options, in_pages: Sequence[int]) -> str:
    crowd = f"{options.booths} booth{'s' if options.booths > 1 else ''} and an officer"
    where = (
        f"the officer and {len(in_pages)} booth{'s' if len(in_pages) > 1 else ''} in Chromium"
        if options.browser
        else "all headless"
    )
    rule = ", and a RULE THAT LEAKS" if options.break_privacy else ""
    return f"{crowd}, {where}{rule}"
