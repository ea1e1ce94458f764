"""A server's media port on loopback, without the packet plane: real sockets, real handshakes."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import pylibsrtp

from vcs.media.description import Kind, SrtpKeys, SrtpProfile
from vcs.transport.association import Association, Associations
from vcs.transport.client import ClientConnection, ClientSection
from vcs.transport.sdp import Offer, SlotAnswer, make_answer, parse_offer
from vcs.transport.sections import DEFAULT_PROFILES
from vcs.transport.sockets import candidates, open_sockets

Address = tuple[str, int]


class LoopbackPort:
    """The four calls of the plane that transport needs, over two sockets bound to loopback."""

    def __init__(self) -> None:
        self.sockets = open_sockets(0, "127.0.0.1", "::1")
        self.paths: dict[int, tuple[int, Address]] = {}
        self.on_stun: Callable[[int, Address, bytes, float], None] = lambda *_: None
        self.on_dtls: Callable[[int, bytes], None] = lambda *_: None
        self.on_media: Callable[[int, bytes], None] = lambda *_: None
        self._ids = itertools.count(1)
        loop = asyncio.get_running_loop()
        for number, bound in self.sockets.items():
            loop.add_reader(bound, self._readable, number, bound)

    def add_path(self, socket: int, address: Address) -> int:
        for known, remote in self.paths.items():
            if remote == (socket, address):
                return known
        path = next(self._ids)
        self.paths[path] = socket, address
        return path

    def drop_path(self, path: int) -> None:
        del self.paths[path]

    def send_to(self, path: int, data: bytes) -> None:
        self.send_unbound(*self.paths[path], data)

    def send_unbound(self, socket: int, address: Address, data: bytes) -> None:
        self.sockets[socket].sendto(data, address)

    def close(self) -> None:
        for bound in self.sockets.values():
            asyncio.get_running_loop().remove_reader(bound)
            bound.close()

    def _readable(self, number: int, bound: socket.socket) -> None:
        try:
            data, address = bound.recvfrom(2048)
        except BlockingIOError:
            return
        remote = number, address[:2]
        path = next((known for known, r in self.paths.items() if r == remote), None)
        if data and data[0] < 4:
            self.on_stun(number, address[:2], data, time.monotonic())
        elif data and path is not None and 20 <= data[0] < 64:
            self.on_dtls(path, data)
        elif data and path is not None and 128 <= data[0] < 192:
            self.on_media(path, data)


class SrtpPeer:
    """What the plane does with the keys."""

    def __init__(self, keys: SrtpKeys) -> None:
        self._inbound = self._session(keys, keys.receive, pylibsrtp.Policy.SSRC_ANY_INBOUND)
        self._outbound = self._session(keys, keys.send, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)

    def protect(self, packet: bytes) -> bytes:
        return self._outbound.protect(packet)

    def protect_rtcp(self, packet: bytes) -> bytes:
        return self._outbound.protect_rtcp(packet)

    def unprotect(self, packet: bytes) -> bytes:
        return self._inbound.unprotect(packet)

    @staticmethod
    def _session(keys: SrtpKeys, key: bytes, direction: int) -> pylibsrtp.Session:
        return pylibsrtp.Session(
            pylibsrtp.Policy(key=key, ssrc_type=direction, srtp_profile=int(keys.profile))
        )


class LoopbackServer:
    def __init__(self, **settings: Any) -> None:
        self.port = LoopbackPort()
        self.associations = Associations(
            self.port, candidates([], self.port.sockets), server_id="a1", **settings
        )
        self.port.on_stun = self.associations.on_stun
        self.port.on_dtls = self.associations.on_dtls
        self.media: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
        self.port.on_media = lambda path, data: self.media.put_nowait((path, data))

    def describe(self, offer: Offer, association: Association) -> str:
        receiving = [section for section in offer.sections if section.direction == "recvonly"]
        return make_answer(
            offer,
            ufrag=association.local_ufrag,
            password=association.local_password,
            fingerprint=self.associations.fingerprint,
            candidates=self.associations.candidates(),
            slots={
                section.mid: SlotAnswer(
                    1000 + number,
                    2000 + number if section.kind is Kind.VIDEO else None,
                    f"slot{number}",
                )
                for number, section in enumerate(receiving)
            },
        )

    async def connect(self, client: ClientConnection) -> tuple[Association, SrtpKeys]:
        """Offer, answer, handshake on both sides."""
        offer = parse_offer(client.offer())
        association = self.associations.new_association()
        keys, _ = await asyncio.gather(
            association.handshake(offer.fingerprints),
            client.connect(self.describe(offer, association)),
        )
        return association, keys

    async def restart(self, client: ClientConnection, association: Association) -> None:
        offer = parse_offer(client.restart_ice())
        association.restart()
        await client.connect(self.describe(offer, association))

    def close(self) -> None:
        self.associations.close()
        self.port.close()


class Inbox:
    """What a client was given."""

    def __init__(self) -> None:
        self.rtp: asyncio.Queue[bytes] = asyncio.Queue()
        self.rtcp: asyncio.Queue[bytes] = asyncio.Queue()
        self.lost = asyncio.Event()
        self.times_lost = 0

    def client(
        self,
        sections: Sequence[ClientSection] = (
            ClientSection(Kind.AUDIO, "sendonly"),
            ClientSection(Kind.VIDEO, "sendonly", ("l", "h")),
            ClientSection(Kind.AUDIO, "recvonly"),
            ClientSection(Kind.VIDEO, "recvonly"),
        ),
        *,
        profiles: Sequence[SrtpProfile] = DEFAULT_PROFILES,
        lost_after: float = 6.0,
    ) -> ClientConnection:
        return ClientConnection(
            sections,
            profiles=profiles,
            on_rtp=lambda plain, now: self.rtp.put_nowait(bytes(plain)),
            on_rtcp=lambda plain, now: self.rtcp.put_nowait(bytes(plain)),
            on_lost=self._on_lost,
            lost_after=lost_after,
        )

    def _on_lost(self) -> None:
        self.times_lost += 1
        self.lost.set()


async def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    """For state that changes without an event: looks again each few milliseconds."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def rtp(sequence: int, ssrc: int = 7, payload: bytes = b"sound", payload_type: int = 111) -> bytes:
    header = bytes((0x80, payload_type)) + sequence.to_bytes(2, "big") + bytes(4)
    return header + ssrc.to_bytes(4, "big") + payload


def receiver_report(ssrc: int = 7) -> bytes:
    return bytes((0x80, 201, 0, 1)) + ssrc.to_bytes(4, "big")
