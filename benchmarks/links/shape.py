"""What a link does to packets in one direction: everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


class BadShape(ValueError):
    """A shape that no link can have. The text says which value is wrong."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One direction of a link; the default passes everything on at once. Raises `BadShape`.

    `rate_kbps`: of IP octets, 0 for no limit. Packets that wait for it do so in a queue that drops
    its tail: one that would wait longer than `queue_ms` is not taken.
    `delay_ms`: after the queue. `jitter_ms`: up to so much more or less, evenly spread; packets
    keep their order unless `reorder`.
    `loss_percent`: of what has left the queue, each packet by itself; with `burst_packets` in
    bursts of so many packets in the mean (Gilbert's model, nothing survives in a burst).
    `outage`: nothing arrives, and what was under way is lost.
    `blocked`: protocols that are dropped without a word: "udp", "tcp", or "tcp:PORT" where PORT is
    that of either end.
    """

    rate_kbps: float = 0.0
    queue_ms: float = 200.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    reorder: bool = False
    loss_percent: float = 0.0
    burst_packets: float = 0.0
    outage: bool = False
    blocked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("rate_kbps", "queue_ms", "delay_ms", "jitter_ms", "burst_packets"):
            if getattr(self, name) < 0:
                raise BadShape(f"{name} is {getattr(self, name)}: 0 or more")
        if not 0 <= self.loss_percent <= 100:
            raise BadShape(f"loss_percent is {self.loss_percent}: 0 to 100")
        if 0 < self.burst_packets < 1:
            raise BadShape(f"burst_packets is {self.burst_packets}: 0, or 1 and more")
        if self.jitter_ms > self.delay_ms:
            raise BadShape("jitter_ms is more than delay_ms: packets cannot arrive early")
        for word in self.blocked:
            kind, _, port = word.partition(":")
            if kind not in ("udp", "tcp") or not (port.isdecimal() or word == kind):
                raise BadShape(f"blocked holds {word!r}: udp, tcp, udp:PORT or tcp:PORT")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Shape:
        """Raises `BadShape`."""
        try:
            return cls(**{**fields, "blocked": tuple(fields.get("blocked", ()))})
        except TypeError as error:
            raise BadShape(str(error)) from error
