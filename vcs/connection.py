"""One client's media connection: from its offer to a peer of the hub, and how it is kept.

Lives as long as the client's signalling socket. An offer with new ICE credentials restarts ICE; one
with another fingerprint is another browser connection, and replaces the first.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

import structlog

from vcs.peer import MediaPeer, PublishedSection, SlotSection, new_ssrcs
from vcs.plane import PathId, Plane
from vcs.transport.association import Association, Associations
from vcs.transport.dtls import HandshakeFailed
from vcs.transport.sdp import Offer, SlotAnswer, make_answer, parse_offer

log = structlog.get_logger(__name__)


class Events(Protocol):
    """Whom a connection tells."""

    def connected(self, peer: MediaPeer) -> None: ...
    def disconnected(self) -> None: ...


class MediaConnection:
    """The media of one signalling socket."""

    def __init__(
        self,
        associations: Associations,
        plane: Plane,
        events: Events,
        *,
        silence_suppressed: bool = False,
    ) -> None:
        """`silence_suppressed`: see `make_answer`."""
        self._silence_suppressed = silence_suppressed
        self._associations = associations
        self._plane = plane
        self._events = events
        self._association: Association | None = None
        self._offer: Offer | None = None
        self._slots: list[SlotSection] = []
        self._handshake: asyncio.Task[None] | None = None
        self.peer: MediaPeer | None = None

    async def answer(self, sdp: str) -> str:
        """The answer to this offer; the handshake goes on by itself. Raises `BadOffer`."""
        # A console's offer has 2,000 lines: read in a thread, 8 ms do not hold up packets.
        offer = await asyncio.to_thread(parse_offer, sdp)
        if self._association is not None and self._offer is not None:
            if offer.fingerprints == self._offer.fingerprints:
                offer.check_follows(self._offer)
                if offer.ufrag != self._offer.ufrag:
                    self._association.restart()
                self._offer = offer
                return self._describe(offer, self._association)
            self.close()
        self._offer = offer
        self._slots = choose_slots(offer)
        self._association = association = self._associations.new_association()
        association.on_selected_path = self._bind
        association.on_closed = self.close
        self._handshake = asyncio.create_task(self._connect(association, offer))
        return self._describe(offer, association)

    def last_heard(self) -> float | None:
        """When the last authentic packet of any kind arrived; None before the handshake is done."""
        if self.peer is None or self._association is None:
            return None
        return max(self._plane.last_heard(self.peer.id), self._association.last_heard)

    def close(self) -> None:
        """The association ends; whoever listens is told once."""
        if self._handshake is not None:
            self._handshake.cancel()
            self._handshake = None
        if self.peer is not None:
            self.peer = None
            self._events.disconnected()
        if self._association is not None:
            self._association.close()
            self._association = None

    def _bind(self, path: int) -> None:
        if self.peer is not None:
            with contextlib.suppress(KeyError):  # its place was taken; it ends with its socket
                self._plane.bind(self.peer.id, PathId(path))

    async def _connect(self, association: Association, offer: Offer) -> None:
        try:
            keys = await association.handshake(offer.fingerprints)
        except HandshakeFailed as failure:
            log.info("handshake failed", reason=failure.reason)
            if self._association is association:
                # Closed by its failure: a further offer begins anew.
                self._association = self._offer = None
            return
        peer_id = self._plane.add_peer(keys, offer.extensions)
        if association.path is not None:
            self._plane.bind(peer_id, PathId(association.path))
        self.peer = MediaPeer(
            self._plane, peer_id, offer.extensions, published_sections(offer), self._slots
        )
        self._events.connected(self.peer)

    def _describe(self, offer: Offer, association: Association) -> str:
        return make_answer(
            offer,
            ufrag=association.local_ufrag,
            password=association.local_password,
            fingerprint=self._associations.fingerprint,
            candidates=self._associations.candidates(),
            slots={
                slot.mid: SlotAnswer(slot.ssrc, slot.rtx_ssrc, f"slot{number}")
                for number, slot in enumerate(self._slots, 1)
            },
            silence_suppressed=self._silence_suppressed,
        )


def choose_slots(offer: Offer) -> list[SlotSection]:
    """SSRCs for the sections in which the client receives."""
    receiving = [s for s in offer.sections if s.direction == "recvonly"]
    ssrcs = new_ssrcs(2 * len(receiving))
    return [
        SlotSection(
            mid=section.mid,
            kind=section.kind,
            codec=section.codec,
            payload_type=section.payload_type,
            clock_rate=section.clock_rate,
            rtx_payload_type=section.rtx_payload_type,
            ssrc=ssrcs[2 * number],
            rtx_ssrc=ssrcs[2 * number + 1] if section.rtx_payload_type is not None else None,
            red_payload_type=section.red_payload_type,
        )
        for number, section in enumerate(receiving)
    ]


def published_sections(offer: Offer) -> dict[str, PublishedSection]:
    """The sections in which the client sends, by MID."""
    return {
        section.mid: PublishedSection(
            mid=section.mid,
            kind=section.kind,
            codec=section.codec,
            payload_type=section.payload_type,
            clock_rate=section.clock_rate,
            rtx_payload_type=section.rtx_payload_type,
            ssrcs={} if section.rids else dict(section.ssrcs),
        )
        for section in offer.sections
        if section.direction == "sendonly"
    }
