"""The command line. What takes long to import is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vcs.commands.audit import audit
from vcs.commands.booth import booth
from vcs.commands.branch import branch
from vcs.commands.case import case
from vcs.commands.desk import desk
from vcs.commands.doctor import doctor
from vcs.commands.flow import flow
from vcs.commands.setting_up import config_option, plain_errors
from vcs.commands.user import user
from vcs.config import Settings


@click.group()
@click.version_option(package_name="vcs")
def main() -> None:
    """One officer, six booths, private talk."""


@main.command()
@config_option
@click.option("--host", help="Address for the pages, instead of the setting http_host.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port for the pages.")
@click.option("--self-signed", is_flag=True, help="TLS by a certificate made here, for a try-out.")
def serve(config: Path | None, host: str | None, port: int | None, self_signed: bool) -> None:
    """Run the server, until stopped."""
    changes: dict[str, object] = {}
    if host is not None:
        changes["http_host"] = host
    if port is not None:
        changes["http_port"] = port
    if self_signed:
        changes["self_signed"] = True
    with plain_errors():
        settings = Settings.load(config).replace(**changes)
        settings.prepare_data_dir()
        from vcs.app import serve as serve_app

        sys.exit(serve_app(settings))


@main.command()
@click.option("--booths", type=click.IntRange(0, 6), default=6, show_default=True)
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Of the pages: 8080, or a free one if taken."
)
def demo(booths: int, port: int | None) -> None:
    """The whole thing on this machine: a server, booths, and one link to open."""
    with plain_errors():
        from vcs.demo import run

        sys.exit(run(booths, port))


for command in (branch, desk, user, booth, flow, case, audit, doctor):
    main.add_command(command)
