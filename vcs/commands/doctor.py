"""`vcs doctor`: what is missing for a server to run here, in words."""

from __future__ import annotations

import asyncio
import importlib.metadata
import ipaddress
import re
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

import vcs
from vcs.clock import utc_now
from vcs.commands.setting_up import MISTAKES, config_option
from vcs.config import BadSettings, Settings
from vcs.http.pages import web_dir
from vcs.http.tls import server_tls
from vcs.plane.python import COMPILED
from vcs.secret_key import load_secret_key
from vcs.store import Store

PAGES = ("booth.html", "console.html", "sign-in.html")


@click.command()
@config_option
def doctor(config: Path | None) -> None:
    """Look for what would keep a server from running here."""
    try:
        settings = Settings.load(config)
    except BadSettings as error:
        raise click.ClickException(f"the settings are not in order: {error}") from error
    missing = 0
    for name, check in CHECKS.items():
        problems = list(check(settings))
        missing += len(problems)
        for problem in problems:
            click.echo(f"missing  {name}: {problem}")
        if not problems:
            click.echo(f"ok       {name}")
    for remark in _remarks(settings):
        click.echo(f"note     {remark}")
    if missing:
        raise click.ClickException(f"{missing} thing{'s' if missing > 1 else ''} to mend")


def _python(_settings: Settings) -> Iterator[str]:
    for requirement in importlib.metadata.requires("vcs") or ():
        if "extra ==" in requirement or "platform_system" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield f"the Python package {name} is not installed for {sys.executable}"


def _data_dir(settings: Settings) -> Iterator[str]:
    try:
        settings.prepare_data_dir()
        load_secret_key(settings.data_dir)
        asyncio.run(_open_store(settings))
    except MISTAKES as error:
        yield str(error)
    except OSError as error:
        yield f"{error.strerror}: {error.filename}"


async def _open_store(settings: Settings) -> None:
    await (await Store.open(settings.database_url)).close()


def _http_port(settings: Settings) -> Iterator[str]:
    yield from _in_use(settings.http_host, settings.http_port, socket.SOCK_STREAM, "http_port")


def _media_port(settings: Settings) -> Iterator[str]:
    for host in settings.media_host:
        yield from _in_use(host, settings.media_port, socket.SOCK_DGRAM, "media_port")
        if settings.media_tcp:
            yield from _in_use(host, settings.media_port, socket.SOCK_STREAM, "media_port")


def _in_use(host: str, port: int, kind: socket.SocketKind, key: str) -> Iterator[str]:
    protocol = "TCP" if kind is socket.SOCK_STREAM else "UDP"
    try:
        found = socket.getaddrinfo(host, port, type=kind)
    except OSError as error:
        yield f"{host}: {error.strerror}"
        return
    for family, _, _, _, address in found:
        try:
            with socket.socket(family, kind) as probe:
                if kind is socket.SOCK_STREAM:
                    # As a server does: a connection that has just ended is no hindrance.
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family is socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
        except OSError as error:
            yield (
                f"port {port} of {host} cannot be had for {protocol} ({error.strerror}); "
                f"is a server running already? Another one can be set: {key}"
            )


def _tls(settings: Settings) -> Iterator[str]:
    try:
        context = server_tls(settings)
    except (BadSettings, OSError) as error:
        yield str(error)
        return
    if context is not None and settings.tls_certificate is not None:
        from cryptography import x509

        certificate = x509.load_pem_x509_certificate(settings.tls_certificate.read_bytes())
        if certificate.not_valid_after_utc <= utc_now():
            yield f"the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}"


def _clock(_settings: Settings) -> Iterator[str]:
    installed = datetime.fromtimestamp(Path(vcs.__file__).stat().st_mtime, UTC)
    if utc_now() < installed:
        yield f"the clock says {utc_now():%Y-%m-%d %H:%M} UTC, which is before this was installed"


def _pages(_settings: Settings) -> Iterator[str]:
    for page in PAGES:
        path = web_dir() / "templates" / page
        if not path.is_file():
            yield f"{path} is not there: install the package anew"


def _remarks(settings: Settings) -> Iterator[str]:
    if not COMPILED:
        yield (
            "the packet plane runs as it is written, which costs half as much again: "
            "`pip install .` compiles it where there are a C compiler and Python's headers"
        )
    try:
        loopback = ipaddress.ip_address(settings.http_host).is_loopback
    except ValueError:
        loopback = settings.http_host == "localhost"
    if not loopback and not settings.tls:
        yield (
            "browsers give camera and microphone to pages over TLS alone: set tls_certificate and "
            "tls_key, or use --self-signed, or put a proxy with TLS in front (and set origins)"
        )


CHECKS: dict[str, Callable[[Settings], Iterator[str]]] = {
    "Python packages": _python,
    "pages": _pages,
    "data directory and database": _data_dir,
    "port for pages": _http_port,
    "port for media": _media_port,
    "TLS": _tls,
    "clock": _clock,
}
