"""The booth's door: `/ws/booth`."""

from __future__ import annotations

import time

from aiohttp import web

from vcs import messages as m
from vcs.http.doors import (
    CONSENT_VERSION,
    Doors,
    answer_offer,
    hello,
    renewed,
)
from vcs.http.socket import SignalSocket
from vcs.live_desks import ClientMedia
from vcs.privacy import Booth
from vcs.seating import KnownBooth


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
    identity = await doors.directory.desk(booth.now_desk_id)
    if identity is None:
        socket.close(m.CLOSE_UNAUTHORISED, "this booth's desk is gone")
        return

    def is_now(now: KnownBooth | None) -> None:
        if now is None or now.id != booth.id:
            socket.close(m.CLOSE_UNAUTHORISED, "no longer valid")
        elif (now.desk_id, now.slot) != (booth.desk_id, booth.slot):
            # It keeps its token, and comes back to where it is now.
            socket.close(m.CLOSE_RESTART, "this booth has another place now")

    async def turned_away() -> bool:
        is_now(await doors.directory.booth_by_token(token))
        return socket.gone

    # Again, and waited for last: the token may have changed since, and a connection that was lost
    # while it waited must not push out the one that came after it.
    if await turned_away():
        return
    live, slot = doors.desks.seat(doors.desks.desk(identity), booth)
    if live.visits is not None:
        await live.visits.restore(slot)
        if await turned_away():
            return
        live, slot = doors.desks.seat(live, booth)  # it may have gone elsewhere meanwhile
    turn_client = f"booth {booth.id}"
    socket.send(
        m.BoothWelcome(
            version=m.PROTOCOL_VERSION,
            branch=booth.branch,
            booth=booth.slot,
            name=booth.name,
            consent_version=CONSENT_VERSION,
            services=list(doors.services),
            ice_servers=doors.ice_servers.of(turn_client),
        )
    )
    line = live.attach_booth(slot, socket)
    media = ClientMedia(doors.desks, live, Booth(slot), socket)
    try:
        async with (
            doors.booths.watched(token, is_now),
            renewed(socket, doors.ice_servers, turn_client),
        ):
            async for message in socket.messages(alive=media.heard):
                match message:
                    case m.Ping():
                        socket.send(m.Pong(message.id))
                    case m.Offer():
                        if line.live.has(Booth(line.slot), socket):
                            await answer_offer(socket, media, message)
                    case m.BoothHello():
                        socket.send(m.Error("unexpected", "hello was already said"))
                    case _:
                        if line.live.has(Booth(line.slot), socket):
                            line.live.booth_said(line.slot, message)
    finally:
        media.close()
        line.live.detach_booth(line.slot, socket)
