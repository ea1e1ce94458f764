"""The options of a booth without a browser, and starting it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE: Final = click.Path(path_type=Path, dir_okay=False)


def headless_options(*, required: bool) -> Callable[[Command], Command]:
    """Everything that can be said about a headless booth; `required`: the server must be."""
    options = (
        click.option("--server", required=required, help="http(s)://HOST[:PORT] of the server."),
        click.option("--pair", metavar="CODE", help="Pairing code; the token is then kept."),
        click.option(
            "--token-file",
            type=_FILE,
            default=Path("booth.token"),
            show_default=True,
            help="Where the booth's token is kept.",
        ),
        click.option("--media", type=_FILE, help="Play this file instead of a drawn visitor."),
        click.option(
            "--sound", help="`speech`, `tone` or a file; else the media file's own, or speech."
        ),
        click.option("--tone-hz", type=click.IntRange(50, 8000), help="Pitch of the tone."),
        click.option("--frame-rate", type=click.IntRange(5, 30), default=15, show_default=True),
        click.option("--agree", is_flag=True, help="The visitor starts and agrees by himself."),
        click.option("--record", type=_FILE, help="Write what is heard to this WAV file."),
        click.option("--tcp", is_flag=True, help="Media over TCP, as where UDP is blocked."),
        click.option("--ca-file", type=_FILE, help="Certificates to trust, for https."),
        click.option("--insecure", is_flag=True, help="Do not check the server's certificate."),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def run_headless(**options: Any) -> None:
    """Be the booth until stopped, then leave the process with its exit code."""
    from vcs.booth.headless import run_agent  # brings the codecs with it

    sys.exit(run_agent(options.pop("server"), **options))
