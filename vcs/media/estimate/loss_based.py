"""The loss-based controller: draft-ietf-rmcat-gcc-02, section 6, and what it lacks.

The draft takes every loss over 10 % for congestion, so that on a bad radio link its rate falls to
the floor and the loss stays. Here loss that grows with the rate is told from loss that does not:
with `inherent` the share that is lost at any rate and `capacity` the rate that fits, a packet sent
at rate S is lost with probability

    inherent                                     while S <= capacity
    1 - (1 - inherent) * capacity / S            above it

and the likeliest pair for the last ten seconds or so is looked for on a grid. A single rate cannot
tell the two apart; then congestion is believed, the rate falls a little, and if the loss stays the
next windows say that it is inherent. (Much as the likelihood model of later implementations.)
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW_S: Final = 0.25
MIN_PACKETS: Final = 20
"""One observation is so long at least and holds so many packets."""
OBSERVATIONS: Final = 40
FADING: Final = 0.96
"""Weight of each observation against the one after it."""
LOW_LOSS: Final = 0.02
"""Up to here loss is no sign of anything (section 6)."""
INCREASE_PER_S: Final = 1.1
"""While no loss speaks against it; the draft's 5 % for each report."""
RESOLUTION: Final = 0.03
"""Rates so close to each other, by their logarithm, are taken for one."""
INHERENT_PENALTY: Final = 20.0
"""Log-likelihood by which inherent loss is less believed, for each unit of it: 2 at 10 %."""
PLAIN: Final = 1.5
"""Congestion must be likelier by so much (log-likelihood) than that there is none."""
MARGIN: Final = 0.03
"""Loss so far over the inherent one, or two deviations of chance, counts as new."""
BACK_OFF: Final = 0.92
"""So far below the believed capacity, or the next windows would not tell whether it was right."""
NO_LIMIT: Final = math.inf

_INHERENT: Final[NDArray[np.float64]] = np.concatenate(
    (np.array([0.002]), np.arange(0.01, 0.16, 0.01), np.arange(0.175, 0.5, 0.025))
)
_SHARES: Final[NDArray[np.float64]] = np.concatenate((np.geomspace(0.2, 1.0, 32), np.array([1e9])))
"""Capacities tried, as shares of the highest rate observed; the last is no limit at all."""


class LossBasedControl:
    """A limit in bit/s; `NO_LIMIT` while loss gives no reason for one."""

    __slots__ = (
        "_began",
        "_grown_at",
        "_losses",
        "_lost",
        "_octets",
        "_packets",
        "_rates",
        "_totals",
        "bits_per_s",
        "inherent",
        "loss",
    )

    def __init__(self) -> None:
        self.bits_per_s = NO_LIMIT
        self.inherent = 0.0
        """Share believed to be lost at any rate."""
        self.loss = 0.0
        """Share lost in the last observation."""
        self._rates: deque[float] = deque(maxlen=OBSERVATIONS)
        self._totals: deque[int] = deque(maxlen=OBSERVATIONS)
        self._losses: deque[int] = deque(maxlen=OBSERVATIONS)
        self._began: int | None = None
        self._packets = self._lost = self._octets = 0
        self._grown_at = -math.inf

    def told(
        self,
        sent_us: NDArray[np.int64],
        octets: NDArray[np.int64],
        lost: int,
        recovered: int,
        acknowledged: float | None,
        now: float,
    ) -> None:
        """Packets of one message, in order of sending, with how many of them were lost and how many
        only seemed so before; bit/s that arrive."""
        if not len(sent_us):
            return
        first, last = int(sent_us[0]), int(sent_us[-1])
        if self._began is None or last < self._began or first - self._began > 2_000_000:
            self._began = first
            self._packets = self._lost = self._octets = 0
        self._packets += len(sent_us) - recovered
        self._lost += lost - recovered
        self._octets += int(octets.sum())
        span = (last - self._began) / 1e6
        if span < WINDOW_S or self._packets < MIN_PACKETS:
            return
        self._rates.append(self._octets * 8 / span)
        self._totals.append(self._packets)
        self._losses.append(max(0, min(self._packets, self._lost)))
        self.loss = self._losses[-1] / self._packets
        # Rates are counted from the last packet of one window to the last of the next.
        self._began = last
        self._packets = self._lost = self._octets = 0
        self._decide(acknowledged, now)

    def raise_to(self, bits_per_s: float) -> None:
        """A probe got through at this rate."""
        if bits_per_s > self.bits_per_s:
            self.bits_per_s = bits_per_s

    def _decide(self, acknowledged: float | None, now: float) -> None:
        passed = min(1.0, max(0.0, now - self._grown_at))
        self._grown_at = now
        recent = list(zip(self._losses, self._totals, strict=True))[-3:]
        seen = sum(total for _, total in recent)
        share = sum(lost for lost, _ in recent) / seen
        if max(share, self.loss) > LOW_LOSS:
            self.inherent, capacity = self._likeliest()
            excess = min(share, self.loss) - self.inherent
            chance = math.sqrt(self.inherent * (1 - self.inherent) / seen)
            if capacity < NO_LIMIT and excess > max(MARGIN, 2 * chance):
                # Loss alone never says that less gets through than gets through.
                fits = max(capacity, acknowledged or 0.0)
                self.bits_per_s = min(self.bits_per_s, BACK_OFF * fits)
                return
        elif not any(self._losses):
            self.inherent = 0.0
        if self.bits_per_s < NO_LIMIT:
            self.bits_per_s *= INCREASE_PER_S**passed
            if self.bits_per_s > 4 * max(self._rates):
                self.bits_per_s = NO_LIMIT

    def _likeliest(self) -> tuple[float, float]:
        losses = np.array(self._losses, np.float64)
        totals = np.array(self._totals, np.float64)
        weights = FADING ** np.arange(len(totals) - 1, -1, -1)
        # Observations of much the same rate are as good as one of all their packets.
        logs = np.log(np.maximum(np.array(self._rates), 1.0)) / RESOLUTION
        steps, place = np.unique(np.rint(logs), return_inverse=True)
        rates = np.exp(RESOLUTION * steps)
        lost = np.bincount(place, weights * losses, len(steps))
        passed = np.bincount(place, weights * (totals - losses), len(steps))
        capacities = _SHARES * rates.max()
        # What fits of each rate, by capacity: 1 below it.
        fits = np.minimum(1.0, capacities[:, None] / rates[None, :])
        losing = 1 - (1 - _INHERENT)[:, None, None] * fits[None, :, :]
        likelihood = np.log(losing) @ lost
        likelihood += np.log1p(-_INHERENT)[:, None] * passed.sum() + np.log(fits) @ passed
        likelihood -= INHERENT_PENALTY * _INHERENT[:, None]
        best = int(likelihood[:, -1].argmax())
        inherent, capacity = divmod(int(likelihood.argmax()), len(_SHARES))
        if likelihood[inherent, capacity] < likelihood[best, -1] + PLAIN:
            return float(_INHERENT[best]), NO_LIMIT
        return float(_INHERENT[inherent]), float(capacities[capacity])
