"""One client's link in numbers, from what the plane logs and the hub keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from vcs.downlink import UNKNOWN_BITS_PER_S, Downlink
from vcs.layers import ALIVE_S, LayerRate
from vcs.link_stats import GivenStats, LayerStats, LinkStats
from vcs.media.allocation import Given, Paused
from vcs.media.description import Kind
from vcs.peer import Link, MediaPeer, PageReport
from vcs.plane import Plane, StreamId

ROUND_TRIP_HOLDS_S: Final = 5.0
"""Reports of what is sent come once a second; a booth on hold is sent nothing, and sends none."""
REPORT_HOLDS_S: Final = 15.0
"""What a page said is shown for so long: two or three reports of it."""


def note_totals(plane: Plane, peer: MediaPeer, now: float) -> None:
    """Once a second: what has gone to this client and come from it so far."""
    link = peer.link
    came = [plane.stream_log(layer.stream) for layer in peer.by_ssrc.values()]
    went = [plane.route_log(route) for route in peer.route_by_ssrc.values()]
    link.came.note(
        sum(log.packets + log.repair_packets for log in came),
        sum(log.octets + log.repair_octets for log in came),
        now,
    )
    link.went.note(sum(log.packets for log in went), sum(log.octets for log in went), now)


def measure(
    plane: Plane,
    peer: MediaPeer,
    downlink: Downlink,
    rates: Mapping[StreamId, LayerRate],
    rid_of: Callable[[int, int], str | None],
    now: float,
) -> LinkStats:
    """`rates` are of the layers that arrive; `rid_of(slot, index)` names the layer of the picture
    that this client gets in a slot."""
    link = peer.link
    report = peer.report if peer.report and now - peer.report.at <= REPORT_HOLDS_S else None
    return LinkStats(
        quality=link.quality(now - plane.last_heard(peer.id)),
        round_trip_ms=_round_trip_ms(link, report, now),
        loss_up=round(link.loss_up, 4),
        loss_down=round(link.loss_down, 4),
        jitter_ms=_jitter_ms(plane, peer, now),
        estimate_kbps=_kbps(downlink.bits_per_s)
        if downlink.bits_per_s < UNKNOWN_BITS_PER_S
        else None,
        queue_ms=round(downlink.queue_ms) if downlink.measured else None,
        sent_kbps=_kbps(link.went.bits_per_s),
        received_kbps=_kbps(link.came.bits_per_s),
        publishes=_layers(plane, peer, rates, now),
        given=_given(downlink, rid_of),
        report_ms=None if report is None else _ms(now - report.at),
        received=None if report is None else report.received,
        sent=None if report is None else report.sent,
    )


def _round_trip_ms(link: Link, report: PageReport | None, now: float) -> int | None:
    """By our own measure, or by the page's own while there is nothing to measure it with."""
    old = now - link.round_trip_at > ROUND_TRIP_HOLDS_S
    if old and report is not None and report.received.round_trip_ms is not None:
        return report.received.round_trip_ms
    return _ms(link.round_trip)


def _layers(
    plane: Plane, peer: MediaPeer, rates: Mapping[StreamId, LayerRate], now: float
) -> list[LayerStats]:
    found: list[LayerStats] = []
    for layer in peer.pictures():
        alive = now - plane.last_arrival(layer.stream) < ALIVE_S
        rate = rates.get(layer.stream)
        kbps = _kbps(rate.bits_per_s) if alive and rate is not None else None
        found.append(LayerStats(layer.rid, kbps, alive))
    return found


def _given(downlink: Downlink, rid_of: Callable[[int, int], str | None]) -> list[GivenStats]:
    given: list[GivenStats] = []
    slots = {} if downlink.allocation is None else downlink.allocation.slots
    for slot, what in sorted(slots.items()):
        if isinstance(what, Given):
            given.append(
                GivenStats(
                    slot,
                    rid_of(slot, what.layer),
                    what.max_temporal_layer,
                    _kbps(what.bits_per_s),
                )
            )
        else:
            no_room = what is Paused.NO_ROOM
            given.append(GivenStats(slot, paused="no_room" if no_room else "no_picture"))
    return given


def _jitter_ms(plane: Plane, peer: MediaPeer, now: float) -> float | None:
    """Of the sound; where none comes, the worst of the picture's layers (RFC 3550, 6.4.1)."""
    sections = {section.kind: section.clock_rate for section in peer.published.values()}
    for kind in (Kind.AUDIO, Kind.VIDEO):
        found = [
            plane.stream_log(layer.stream).jitter * 1000 / sections[kind]
            for layer in peer.layers.get(kind, {}).values()
            if now - plane.last_arrival(layer.stream) < ALIVE_S
        ]
        if found:
            return round(max(found), 1)
    return None


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _kbps(bits_per_s: float | None) -> int | None:
    return None if bits_per_s is None else max(0, round(bits_per_s / 1000))
