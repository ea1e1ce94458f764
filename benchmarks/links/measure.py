"""One case from beginning to end: a server, booths, a console, and a link that gets worse."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.links.cases import RELAYED, Case, Step, at_port
from benchmarks.links.chromium import BoothPage, BrowserTrouble, Chromium, ConsolePage, NoBrowser
from benchmarks.links.coturn import SECRET, Coturn, NoTurnServer
from benchmarks.links.link import Link
from benchmarks.links.media import demand_kbps
from benchmarks.links.row import Row, shortcomings
from benchmarks.links.shape import Shape
from benchmarks.links.watching import Seen
from benchmarks.server_process import Keys, ServerProcess, ServerTrouble
from benchmarks.six_booths.headless import Gone, HeadlessBooth
from benchmarks.six_booths.processor_use import ProcessorUse
from vcs.booth.pacing import Pacemaker
from vcs.booth.prepared import PreparedMedia

FOCUS: Final = 1
"""The booth that the officer looks at and talks to."""
TRIES: Final = 2
SET_UP_WITHIN_S: Final = 150.0
LAST_SAMPLES_S: Final = 0.5
"""The page looks at its sound ten times a second, and less often when it is busy."""
STILL_S: Final = 4.0
"""A picture without a frame for so long stands still: a paused one that is tried again may not."""


async def measure(case: Case, media: Mapping[int, PreparedMedia]) -> Row:
    """Never raises for what the server does or lacks: the row says it in words. What could not even
    be set up is tried once more: a page may hang on a machine that others keep busy."""
    words = ""
    for _ in range(TRIES):
        try:
            async with asyncio.timeout(SET_UP_WITHIN_S + case.settle_s + case.seconds):
                return await _measure(case, media)
        except (Gone, ServerTrouble, NoBrowser, BrowserTrouble, NoTurnServer) as trouble:
            words = f"could not be run: {trouble}"
        except TimeoutError:
            words = "could not be run: a page or the server stands still"
        say(f"      {words}")
    return Row(case.name, note=words)


async def _measure(case: Case, media: Mapping[int, PreparedMedia]) -> Row:
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="links-")))
        link = stack.enter_context(Link())
        server = ServerProcess(
            folder,
            http_host=link.server_address,
            media_host=link.server_address,
            settings=_turn_server(stack, folder, link) if case.over == RELAYED else None,
        )
        in_pages = [FOCUS] if case.booth_behind_link else []
        (keys,) = await server.furnish(case.booths, in_pages)
        await server.start()
        stack.push_async_callback(server.stop)
        await stack.enter_async_context(_booths(server.url, keys, media))
        enter = link.at_server() if case.booth_behind_link else link.at_client()
        browser = Chromium(folder, "officer", enter, server.url)
        stack.push_async_callback(browser.close)
        await browser.open()
        console = ConsolePage(await browser.page(), server.url, keys, FOCUS)
        if case.from_the_start:
            _apply(link, case.steps[0], server)
        if case.booth_behind_link:
            visitor = Chromium(folder, "visitor", link.at_client(), server.url)
            stack.push_async_callback(visitor.close)
            await visitor.open()
            await BoothPage(await visitor.page(), server.url, keys.codes[FOCUS]).open()
        await console.open()
        if not await console.connected():
            return Row(case.name, note=await _why_not(case, console))
        stack.push_async_callback(console.stop)
        await console.look_and_talk()
        _apply(link, case.steps[0], server)
        await asyncio.sleep(case.settle_s)
        link.report(reset=True)
        use = ProcessorUse()
        began = _wall_ms()
        last_step = await _go_through(case, link, server)
        ended = _wall_ms()
        passed = link.report(reset=True)
        busy, own = use.shares()
        server.check()
        await asyncio.sleep(LAST_SAMPLES_S)
        seen = await console.seen()
        row = _row(case, seen, began, ended, last_step, passed)
        row = replace(row, busy_percent=busy, own_percent=own)
        if not case.booth_behind_link:
            row = replace(row, demand_kbps=round(demand_kbps(media)))
        if case.over is not None:
            row = await _connected_over(case, console, row)
        return replace(row, short=(*row.short, *shortcomings(row, case.bars)))


def _turn_server(stack: contextlib.AsyncExitStack, folder: Path, link: Link) -> dict[str, str]:
    """Beside the server, reached over TCP; the settings that tell of it."""
    server = Coturn(folder, link.server_address)
    stack.callback(server.close)
    return {"VCS_TURN_URLS": server.url("tcp"), "VCS_TURN_SECRET": SECRET}


@contextlib.asynccontextmanager
async def _booths(url: str, keys: Keys, media: Mapping[int, PreparedMedia]) -> AsyncIterator[None]:
    """Booths beside the server, seated."""
    pacemaker = Pacemaker()
    booths = [
        HeadlessBooth(number, url, token, media[number], pacemaker)
        for number, token in keys.tokens.items()
    ]
    try:
        await asyncio.gather(*(booth.join() for booth in booths))
        await asyncio.gather(*(booth.seated() for booth in booths))
        yield
    finally:
        await asyncio.gather(*(booth.leave() for booth in booths))


async def _go_through(case: Case, link: Link, server: ServerProcess) -> float:
    """Returns when the last step was taken, in milliseconds of the wall clock."""
    began = time.monotonic()
    taken = _wall_ms()
    for step in case.steps[1:]:
        await asyncio.sleep(began + step.at_s - time.monotonic())
        _apply(link, step, server)
        taken = _wall_ms()
    await asyncio.sleep(began + case.seconds - time.monotonic())
    return taken


def _apply(link: Link, step: Step, server: ServerProcess) -> None:
    link.shape(down=at_port(step.down, server.media_port), up=at_port(step.up, server.media_port))
    if step.new_address:
        link.change_client_address()


def _row(
    case: Case,
    seen: Seen,
    began: float,
    ended: float,
    last_step: float,
    passed: Mapping[str, Mapping[str, object]],
) -> Row:
    """The figures; times are in milliseconds of the wall clock."""
    others = [f"tile{slot}" for slot in range(1, case.booths + 1) if slot != FOCUS]
    pictures = ["focus", *others]
    freezes = [ms for name in pictures for ms in seen.freezes_ms(name, began, ended)]
    still = [name for name in pictures if seen.fps(name, ended - STILL_S * 1000, ended) == 0]
    running = [name for name in others if not seen.is_marked(name, ended)]
    direction = "up" if case.booth_behind_link else "down"
    seconds = (ended - began) / 1000
    recovery = None
    if case.back is not None:
        recovery = seen.recovered_after_ms(last_step, ended, case.back)
    octets, queue = passed[direction]["carried_octets"], passed[direction]["queue_ms"]
    late = passed[direction]["late_ms"]
    assert isinstance(octets, int)
    assert isinstance(queue, dict)
    assert isinstance(late, dict)
    return Row(
        case.name,
        sound_gap_ms_per_min=round(seen.sound.gaps_ms(began, ended) * 60 / seconds),
        focus_fps=round(seen.fps("focus", began, ended), 1),
        focus_height=seen.height("focus", began, ended),
        thumb_fps=round(min((seen.fps(name, began, ended) for name in running), default=0.0), 1)
        if others
        else None,
        freezes=len(freezes),
        longest_freeze_ms=round(max(freezes, default=0.0)),
        recovery_ms=None if recovery is None else round(recovery),
        used_kbps=round(octets * 8 / seconds / 1000),
        available_kbps=available_kbps(case.steps, direction, case.seconds),
        queue_ms=round(float(queue["p95"]), 1),
        late_ms=round(float(late["p99"]), 2),
        still=tuple(still),
        unmarked=tuple(name for name in still if not seen.is_marked(name, ended)),
    )


def available_kbps(steps: Sequence[Step], direction: str, seconds: float) -> float | None:
    """The mean rate of the link over the measurement; None when it was without a limit at any
    time. Nothing passes in an outage."""
    total = 0.0
    ends = [*(step.at_s for step in steps[1:]), seconds]
    for step, end in zip(steps, ends, strict=True):
        shape: Shape = getattr(step, direction)
        if not shape.rate_kbps and not shape.outage:
            return None
        total += 0.0 if shape.outage else shape.rate_kbps * (end - step.at_s)
    return round(total / seconds)


async def _why_not(case: Case, console: ConsolePage) -> str:
    told = await console.connection()
    if told is None:
        return "no connection was tried"
    if case.over == RELAYED and not any(url.startswith("turn") for url in told["urls"]):
        return "not connected: the server names no TURN server"
    if case.over == "tcp" and not told["tcp"]:
        return "not connected: the server's answer has no TCP candidate"
    return "not connected"


async def _connected_over(case: Case, console: ConsolePage, row: Row) -> Row:
    """How long it took, and that it went the way that was meant."""
    told = await console.connection()
    assert told is not None
    taken = None if told["connected"] is None else round(told["connected"] - told["made"])
    short = row.short
    if told["protocol"] == "udp" or (case.over == RELAYED) != (told["kind"] == "relay"):
        short = (*short, f"connected by {told['kind']} over {told['protocol']}")
    return replace(row, recovery_ms=taken, short=short)


def _wall_ms() -> float:
    return time.time() * 1000


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
