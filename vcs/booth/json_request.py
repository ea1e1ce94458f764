"""One request to the server over HTTP, and its answer in JSON. It blocks: give it a thread."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

TIMEOUT_S: Final = 10.0
_MAX_ANSWER: Final = 4_096


class NotHttp(Exception):
    """What answered speaks no HTTP; the text says how."""


def ask(
    origin: str,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    tls: ssl.SSLContext | None = None,
) -> tuple[int, dict[str, Any], str]:
    """The status, the answer (empty when it is no object of JSON), and what is wrong in the
    server's words. Raises `NotHttp`, and `OSError` when the server cannot be reached."""
    parts = urlsplit(origin)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT_S, context=tls)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, {"Origin": origin, **headers})
        response = connection.getresponse()
        read = response.read(_MAX_ANSWER)
    except http.client.HTTPException as error:
        raise NotHttp(f"the server's answer is not HTTP: {error}") from error
    finally:
        connection.close()
    try:
        answer = json.loads(read)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    fault = answer.get("error")
    words = fault.get("message") if isinstance(fault, dict) else None
    return response.status, answer, str(words or f"{response.status} {response.reason}")
