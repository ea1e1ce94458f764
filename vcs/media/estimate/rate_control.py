"""The delay-based controller's rate: draft-ietf-rmcat-gcc-02, section 5.5."""

from __future__ import annotations

import enum
import math
from typing import Final

from vcs.media.estimate.busy import BusyRate
from vcs.media.estimate.overuse import Usage

BETA: Final = 0.85
"""What is left of the acknowledged rate after over-use."""
FALLEN: Final = 1.3
"""An estimate so far over what the link bears is of another time: that is no key frame."""
BURST_BETA: Final = 0.93
"""What is left of what the link was seen to bear when no more than a key frame has filled it, or
when the queue is short: what fits the link then goes on."""
OWN_QUEUE_MS: Final = 10.0
"""Over-use with a shorter queue has passed already: a receiver that stood still and then took in
one go what had come, no link that is full."""
UNUSUAL: Final = 1.5
"""The same where packets are late by chance: a queue of ours is longer than those that come and go
whatever is sent."""
MOST_USUAL_MS: Final = 60.0
"""Beyond it, what is usual would be a queue that nobody empties."""
STANDING_MS: Final = 80.0
"""A queue that is to be emptied, whether it grows or not."""
SHORT_MS: Final = 50.0
"""A queue that little less than the link bears empties soon."""
LONG_MS: Final = 150.0
LONG_BETA: Final = 0.7
"""What is left while a queue is so long: the rest of the link empties it within a second or so."""
INCREASE_PER_S: Final = 1.08
RESPONSE_S: Final = 0.1
"""Added to the round trip: how long the detector takes (section 5.5)."""
PACKET_OCTETS: Final = 1200.0
MIN_ADDED_BITS_PER_S: Final = 4000.0
HEADROOM: Final = 1.5
"""Growth ends at so much over what arrives: what is not sent is not known (section 5.5)."""
HEADROOM_BITS_PER_S: Final = 10_000.0
SENDING_LESS: Final = 0.92
"""What arrives, against the rate, when the sender does not use it all."""
CAPACITY_SMOOTHING: Final = 0.05
FUTILE_S: Final = 2.0
"""A standing queue that has not shrunk after so long of sending less is not ours."""


class State(enum.Enum):
    """Section 5.5. Over-use leads to a decrease at once, which is an act and no state here."""

    INCREASE = "increase"
    HOLD = "hold"


class LinkCapacity:
    """Average and deviation of what arrived each time the link was found full: near it the rate
    grows by addition, elsewhere by multiplication (section 5.5)."""

    __slots__ = ("_mean", "_variance")

    def __init__(self) -> None:
        self._mean: float | None = None
        self._variance = 0.4  # of the mean, in kbit/s, as the deviation grows with the rate

    def full_at(self, bits_per_s: float) -> None:
        kilobits = bits_per_s / 1000
        if self._mean is None or not self.near(bits_per_s):
            self._mean = kilobits
            self._variance = 0.4
            return
        error = self._mean - kilobits
        self._mean += CAPACITY_SMOOTHING * (kilobits - self._mean)
        scaled = error * error / max(self._mean, 1.0)
        self._variance += CAPACITY_SMOOTHING * (scaled - self._variance)
        self._variance = max(0.4, min(2.5, self._variance))

    def near(self, bits_per_s: float) -> bool:
        """Within three deviations."""
        if self._mean is None:
            return False
        return abs(bits_per_s / 1000 - self._mean) <= 3 * math.sqrt(self._variance * self._mean)

    @property
    def bits_per_s(self) -> float:
        """Infinite when nothing is known."""
        return math.inf if self._mean is None else 1000 * self._mean

    def below(self, bits_per_s: float) -> bool:
        """Whether the known capacity is clearly less than this."""
        return (
            self._mean is not None and bits_per_s / 1000 > self._mean and not self.near(bits_per_s)
        )

    def forget(self) -> None:
        self._mean = None


class RateControl:
    """Additive and multiplicative increase, multiplicative decrease."""

    __slots__ = ("_capacity", "_changed_at", "_decreased_at", "_drain", "bits_per_s", "state")

    def __init__(self, bits_per_s: float, now: float) -> None:
        self.bits_per_s = bits_per_s
        self.state = State.INCREASE
        self._capacity = LinkCapacity()
        self._changed_at = now
        self._decreased_at = -math.inf
        self._drain: tuple[float, float] | None = None

    def update(
        self,
        usage: Usage,
        acknowledged: float | None,
        busy: BusyRate,
        queue_ms: float,
        usual_ms: float,
        steady: bool,
        round_trip: float,
        now: float,
    ) -> bool:
        """After a feedback message: the detector's signal, bit/s that arrive, what arrives while
        packets wait, the queue now and the path's usual one in ms, whether packets are known not to
        be late by chance there, the round trip in seconds. True when a standing queue proved not to
        be ours, so that the path's empty delay is to be learned anew."""
        if steady and busy.waited_ms > STANDING_MS and self._follow_fall(busy):
            self._changed_at = self._decreased_at = now
            self.state = State.HOLD
            return False
        usual_ms = min(usual_ms, MOST_USUAL_MS)
        futile = self._is_futile(queue_ms, now)
        if usage is Usage.OVER and queue_ms < OWN_QUEUE_MS + UNUSUAL * usual_ms:
            self._changed_at = now
            self.state = State.HOLD
        elif usage is Usage.OVER or (queue_ms > STANDING_MS + usual_ms / 2 and not futile):
            if now - self._decreased_at >= max(0.1, min(0.4, round_trip + RESPONSE_S)):
                self._decrease(usage, acknowledged, busy.bits_per_s, busy.lasting, queue_ms)
                self._decreased_at = now
            self._changed_at = now
            self.state = State.HOLD
        elif usage is Usage.UNDER:
            self.state = State.HOLD
            self._changed_at = now
        else:
            if self.state is State.HOLD:
                self._changed_at = now
            self.state = State.INCREASE
            self._increase(acknowledged, round_trip, now)
        return futile

    def raise_to(self, bits_per_s: float, now: float) -> None:
        """A probe got through at this rate."""
        if bits_per_s > self.bits_per_s:
            self.bits_per_s = bits_per_s
            self._changed_at = now
            if self._capacity.below(bits_per_s):
                self._capacity.forget()

    def limit(self, bits_per_s: float) -> None:
        """No more than this from now on, whatever was known."""
        self.bits_per_s = min(self.bits_per_s, bits_per_s)

    def full_at(self, bits_per_s: float) -> None:
        """A probe filled the link: this is what it bears."""
        self._capacity.full_at(bits_per_s)

    def _is_futile(self, queue_ms: float, now: float) -> bool:
        if queue_ms <= STANDING_MS:
            self._drain = None
            return False
        if self._drain is None or queue_ms < 0.8 * self._drain[1]:
            self._drain = (now, queue_ms)
        if now - self._drain[0] > FUTILE_S and now - self._decreased_at < FUTILE_S:
            self._drain = None
            return True
        return False

    def _follow_fall(self, busy: BusyRate) -> bool:
        """Down to what the path bears now; False where it has not fallen. Believed at once: each
        moment longer is a queue that sound stands in. What arrived before the fall is still in all
        the other figures."""
        lately = busy.lately_bits_per_s
        if lately is None or self.bits_per_s < FALLEN * lately:
            return False
        self._capacity.full_at(lately)
        self.bits_per_s = LONG_BETA * lately
        return True

    def _decrease(
        self,
        usage: Usage,
        acknowledged: float | None,
        bears: float | None,
        lasting: bool,
        queue_ms: float,
    ) -> None:
        arriving = self.bits_per_s if acknowledged is None else max(acknowledged, bears or 0.0)
        fallen = bears is not None and self.bits_per_s >= FALLEN * bears
        # A queue that a key frame has made goes by itself when less is sent than the link bears.
        brief = not lasting or queue_ms < SHORT_MS
        burst = bears is not None and brief and not fallen
        left = BURST_BETA if burst else LONG_BETA if queue_ms > LONG_MS else BETA
        if usage is Usage.OVER:
            self._capacity.full_at(arriving)
        self.bits_per_s = min(self.bits_per_s, left * arriving)

    def _increase(self, acknowledged: float | None, round_trip: float, now: float) -> None:
        passed = min(1.0, max(0.0, now - self._changed_at))
        self._changed_at = now
        rate = self.bits_per_s
        if acknowledged is not None and self._capacity.below(acknowledged):
            self._capacity.forget()
        if self._capacity.near(rate):
            response = RESPONSE_S + round_trip
            bits_per_frame = rate / 30
            packets = max(1.0, math.ceil(bits_per_frame / (PACKET_OCTETS * 8)))
            added = max(MIN_ADDED_BITS_PER_S, bits_per_frame / packets / response)
            grown = rate + added * passed
        else:
            grown = rate * INCREASE_PER_S**passed + 1000 * passed
        if acknowledged is not None:
            grown = min(grown, HEADROOM * acknowledged + HEADROOM_BITS_PER_S)
            if acknowledged < SENDING_LESS * rate:
                # Where the link was full before, what is not sent is no reason to think otherwise.
                grown = min(grown, self._capacity.bits_per_s)
        # Less was sent than may be: that says nothing against what was found before.
        self.bits_per_s = max(rate, grown)
