"""The headless booth: a booth's whole life without a browser.

    token = await enrol("https://vcs.example", "ABCD-2345")
    agent = BoothAgent("https://vcs.example", token, prepare(MediaChoice(number=3)))
    await agent.run()          # joins, and joins again whatever happens, until cancelled

It does what the booth's page does: says hello, offers its sections, believes what the server says,
and sends media only while the visitor has agreed (`visit` is `running`). `Habits` make it start and
agree by itself; with a `Claim` it also does the visitor's part of the visit.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from vcs import messages as m
from vcs.booth.backoff import Backoff
from vcs.booth.claim import Claim
from vcs.booth.claimant import Claimant, Tempo
from vcs.booth.device_token import origin_of
from vcs.booth.listener import HeardPacket, Listener
from vcs.booth.media_link import MediaLink
from vcs.booth.pacing import Pacemaker
from vcs.booth.picture_upload import upload_picture
from vcs.booth.prepared import PreparedMedia
from vcs.booth.receiving import MediaReceiver
from vcs.booth.recorder import Recorder
from vcs.booth.sending import MediaSender
from vcs.booth.signalling import NotConnected, OfferRefused, Signalling
from vcs.booth.visitor import Act, Habits, Visitor
from vcs.media.description import Kind
from vcs.transport.client import ClientConnection, ClientSection, ConnectFailed

log = structlog.get_logger(__name__)

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


class BoothAgent:
    """One booth.

    `joined` is set while signalling and media are both up, `joins` counts how often that came
    about. `state` and `welcome` are the server's last words on the present connection; `state` is
    None while there is none.
    """

    def __init__(
        self,
        server_url: str,
        token: str,
        media: MediaSource,
        *,
        agree: Habits | None = None,
        claim: Claim | None = None,
        tempo: Tempo | None = None,
        on_state: Callable[[m.BoothState], None] | None = None,
        pacemaker: Pacemaker | None = None,
        tls: ssl.SSLContext | None = None,
        recorder: Recorder | None = None,
        tcp: bool = False,
    ) -> None:
        """`agree`: what the visitor does by himself; None: nothing. `claim`: what he brings, and
        does his part of, at this `tempo`. `pacemaker`: share one among the agents of a process.
        `tls` is for https. `recorder` gets what is heard; it stays the caller's to close. `tcp`:
        media over TCP, as if the network had no UDP. Raises `ValueError` for a URL that is none."""
        self.state: m.BoothState | None = None
        self.welcome: m.BoothWelcome | None = None
        self.joined = asyncio.Event()
        self.joins = 0
        self.why_not: str | None = None
        """Why the last connection ended, in words for a person."""
        self._server_url = server_url
        self._token = token
        self._media = media
        self._claimant = (
            Claimant(claim, self._say, self._send_picture, self.end, tempo)
            if claim is not None
            else None
        )
        self._visitor = Visitor(agree, self._do) if agree is not None else None
        self._on_state = on_state
        self._pacemaker = pacemaker or Pacemaker()
        self._tls = tls
        self._recorder = recorder
        self._tcp = tcp
        self._signalling = self._line_to(origin_of(server_url))
        self._link: MediaLink | None = None
        self._changed = asyncio.Event()
        self._devices: m.Device = "off"
        self._welcomed = False

    # --- what the visitor does ------------------------------------------------------------------

    def start(self) -> None:
        """Touch start, and the service that the visitor came for where it is offered. Raises
        `NotConnected`, as all of these."""
        service = self._claimant.claim.service if self._claimant is not None else None
        offered = self.welcome.services if self.welcome is not None else []
        known = any(each.flow == service for each in offered)
        self._signalling.send(m.Start(service=service if known else None))

    def consent(self, agreed: bool) -> None:
        """Answer the question that is asked while `state.visit` is `consent`."""
        state = self._present_state()
        assert self.welcome is not None
        self._signalling.send(
            m.Consent(
                occupant=state.occupant or 1,
                agreed=agreed,
                language=state.language,
                text_version=self.welcome.consent_version,
            )
        )

    def end(self) -> None:
        """Finish the visit. Camera and microphone are off at once, whenever the server answers."""
        state = self._present_state()
        if self.sender is not None:
            self.sender.stop()
        if state.occupant is not None:
            self._signalling.send(m.End(state.occupant))

    def call(self, active: bool) -> None:
        """Press the call button, or take the call back."""
        self._signalling.send(m.Call(active))

    def read(self, number: int) -> None:
        """Say that the officer's text with this number was read."""
        self._signalling.send(m.ReadText(number))

    async def until(self, condition: Callable[[m.BoothState], bool]) -> m.BoothState:
        """Wait for a state of which this holds; the present one counts."""
        while self.state is None or not condition(self.state):
            await self._changed.wait()
        return self.state

    # --- what the media is doing ----------------------------------------------------------------

    @property
    def connection(self) -> ClientConnection | None:
        return self._link.connection if self._link is not None else None

    @property
    def sender(self) -> MediaSender | None:
        """What is sent; None until this connection's media is up and prepared."""
        return self._link.sender if self._link is not None else None

    @property
    def receiver(self) -> MediaReceiver | None:
        return self._link.receiver if self._link is not None else None

    @property
    def listener(self) -> Listener | None:
        """What this booth hears, on the present connection."""
        return self.receiver.listeners.get(HEARD_MID) if self.receiver is not None else None

    # --- life -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Join, and again after every failure, until cancelled. Raises `NotEnrolled`, and
        what the media source raises."""
        backoff = Backoff()
        while True:
            joins, began = self.joins, time.monotonic()
            code = await self._one_connection()
            if code == m.CLOSE_UNAUTHORISED:
                raise NotEnrolled("the server does not know this booth: pair it again")
            if self.joins != joins:
                backoff.succeeded()
            now = time.monotonic()
            # A welcome was no waiting in vain.
            pause = backoff.delay(now, 0.0 if self._welcomed else now - began)
            log.info("booth disconnected", reason=self.why_not, retry_in_s=round(pause, 1))
            await asyncio.sleep(pause)

    async def _one_connection(self) -> int | None:
        """From connecting to the end of it; returns the close code."""
        media: list[asyncio.Task[None]] = []

        def received(message: m.ToBooth) -> None:
            if isinstance(message, m.BoothWelcome) and not media:
                self.welcome = message
                self._welcomed = True
                media.append(asyncio.create_task(self._connect_media(message)))
            else:
                self._received(message)

        self.why_not = None
        self._devices = "off"
        self._welcomed = False
        try:
            code, reason = await self._signalling.run(m.BoothHello(self._token), received)
            self.why_not = self.why_not or reason
        finally:
            for task in media:
                task.cancel()
            ends = await asyncio.gather(*media, return_exceptions=True)
            self._link = None
            self._note(None)
        for end in ends:
            if isinstance(end, Exception):
                raise end
        return code

    def _received(self, message: m.ToBooth) -> None:
        match message:
            case m.BoothState():
                self._note(message)
                self._obey()
                if self._on_state is not None:
                    self._on_state(message)
            case m.FlowTold() | m.VisitTold() | m.Done() | m.Problem():
                if self._claimant is not None:
                    self._claimant.told(message)
            case m.Error():
                log.warning("the server refused a message", code=message.code)
            case m.Moved():
                self.why_not = "moved to another server"
                self._signalling.leave()
                self._server_url = message.url.replace("ws", "http", 1)
                self._signalling = self._line_to(origin_of(self._server_url))
            case _:
                pass

    def _note(self, state: m.BoothState | None) -> None:
        self.state = state
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        self._show_visitor()
        if self._claimant is not None:
            if state is None:
                self._claimant.cut_off()
            else:
                self._claimant.attend(_works(state))

    def _show_visitor(self) -> None:
        """Nobody sits down before there is a picture of him."""
        if self._visitor is not None:
            self._visitor.saw(self.state if self.sender is not None else None)

    def _obey(self) -> None:
        """Send media while the visitor has agreed by the server's word, and never else."""
        running = self.state is not None and self.state.visit == "running"
        if self.sender is not None:
            if running:
                self.sender.start(time.monotonic())
            else:
                self.sender.stop()
        devices: m.Device = "ok" if running and self.sender is not None else "off"
        if devices != self._devices:
            self._devices = devices
            self._signalling.send(m.Devices(camera=devices, microphone=devices))

    async def _connect_media(self, welcome: m.BoothWelcome) -> None:
        """The media of this connection. When it is lost, ICE is restarted over the signalling that
        still lives; when that fails too, signalling ends with it and both begin anew."""
        link = MediaLink(SECTIONS, self._pacemaker, tcp=self._tcp)
        self._link = link
        try:
            await link.connect(self._signalling.offer)
            if self.listener is not None and self._recorder is not None:
                self.listener.on_packet = self._record
            self.joins += 1
            self.joined.set()
            if not isinstance(self._media, PreparedMedia):
                self._media = await self._media(welcome)
            link.publish(self._media)
            self._obey()
            self._show_visitor()
            while True:
                await link.lost.wait()
                self.joined.clear()
                await link.restart(self._signalling.offer)
                self.joins += 1
                self.joined.set()
                log.info("booth's media is back")
        except (ConnectFailed, OfferRefused, NotConnected) as error:
            self.why_not = f"no media connection: {error}"
        finally:
            self.joined.clear()
            await link.close()
            await self._signalling.close()

    def _record(self, packet: HeardPacket) -> None:
        if self._recorder is None:
            return
        try:
            self._recorder.received(packet.timestamp, packet.payload)
        except OSError as error:
            log.warning("recording ended", reason=str(error))
            self._recorder = None

    # --- the rest -------------------------------------------------------------------------------

    def _line_to(self, origin: str) -> Signalling[m.ToBooth]:
        url = origin.replace("http", "ws", 1) + "/ws/booth"
        return Signalling(url, origin, m.decode_to_booth, tls=self._tls)

    def _say(self, message: m.Message) -> None:
        self._signalling.send(message)

    async def _send_picture(self, capture: str, data: bytes) -> None:
        state = self._present_state()
        await upload_picture(
            self._server_url, self._token, state.occupant or 1, capture, data, tls=self._tls
        )

    def _present_state(self) -> m.BoothState:
        if self.state is None:
            raise NotConnected("no server to tell")
        return self.state

    def _do(self, act: Act) -> None:
        with contextlib.suppress(NotConnected):  # cut off just now: the next state comes anew
            match act.deed:
                case "start":
                    self.start()
                case "consent":
                    self.consent(True)
                case "call":
                    self.call(True)
                case "read":
                    self.read(act.about)


def _works(state: m.BoothState) -> bool:
    """The visitor does his part while nobody talks to him."""
    return state.visit == "running" and state.phase in ("waiting", "hold")
