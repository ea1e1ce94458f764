"""How a booth proves who it is: a pairing code once, then a device token kept in a file."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

TIMEOUT_S: Final = 10.0
_MAX_ANSWER: Final = 4_096


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
    parts = urlsplit(origin)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT_S, context=tls)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    try:
        headers = {"Content-Type": "application/json", "Origin": origin}
        connection.request("POST", "/api/enrol", json.dumps({"code": code}), headers)
        response = connection.getresponse()
        body = response.read(_MAX_ANSWER)
    except http.client.HTTPException as error:
        raise EnrolmentRefused(f"the server's answer is not HTTP: {error}") from error
    finally:
        connection.close()
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if response.status == http.HTTPStatus.OK and isinstance(answer, dict):
        token = answer.get("token")
        if isinstance(token, str) and token:
            return token
    fault = answer.get("error") if isinstance(answer, dict) else None
    reason = fault.get("message") if isinstance(fault, dict) else None
    raise EnrolmentRefused(str(reason or f"{response.status} {response.reason}"))


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
