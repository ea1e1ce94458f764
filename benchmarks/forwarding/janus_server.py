"""Janus 1.1 with its videoroom, from Debian's package: a room for each desk, everybody publishes,
and everybody subscribes to those that the rule would let through."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any, Final

from aiortc.sdp import SessionDescription

from benchmarks.forwarding.call import Call
from benchmarks.forwarding.desk import BOOTHS, CannotServe, Desk, booth_number, officer_number
from benchmarks.forwarding.janus_sdp import candidate_line, remote_of, subscriber_answer
from benchmarks.forwarding.namespace import ADDRESS, ends_with_us
from vcs.media.description import Kind, SrtpProfile
from vcs.transport.client_sdp import ClientSection, choose_streams, make_offer

READY_WITHIN_S: Final = 10.0
ANSWER_WITHIN_S: Final = 10.0
SENDS: Final = (ClientSection(Kind.AUDIO, "sendonly"), ClientSection(Kind.VIDEO, "sendonly"))
UNUSED_PLUGINS: Final = (
    "audiobridge echotest recordplay sip nosip streaming textroom videocall voicemail lua duktape"
)
UNUSED_TRANSPORTS: Final = "http websockets mqtt nanomsg rabbitmq"


class JanusServer:
    """See `desk.Server`. It speaks JSON over a Unix socket with us."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="vcs-janus-")
        self._process: asyncio.subprocess.Process | None = None
        self._api: _Api | None = None

    async def start(self) -> None:
        program = shutil.which("janus")
        if program is None:
            raise CannotServe("janus is not installed: ./run bench does that")
        folder = Path(self._folder.name)
        _configure(folder)
        with (folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                program, "-F", str(folder), "-o", stdout=log, stderr=log,
                start_new_session=True, preexec_fn=ends_with_us,
            )  # fmt: skip
        async with asyncio.timeout(READY_WITHIN_S):
            while not (folder / "api").exists():
                if self._process.returncode is not None:
                    raise CannotServe(f"janus has ended:\n{(folder / 'log').read_text()[-2000:]}")
                await asyncio.sleep(0.05)
        self._api = _Api(folder / "api")
        await self._api.open()

    async def open_desk(self, number: int) -> Desk:
        assert self._api is not None
        api, desk = self._api, Desk()
        await api.plugin(
            await api.attach(),
            {
                "request": "create",
                "room": number,
                "publishers": BOOTHS + 1,
                "bitrate": 0,
                "audiocodec": "opus",
                "videocodec": "vp8",
                "transport_wide_cc_ext": True,
                "audiolevel_ext": False,
                "playoutdelay_ext": False,
                "videoorient_ext": False,
                "fir_freq": 0,
            },
        )
        officer = officer_number(number)
        booths = [booth_number(number, slot) for slot in range(1, BOOTHS + 1)]
        for person in (officer, *booths):
            await self._publish(desk, number, person)
        await self._subscribe(desk, number, officer, booths)
        for booth in booths:
            await self._subscribe(desk, number, booth, [officer])
        return desk

    async def _publish(self, desk: Desk, room: int, person: int) -> None:
        assert self._api is not None
        handle = await self._api.attach()
        await self._api.plugin(
            handle, {"request": "join", "ptype": "publisher", "room": room, "id": person}
        )
        call = Call(SrtpProfile.AES128_CM_SHA1_80)
        assert call.certificate is not None
        desk.calls.append(call)
        port = call.listen(ADDRESS)[1]
        offered = choose_streams(SENDS)
        offer = make_offer(offered, call.credentials, call.certificate.fingerprint, (person, 1))
        offer = offer.replace("a=setup:actpass", "a=setup:active")
        offer = offer.replace("a=rtcp-mux\r\n", f"a=rtcp-mux\r\n{candidate_line(port)}\r\n")
        event = await self._api.plugin(
            handle, {"request": "publish"}, {"type": "offer", "sdp": offer}
        )
        answer = SessionDescription.parse(event["jsep"]["sdp"])
        await call.connect(*remote_of(answer))
        ssrcs = {section.wanted.kind: section.streams[0].ssrc for section in offered}
        ids = [e.id for e in answer.media[0].rtp.headerExtensions if "transport-wide" in e.uri]
        desk.sends(call, person, ssrcs, ids[0] if ids else 0)

    async def _subscribe(self, desk: Desk, room: int, person: int, feeds: list[int]) -> None:
        assert self._api is not None
        handle = await self._api.attach()
        event = await self._api.plugin(
            handle,
            {
                "request": "join",
                "ptype": "subscriber",
                "room": room,
                "streams": [{"feed": feed} for feed in feeds],
            },
        )
        offer = SessionDescription.parse(event["jsep"]["sdp"])
        call = Call(SrtpProfile.AES128_CM_SHA1_80, feeds)
        assert call.certificate is not None
        desk.calls.append(call)
        port = call.listen(ADDRESS)[1]
        answer = subscriber_answer(
            event["jsep"]["sdp"], call.credentials, call.certificate.fingerprint, port
        )
        await self._api.plugin(
            handle, {"request": "start", "room": room}, {"type": "answer", "sdp": answer}
        )
        await call.connect(*remote_of(offer))
        ids = [e.id for e in offer.media[0].rtp.headerExtensions if "transport-wide" in e.uri]
        call.transport_cc = ids[0] if ids else 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def stop(self) -> None:
        if self._api is not None:
            await self._api.close()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._folder.cleanup()


class _Api:
    """Janus's JSON over its Unix socket: one session, requests with transactions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._session = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        self._socket.setblocking(False)
        await asyncio.get_running_loop().sock_connect(self._socket, str(self._path))
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._keep_alive())]
        self._session = (await self._ask({"janus": "create"}, "success"))["data"]["id"]

    async def attach(self) -> int:
        """A handle on the videoroom."""
        answer = await self._ask(
            {
                "janus": "attach",
                "session_id": self._session,
                "plugin": "janus.plugin.videoroom",
            },
            "success",
        )
        number: int = answer["data"]["id"]
        return number

    async def plugin(
        self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """A request to the videoroom. Raises `CannotServe`."""
        message: dict[str, Any] = {
            "janus": "message",
            "session_id": self._session,
            "handle_id": handle,
            "body": body,
        }
        if jsep is not None:
            message["jsep"] = jsep
        answer = await self._ask(message, "event", "success")
        data = answer["plugindata"]["data"]
        if "error" in data:
            raise CannotServe(f"janus refuses {body['request']}: {data['error']}")
        return answer

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._socket.close()

    async def _ask(self, message: dict[str, Any], *kinds: str) -> dict[str, Any]:
        transaction = str(next(self._numbers))
        loop = asyncio.get_running_loop()
        self._waiting[transaction] = answer = loop.create_future()
        data = json.dumps({**message, "transaction": transaction}).encode()
        await loop.sock_sendall(self._socket, data)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                got = await answer
        except TimeoutError:
            raise CannotServe(f"janus does not answer {message['janus']}") from None
        finally:
            self._waiting.pop(transaction, None)
        if got["janus"] not in kinds:
            raise CannotServe(f"janus answers {json.dumps(got)[:300]}")
        return got

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(self._socket, 1 << 18):
            message = json.loads(data)
            if message["janus"] == "ack":
                continue
            waiting = self._waiting.get(message.get("transaction", ""))
            if waiting is not None and not waiting.done():
                waiting.set_result(message)

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(20)
            data = {"janus": "keepalive", "session_id": self._session, "transaction": "alive"}
            with contextlib.suppress(OSError):
                await loop.sock_sendall(self._socket, json.dumps(data).encode())


def _configure(folder: Path) -> None:
    (library,) = Path("/usr/lib").glob("*/janus")
    plugins = ",".join(f"libjanus_{name}.so" for name in UNUSED_PLUGINS.split())
    transports = ",".join(f"libjanus_{name}.so" for name in UNUSED_TRANSPORTS.split())
    (folder / "janus.jcfg").write_text(
        f"""general: {{
    configs_folder = "{folder}"
    plugins_folder = "{library}/plugins"
    transports_folder = "{library}/transports"
    events_folder = "{folder}"
    loggers_folder = "{folder}"
    debug_level = 3
    log_to_stdout = true
}}
media: {{ rtp_port_range = "20000-29999" }}
nat: {{ ice_lite = true, full_trickle = false, nice_debug = false }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
    )
    (folder / "janus.transport.pfunix.jcfg").write_text(
        f"""general: {{ enabled = true, json = "plain", path = "{folder}/api" }}
admin: {{ admin_enabled = false }}
"""
    )
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")
