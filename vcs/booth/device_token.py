"""How a booth proves who it is: a pairing code once, then a device token kept in a file."""

from __future__ import annotations

import asyncio
import http
import json
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from vcs.booth.json_request import NotHttp, ask


class EnrolmentRefused(Exception):
    """The server did not take the code. The text says why, in words."""


def origin_of(server_url: str) -> str:
    """The origin of a server's URL: scheme, host and port. Raises `ValueError`."""
    parts = urlsplit(server_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not the address of a server: {server_url!r} (http://... or https://...)")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{host}{port}"


def tls_context(
    server_url: str, *, ca_file: Path | None = None, insecure: bool = False
) -> ssl.SSLContext | None:
    """How to check the server's certificate; None for http. `insecure` checks nothing: to try out
    one that has signed itself. Raises `OSError` when the file cannot be read."""
    if urlsplit(server_url).scheme != "https":
        return None
    context = ssl.create_default_context(cafile=ca_file)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def enrol(server_url: str, code: str, *, tls: ssl.SSLContext | None = None) -> str:
    """Trade a pairing code for this booth's device token.

    Raises `EnrolmentRefused`, `OSError` when the server cannot be reached, `ValueError` for a URL
    that is none.
    """
    return await asyncio.to_thread(_post_code, origin_of(server_url), code, tls)


def _post_code(origin: str, code: str, tls: ssl.SSLContext | None) -> str:
    body = json.dumps({"code": code}).encode()
    headers = {"Content-Type": "application/json"}
    try:
        status, answer, words = ask(origin, "POST", "/api/enrol", body, headers, tls)
    except NotHttp as error:
        raise EnrolmentRefused(str(error)) from error
    token = answer.get("token")
    if status == http.HTTPStatus.OK and isinstance(token, str) and token:
        return token
    raise EnrolmentRefused(words)


def read_token(path: Path) -> str | None:
    """The token in this file; None without one. Raises `OSError`, `UnicodeDecodeError`."""
    try:
        return path.read_text("ascii").strip() or None
    except FileNotFoundError:
        return None


def write_token(path: Path, token: str) -> None:
    """Keep the token where its owner alone can read it, whole or not at all. Raises `OSError`."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
