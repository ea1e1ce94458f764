"""The booth's door: `/ws/booth`."""

from __future__ import annotations

import time

from aiohttp import web

from vcs import messages as m
from vcs.http.doors import (
    CONSENT_VERSION,
    Doors,
    KnownBooth,
    answer_offer,
    hello,
    rechecked,
    renewed,
)
from vcs.http.socket import SignalSocket
from vcs.live_desks import ClientMedia
from vcs.officer.seat import Seat
from vcs.privacy import Booth


async def booth_socket(request: web.Request, doors: Doors) -> web.StreamResponse:
    """One booth, from its hello to the end of its connection."""
    socket: SignalSocket[m.FromBooth] = SignalSocket(request, m.decode_from_booth, time.monotonic)
    with doors.limits.place(request.remote or "") as free:
        if not free:
            raise web.HTTPTooManyRequests(text="too many connections")
        response = await socket.open()
        said = await hello(socket, m.BoothHello)
        booth = await _known(socket, doors, said)
    try:
        if booth is not None and said is not None:
            await _serve(socket, doors, booth, said.token)
    finally:
        await socket.finish()
    return response


async def _known(
    socket: SignalSocket[m.FromBooth], doors: Doors, said: m.BoothHello | None
) -> KnownBooth | None:
    if said is None:
        return None
    booth = await doors.directory.booth_by_token(said.token)
    if booth is None:
        socket.close(m.CLOSE_UNAUTHORISED, "this booth is not enrolled")
    return booth


async def _serve(
    socket: SignalSocket[m.FromBooth], doors: Doors, booth: KnownBooth, token: str
) -> None:
    identity = await doors.directory.desk(booth.desk_id)
    if identity is None:
        socket.close(m.CLOSE_UNAUTHORISED, "this booth's desk is gone")
        return

    async def still_enrolled() -> bool:
        now = await doors.directory.booth_by_token(token)
        return now is not None and (now.id, now.desk_id, now.slot) == (
            booth.id,
            booth.desk_id,
            booth.slot,
        )

    async def turned_away() -> bool:
        if not await still_enrolled():
            socket.close(m.CLOSE_UNAUTHORISED, "no longer valid")
        return socket.gone

    # Again, and waited for last: the token may have changed since, and a connection that was lost
    # while it waited must not push out the one that came after it.
    if await turned_away():
        return
    live = doors.desks.desk(identity)
    live.seat(seat_of(booth))
    if live.visits is not None:
        await live.visits.restore(booth.slot)
        if await turned_away():
            return
    party = Booth(booth.slot)
    turn_client = f"booth {booth.id}"
    socket.send(
        m.BoothWelcome(
            version=m.PROTOCOL_VERSION,
            branch=identity.branch,
            booth=booth.slot,
            name=booth.name,
            consent_version=CONSENT_VERSION,
            services=list(doors.services),
            ice_servers=doors.ice_servers.of(turn_client),
        )
    )
    live.attach_booth(booth.slot, socket)
    media = ClientMedia(doors.desks, live, party, socket)
    try:
        async with (
            rechecked(socket, still_enrolled),
            renewed(socket, doors.ice_servers, turn_client),
        ):
            async for message in socket.messages():
                match message:
                    case m.Ping():
                        socket.send(m.Pong(message.id))
                    case m.Offer():
                        if live.has(party, socket):
                            await answer_offer(socket, media, message)
                    case m.BoothHello():
                        socket.send(m.Error("unexpected", "hello was already said"))
                    case _:
                        if live.has(party, socket):
                            live.booth_said(booth.slot, message)
    finally:
        media.close()
        live.detach_booth(booth.slot, socket)


def seat_of(booth: KnownBooth) -> Seat:
    """The booth's place at its desk, nobody in it."""
    return Seat(
        slot=booth.slot,
        booth_id=booth.id,
        name=booth.name,
        in_service=booth.in_service,
        language=booth.language,
    )
