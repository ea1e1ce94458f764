"""How slow this machine is now, against the one that the tests' times were written on.

Two cores that draw, encode and decode for seven pages, and that a host gives a third of its speed
in one minute and all of it in the next, say nothing of the product when a picture takes long. What
is promised to people (nobody hears what he shall not) is never measured by this.
"""

from __future__ import annotations

import statistics
import time
from typing import Final

ROUNDS: Final = 100_000
REFERENCE_S: Final = 0.010
"""What the rounds take on an idle core at 2.5 GHz under CPython 3.11."""
LOOKS: Final = 7
MOST: Final = 6.0
"""A machine slower than so many times is none that the tests can run on."""


def slowness() -> float:
    """From 1, as fast as the reference or faster, to MOST. Takes a tenth of a second or more: time
    on the clock, since waiting for a core counts too."""
    took = statistics.median(_look() for _ in range(LOOKS))
    return min(MOST, max(1.0, took / REFERENCE_S))


def _look() -> float:
    begun = time.perf_counter()
    total = 0
    for i in range(ROUNDS):
        total += i * i
    return time.perf_counter() - begun
