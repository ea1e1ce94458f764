"""A headless booth as a program: what `vcs booth` runs."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import uvloop

from vcs import messages as m
from vcs.booth.agent import BoothAgent, NotEnrolled
from vcs.booth.device_token import EnrolmentRefused, enrol, read_token, tls_context, write_token
from vcs.booth.encoding import CodecMissing
from vcs.booth.footage import NoPicture
from vcs.booth.prepared import PreparedMedia
from vcs.booth.preparing import MediaChoice, prepare
from vcs.booth.recorder import Recorder
from vcs.booth.soundtrack import NoSound
from vcs.booth.visitor import Habits
from vcs.logs import configure_logs


def _to_stderr(text: str) -> None:
    sys.stderr.write(f"booth: {text}\n")


def run_agent(
    server: str,
    *,
    token_file: Path,
    pair: str | None = None,
    media: Path | None = None,
    sound: str | None = None,
    tone_hz: int | None = None,
    frame_rate: int = 15,
    agree: bool = False,
    record: Path | None = None,
    ca_file: Path | None = None,
    insecure: bool = False,
    tcp: bool = False,
    say: Callable[[str], None] = _to_stderr,
) -> int:
    """Be a booth until SIGINT or SIGTERM. Blocks; returns an exit code: 0, or 1 after saying why.

    `server`: http(s)://host[:port]. `pair`: a pairing code, to be traded for the token that is then
    kept in `token_file`. `media`: a file to play instead of the drawn visitor. `sound`: "speech",
    "tone" or a file; None: the media file's own, else speech. `agree`: the visitor starts and
    agrees by himself. `record`: WAV file of what is heard. `tcp`: media over TCP.
    """
    configure_logs()
    choice = MediaChoice(1, picture=media, sound=sound, tone_hz=tone_hz, frame_rate=frame_rate)
    habits = Habits() if agree else None
    recorder = None
    try:
        tls = tls_context(server, ca_file=ca_file, insecure=insecure)
        if record is not None:
            recorder = Recorder(record)
        uvloop.run(_run(server, token_file, pair, choice, habits, recorder, tls, tcp, say))
    except (
        CodecMissing,
        EnrolmentRefused,
        NoPicture,
        NoSound,
        NotEnrolled,
        OSError,
        ValueError,
    ) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        if recorder is not None:
            recorder.close()
    return 0


async def _run(
    server: str,
    token_file: Path,
    pair: str | None,
    choice: MediaChoice,
    habits: Habits | None,
    recorder: Recorder | None,
    tls: ssl.SSLContext | None,
    tcp: bool,
    say: Callable[[str], None],
) -> None:
    if pair is not None:
        token = await enrol(server, pair, tls=tls)
        write_token(token_file, token)
        say(f"paired; the token is in {token_file}")
    else:
        known = read_token(token_file)
        if known is None:
            raise EnrolmentRefused(f"no token in {token_file}: pair this booth first (--pair CODE)")
        token = known

    async def media(welcome: m.BoothWelcome) -> PreparedMedia:
        say(f"joined as booth {welcome.booth} of {welcome.branch}; preparing picture and sound")
        return await asyncio.to_thread(prepare, replace(choice, number=welcome.booth))

    agent = BoothAgent(server, token, media, agree=habits, tls=tls, recorder=recorder, tcp=tcp)
    life = asyncio.create_task(agent.run())
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, life.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await life
