"""The console's door: `/ws/officer`."""

from __future__ import annotations

import time
from typing import Final

from aiohttp import web

from vcs import messages as m
from vcs.http.doors import Doors, answer_offer, hello, renewed
from vcs.http.socket import SignalSocket
from vcs.live_desk import DeskIdentity, LiveDesk, OfficerIdentity
from vcs.live_desks import ClientMedia
from vcs.officer.view import SLOTS
from vcs.privacy import OFFICER

QUESTION_S: Final = 600.0
"""How long the question whether to take over a desk may stand."""


async def officer_socket(
    request: web.Request, doors: Doors, session: str | None
) -> web.StreamResponse:
    """One console, from its hello to the end of its connection. `session` is the cookie's value."""
    socket: SignalSocket[m.FromOfficer] = SignalSocket(
        request, m.decode_from_officer, time.monotonic
    )
    with doors.limits.place(request.remote or "") as free:
        if not free:
            raise web.HTTPTooManyRequests(text="too many connections")
        officer = await doors.directory.officer_by_session(session) if session else None
        response = await socket.open()
        said = None
        if officer is None:
            socket.close(m.CLOSE_UNAUTHORISED, "sign in first")
        else:
            said = await hello(socket, m.OfficerHello)
    try:
        if officer is not None and said is not None and session is not None:

            def is_now(now: OfficerIdentity | None) -> None:
                if now != officer:
                    socket.close(m.CLOSE_UNAUTHORISED, "no longer valid")

            async with (
                doors.officers.watched(session, is_now),
                renewed(socket, doors.ice_servers, _turn_client(officer)),
            ):
                await _serve(socket, doors, officer, said)
    finally:
        await socket.finish()
    return response


async def _serve(
    socket: SignalSocket[m.FromOfficer],
    doors: Doors,
    officer: OfficerIdentity,
    said: m.OfficerHello,
) -> None:
    live = await _open_desk(socket, doors, officer, said)
    if live is None:
        return
    media = ClientMedia(doors.desks, live, OFFICER, socket)
    try:
        async for message in socket.messages(lambda: live.officer_silent(socket), media.heard):
            match message:
                case m.Ping():
                    socket.send(m.Pong(message.id))
                case m.Offer():
                    if live.has(OFFICER, socket):
                        await answer_offer(socket, media, message)
                case m.OfficerHello():
                    socket.send(m.Error("unexpected", "hello was already said"))
                case _:
                    live.officer_said(socket, message)
    finally:
        live.detach_console(socket)
        media.close()


async def _open_desk(
    socket: SignalSocket[m.FromOfficer],
    doors: Doors,
    officer: OfficerIdentity,
    said: m.OfficerHello,
) -> LiveDesk | None:
    """The desk that this console has now; asks before it takes one that is taken."""
    while True:
        identity = await _choose(doors, officer, said.desk)
        if identity is None:
            socket.send(m.Error("no_desk", "your branch has no such desk"))
            socket.close(m.CLOSE_UNAUTHORISED, "no such desk")
            return None
        live = doors.desks.desk(identity)
        for booth in await doors.directory.booths_of(identity.id):
            doors.desks.seat(live, booth)
        if live.attach_console(socket, officer, said.take_over):
            socket.send(
                m.OfficerWelcome(
                    version=m.PROTOCOL_VERSION,
                    desk=identity.id,
                    desk_name=identity.name,
                    branch=identity.branch,
                    officer=officer.display_name,
                    slots=SLOTS,
                    announce_limit_ms=doors.announce_limit_ms,
                    ice_servers=doors.ice_servers.of(_turn_client(officer)),
                )
            )
            live.publish()
            return live
        answer = await _answer(socket)
        if answer is None:
            return None
        said = answer


async def _answer(socket: SignalSocket[m.FromOfficer]) -> m.OfficerHello | None:
    """The next hello; a console that waits for the officer's answer pings meanwhile."""
    deadline = time.monotonic() + QUESTION_S
    async for message in socket.messages():
        match message:
            case m.Ping():
                socket.send(m.Pong(message.id))
            case m.OfficerHello():
                return message
            case _:
                socket.send(m.Error("no_desk", "answer with hello first"))
        if time.monotonic() >= deadline:
            socket.close(m.CLOSE_HELLO_TIMEOUT, "nobody answered")
            break
    return None


async def _choose(
    doors: Doors, officer: OfficerIdentity, wanted: int | None
) -> DeskIdentity | None:
    desks = await doors.directory.desks_of(officer)
    if wanted is None:
        return desks[0] if desks else None
    return next((desk for desk in desks if desk.id == wanted), None)


def _turn_client(officer: OfficerIdentity) -> str:
    return f"officer {officer.id}"
