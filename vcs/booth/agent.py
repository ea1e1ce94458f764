"""The headless booth: a booth's whole life without a browser.

    token = await enrol("https://vcs.example", "ABCD-2345")
    agent = BoothAgent("https://vcs.example", token, prepare(MediaChoice(number=3)))
    await agent.run()          # joins, and joins again whatever happens, until cancelled

It does what the booth's page does: says hello, offers its sections, shows what the server says, and
sends media only while the visitor has agreed (`visit` is `running`), by the server's word. `Habits`
make it start and agree by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import structlog
from websockets.asyncio.client import ClientConnection as WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from vcs import messages as m
from vcs.booth.backoff import Backoff
from vcs.booth.device_token import origin_of
from vcs.booth.listener import Listener
from vcs.booth.pacing import Pacemaker
from vcs.booth.prepared import PreparedMedia
from vcs.booth.receiving import MediaReceiver
from vcs.booth.recorder import Recorder
from vcs.booth.sending import MediaSender
from vcs.booth.visitor import Act, Habits, next_act
from vcs.media import rtcp
from vcs.media.description import Kind
from vcs.transport.client import ClientConnection, ClientSection, ConnectFailed

log = structlog.get_logger(__name__)

PING_S: Final = 2.0
PONG_WITHIN_S: Final = 4.0
OPEN_S: Final = 5.0
MAX_FROM_SERVER: Final = 262_144
REPORT_S: Final = 1.0

MediaSource = PreparedMedia | Callable[[m.BoothWelcome], Awaitable[PreparedMedia]]
"""Media, or how to get it once the server has said which booth this is."""

SECTIONS: Final = (
    ClientSection(Kind.AUDIO, "sendonly"),
    ClientSection(Kind.VIDEO, "sendonly", ("l", "m", "h")),
    ClientSection(Kind.AUDIO, "recvonly"),
    ClientSection(Kind.VIDEO, "recvonly"),
)
HEARD_MID: Final = "2"
SEEN_MID: Final = "3"


class NotEnrolled(Exception):
    """The server does not know this booth's token (any more): it has to be paired again."""


class NotJoined(Exception):
    """There is no server to tell this to now."""


class BoothAgent:
    """One booth. `state`, `welcome`, `connection`, `sender` and `receiver` are of the present
    connection, None before the first.

    `joined` is set while signalling and media are both up.
    """

    def __init__(
        self,
        server_url: str,
        token: str,
        media: MediaSource,
        *,
        agree: Habits | None = None,
        on_state: Callable[[m.BoothState], None] | None = None,
        pacemaker: Pacemaker | None = None,
        tls: ssl.SSLContext | None = None,
        record: Path | None = None,
    ) -> None:
        """`agree`: what the visitor does by himself; None: nothing. `pacemaker`: share one among
        the agents of a process. `tls` is for https. `record`: a WAV file of what is heard."""
        self.state: m.BoothState | None = None
        self.welcome: m.BoothWelcome | None = None
        self.connection: ClientConnection | None = None
        self.sender: MediaSender | None = None
        self.receiver: MediaReceiver | None = None
        self.joined = asyncio.Event()
        self.joins = 0
        self._origin = origin_of(server_url)
        self._url = self._origin.replace("http", "ws", 1) + "/ws/booth"
        self._token = token
        self._media = media
        self._habits = agree
        self._visits = 0
        self._on_state = on_state
        self._pacemaker = pacemaker or Pacemaker()
        self._tls = tls
        self._recorder = Recorder(record) if record is not None else None
        self._socket: WebSocket | None = None
        self._outgoing: asyncio.Queue[m.Message] = asyncio.Queue()
        self._answers: dict[int, asyncio.Future[str]] = {}
        self._requests = 0
        self._pong_at = 0.0
        self._changed = asyncio.Condition()
        self._sending: m.Device = "off"

    # --- what the visitor does ------------------------------------------------------------------

    def start(self) -> None:
        """Touch start. Raises `NotJoined`, as all of these."""
        self._tell(m.Start())

    def consent(self, agreed: bool) -> None:
        """Answer the question that `state.visit == "consent"` asks."""
        state = self._present_state()
        assert self.welcome is not None
        self._tell(
            m.Consent(
                occupant=state.occupant or 1,
                agreed=agreed,
                language=state.language,
                text_version=self.welcome.consent_version,
            )
        )

    def end(self) -> None:
        """Finish the visit. The camera is off at once, not when the server has answered."""
        state = self._present_state()
        if self.sender is not None:
            self.sender.stop()
        if state.occupant is not None:
            self._tell(m.End(state.occupant))

    def call(self, active: bool) -> None:
        """Press the call button, or take the call back."""
        self._tell(m.Call(active))

    async def until(self, condition: Callable[[m.BoothState], bool]) -> m.BoothState:
        """Wait for a state of which this holds; the present one counts."""
        async with self._changed:
            while True:
                if self.state is not None and condition(self.state):
                    return self.state
                await self._changed.wait()

    @property
    def listener(self) -> Listener | None:
        """What this booth hears, on the present connection."""
        return self.receiver.listeners.get(HEARD_MID) if self.receiver is not None else None

    # --- life -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Join, and again after every failure, until cancelled. Raises `NotEnrolled`."""
        backoff = Backoff()
        try:
            while True:
                joins = self.joins
                reason = await self._one_connection()
                if self.joins != joins:
                    backoff.succeeded()
                pause = backoff.delay(time.monotonic())
                log.info("booth disconnected", reason=reason, retry_in=round(pause, 1))
                await asyncio.sleep(pause)
        finally:
            if self._recorder is not None:
                self._recorder.close()

    async def _one_connection(self) -> str:
        """From connecting to the end of it; returns why it ended."""
        try:
            async with connect(
                self._url,
                origin=Origin(self._origin),
                ssl=self._tls,
                compression=None,
                max_size=MAX_FROM_SERVER,
                open_timeout=OPEN_S,
                close_timeout=1,
                ping_interval=None,
                proxy=None,  # media would not go through one either
            ) as socket:
                await self._serve(socket)
                code = socket.close_code
        except (OSError, TimeoutError, WebSocketException) as error:
            return f"{type(error).__name__}: {error}"
        if code == m.CLOSE_UNAUTHORISED:
            raise NotEnrolled("the server does not know this booth: pair it again")
        return f"closed ({code})"

    async def _serve(self, socket: WebSocket) -> None:
        self._socket = socket
        self._outgoing = asyncio.Queue()
        self._pong_at = time.monotonic()
        self._sending = "off"
        self._tell(m.BoothHello(self._token))
        tasks = [
            asyncio.create_task(self._write(socket)),
            asyncio.create_task(self._ping(socket)),
            asyncio.create_task(self._act_by_itself()),
        ]
        try:
            async for data in socket:
                message = m.decode_to_booth(data)
                if isinstance(message, m.BoothWelcome):
                    self.welcome = message
                    tasks.append(asyncio.create_task(self._connect_media(socket, message)))
                else:
                    await self._received(message)
        except (ConnectionClosed, m.Malformed):
            pass  # the caller looks at the close code; what is no message ends the connection too
        finally:
            self._socket = None
            self.joined.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._drop_media()

    async def _received(self, message: m.ToBooth) -> None:
        match message:
            case m.BoothState():
                async with self._changed:
                    self.state = message
                    self._changed.notify_all()
                self._obey(message)
                if self._on_state is not None:
                    self._on_state(message)
            case m.Answer():
                waiting = self._answers.pop(message.id, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message.sdp)
            case m.Pong():
                self._pong_at = time.monotonic()
            case m.Error():
                log.warning("server refused a message", code=message.code)
                waiting = self._answers.pop(message.id or 0, None)
                if waiting is not None and not waiting.done():
                    waiting.set_exception(ConnectFailed(message.message))
            case m.Moved():
                parts = origin_of(message.url.replace("ws", "http", 1))
                self._url = parts.replace("http", "ws", 1) + "/ws/booth"
                self._origin = parts
                if self._socket is not None:
                    await self._socket.close()
            case _:
                pass

    def _obey(self, state: m.BoothState) -> None:
        """Send media while the visitor has agreed, and never else."""
        running = state.visit == "running"
        if self.sender is not None:
            if running:
                self.sender.start(time.monotonic())
            else:
                self.sender.stop()
        wanted: m.Device = "ok" if running and self.sender is not None else "off"
        if wanted != self._sending:
            self._sending = wanted
            self._tell(m.Devices(camera=wanted, microphone=wanted))

    # --- media ----------------------------------------------------------------------------------

    async def _connect_media(self, socket: WebSocket, welcome: m.BoothWelcome) -> None:
        """The media of this connection; when it cannot be had, signalling begins anew too."""
        lost = asyncio.Event()
        connection = ClientConnection(
            SECTIONS, on_rtp=self._rtp, on_rtcp=self._rtcp, on_lost=lost.set
        )
        self.connection = connection
        beat = None
        try:
            self._requests += 1
            answer = asyncio.get_running_loop().create_future()
            self._answers = {self._requests: answer}
            self._tell(m.Offer(self._requests, connection.offer()))
            async with asyncio.timeout(OPEN_S):
                sdp = await answer
            await connection.connect(sdp)
            self.receiver = MediaReceiver(connection.sections.values())
            self.joins += 1
            self.joined.set()
            reporting = asyncio.create_task(self._report())
            try:
                if not isinstance(self._media, PreparedMedia):
                    self._media = await self._media(welcome)
                self.sender = MediaSender(connection, connection.sections.values(), self._media)
                beat = self._pacemaker.add(self.sender.tick)
                if self.state is not None:
                    self._obey(self.state)
                await lost.wait()
            finally:
                reporting.cancel()
        except (ConnectFailed, TimeoutError, NotJoined) as error:
            log.info("no media connection", reason=str(error) or type(error).__name__)
        finally:
            if beat is not None:
                self._pacemaker.remove(beat)
            with contextlib.suppress(ConnectionClosed):
                await socket.close()

    async def _drop_media(self) -> None:
        self.sender = None
        if self.connection is not None:
            await self.connection.close()

    def _rtp(self, packet: bytes, now: float) -> None:
        receiver = self.receiver
        if receiver is None:
            return
        receiver.received(packet, now)
        if self._recorder is not None:
            listener = receiver.listeners.get(HEARD_MID)
            if listener is not None and listener.packets:
                newest = listener.packets[-1]
                if newest.arrival == now:
                    self._recorder.received(newest.timestamp, newest.payload)

    def _rtcp(self, data: bytes, now: float) -> None:
        try:
            packets = rtcp.parse(data)
        except rtcp.MalformedRtcp:
            return
        if self.sender is not None:
            self.sender.feedback(packets, now)
        if self.receiver is not None:
            self.receiver.feedback(packets, now)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            assert self.receiver is not None
            assert self.connection is not None
            report = self.receiver.report(time.monotonic())
            if report is not None:
                self.connection.send_rtcp(report)

    # --- signalling -----------------------------------------------------------------------------

    def _present_state(self) -> m.BoothState:
        if self.state is None or self._socket is None:
            raise NotJoined("no server to tell")
        return self.state

    def _tell(self, message: m.Message) -> None:
        if self._socket is None:
            raise NotJoined("no server to tell")
        self._outgoing.put_nowait(message)

    async def _write(self, socket: WebSocket) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.send(m.encode(await self._outgoing.get()))

    async def _ping(self, socket: WebSocket) -> None:
        while time.monotonic() - self._pong_at < PONG_WITHIN_S + PING_S:
            self._requests += 1
            self._tell(m.Ping(self._requests))
            await asyncio.sleep(PING_S)
        # A dead link answers no closing handshake either.
        socket.transport.abort()

    async def _act_by_itself(self) -> None:
        """Do what the habits say, each thing when its time has come and nothing else came first."""
        if self._habits is None:
            return
        while True:
            async with self._changed:
                while self.state is None or next_act(self.state, self._habits, self._visits) is None:
                    await self._changed.wait()
                act = next_act(self.state, self._habits, self._visits)
            assert act is not None
            if await self._still_wanted(act):
                self._do(act)
            await self._until_done(act)
