"""Several headless booths in one process: `python -m vcs.booth.crowd`, started by the demo.

Lines of JSON on standard input say what to do, lines on standard output what was done:

    in    {"numbers": [1, 2], "frame_rate": 15}                   draw and encode these visitors
    in    {"server": "http://...", "codes": {"1": "ABCD-2345"}}   join with these pairing codes
    out   {"prepared": 1}   {"joined": 1}   {"failed": 1, "reason": "..."}

The process ends with its standard input, so that it never outlives who started it.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from functools import partial
from typing import Any

import uvloop

from vcs import messages as m
from vcs.booth.agent import BoothAgent
from vcs.booth.claim import claim_of
from vcs.booth.claimant import Tempo
from vcs.booth.device_token import enrol
from vcs.booth.pacing import Pacemaker
from vcs.booth.prepared import PreparedMedia
from vcs.booth.preparing import MediaChoice, prepare, workers
from vcs.booth.visitor import Habits
from vcs.logs import configure_logs

Media = asyncio.Future[PreparedMedia]

CALLS = {3: 25.0, 5: 60.0}
"""Which visitors press the call button when they have waited so many seconds."""


def habits_of(number: int) -> Habits:
    """No two visitors do things at the same time."""
    return Habits(
        start=0.3 + 0.5 * (number - 1),
        start_again=8.0 + 2.0 * number,
        consent=0.8 + 0.1 * number,
        call=CALLS.get(number),
    )


def tempo_of(number: int) -> Tempo:
    """Some have their papers ready, some look for their glasses."""
    slow = 0.8 + 0.15 * ((number * 5) % 6)
    return Tempo(read=1.2 * slow, key=0.09 * slow, hold=3.0 * slow)


def _say(**fact: object) -> None:
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


async def _booth(
    number: int,
    server: str,
    code: str,
    media: Media,
    pacemaker: Pacemaker,
    one_at_a_time: asyncio.Lock,
) -> None:
    async def ready(_: m.BoothWelcome) -> PreparedMedia:
        return await asyncio.shield(media)

    try:
        async with one_at_a_time:  # many at once from one address look like guessing
            token = await enrol(server, code)
        agent = BoothAgent(
            server,
            token,
            ready,
            agree=habits_of(number),
            claim=claim_of(number),
            tempo=tempo_of(number),
            pacemaker=pacemaker,
        )
        life = asyncio.create_task(agent.run())
        joined = asyncio.create_task(agent.joined.wait())
        try:
            await asyncio.wait((life, joined), return_when=asyncio.FIRST_COMPLETED)
            if joined.done():
                _say(joined=number)
            await life
        finally:
            joined.cancel()
            life.cancel()
            await asyncio.gather(life, joined, return_exceptions=True)
    except Exception as error:  # noqa: BLE001 - told to who started us; one booth's end is its own
        _say(failed=number, reason=f"{type(error).__name__}: {error}")


def _told(number: int, media: Media) -> None:
    if media.cancelled():
        return
    error = media.exception()
    if error is None:
        _say(prepared=number)
    else:
        _say(failed=number, reason=str(error))


async def _run() -> None:
    reader = await _lines()
    pacemaker = Pacemaker()
    enrolling = asyncio.Lock()
    pool = workers()
    media: dict[int, Media] = {}
    booths: list[asyncio.Task[None]] = []
    try:
        while line := await reader.readline():
            order: dict[str, Any] = json.loads(line)
            for number in order.get("numbers", ()):
                choice = MediaChoice(number, frame_rate=order["frame_rate"])
                media[number] = asyncio.wrap_future(pool.submit(prepare, choice))
                media[number].add_done_callback(partial(_told, number))
            for name, code in order.get("codes", {}).items():
                number = int(name)
                life = _booth(number, order["server"], code, media[number], pacemaker, enrolling)
                booths.append(asyncio.create_task(life))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for booth in booths:
            booth.cancel()
        await asyncio.gather(*booths, return_exceptions=True)


def main() -> None:
    """Until standard input ends. Ctrl-C at the terminal is for who started us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logs("warning")
    uvloop.run(_run())


if __name__ == "__main__":
    main()
