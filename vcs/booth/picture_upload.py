"""Bringing a picture to the server in pieces that resume (`vcs.http.captures`)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
from typing import Any, Final

from vcs.booth.claimant import PictureRefused
from vcs.booth.device_token import origin_of
from vcs.booth.json_request import NotHttp, ask

PIECE: Final = 256 * 1024
_OK: Final = 200


async def upload_picture(
    server_url: str,
    token: str,
    occupant: int,
    capture: str,
    data: bytes,
    *,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Returns when the visit has the picture. Raises `PictureRefused`, and `OSError` when the
    server cannot be reached; called again with the same picture it goes on where it was."""
    origin = origin_of(server_url)
    key = {"Authorization": f"Bearer {token}"}
    body = {
        "occupant": occupant,
        "capture": capture,
        "octets": len(data),
        "digest": hashlib.sha256(data).hexdigest(),
    }
    begun = await _ask(
        origin,
        "POST",
        "/api/booth/captures",
        json.dumps(body).encode(),
        {**key, "Content-Type": "application/json"},
        tls,
    )
    offset = int(begun["offset"])
    while offset < len(data):
        answer = await _ask(
            origin,
            "PATCH",
            f"/api/booth/captures/{begun['id']}",
            data[offset : offset + PIECE],
            {**key, "Upload-Offset": str(offset)},
            tls,
        )
        offset = int(answer["offset"])


async def _ask(
    origin: str,
    method: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
    tls: ssl.SSLContext | None,
) -> dict[str, Any]:
    try:
        status, answer, words = await asyncio.to_thread(
            ask, origin, method, path, body, headers, tls
        )
    except NotHttp as error:
        raise PictureRefused(str(error)) from error
    if status != _OK:
        raise PictureRefused(words)
    return answer
