"""The matrix: what each case does to the link, and what must hold in it.

Unless a case says otherwise the officer's console is behind the link and six booths are beside the
server; a rate is that towards the officer. Round trips are shared evenly by both directions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from benchmarks.links.shape import Shape
from benchmarks.links.watching import Bar

SETTLE_S: Final = 10.0
"""What a sender may take to find out what a link carries."""
WHOLE_SOUND_MS: Final = 200.0
"""Gaps a minute that nobody notices."""
FALL_SOUND_MS: Final = 500.0
"""Of a voice, once, when a link falls to a sixth. Its queue of 200 ms is full within 60 ms, in
which no feedback has come yet; what is sent until the sender has been told is lost with the voice
in it, and the queue stands before what comes after. No sender can know sooner."""
LONGEST_FREEZE_MS: Final = 2000.0
MOVING_FPS: Final = 5.0
SHARE_USED: Final = 0.8
MOST_QUEUE_MS: Final = 100.0


@dataclass(frozen=True, slots=True)
class Bars:
    """What must hold; None: nothing is asked. `recovery_ms` is of what the case calls recovery.
    `marked`: there are pictures that are paused, and every picture that stands still is marked so.
    `steady`: the link is used and its queue short."""

    sound_gap_ms_per_min: float | None = WHOLE_SOUND_MS
    focus_fps: float | None = None
    focus_height: int | None = None
    thumb_fps: float | None = None
    longest_freeze_ms: float | None = None
    recovery_ms: float | None = None
    steady: bool = False
    queue_ms: float | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`at_s` seconds after the measurement has begun the link becomes this."""

    at_s: float
    down: Shape = field(default_factory=Shape)
    up: Shape = field(default_factory=Shape)
    new_address: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """`steps`: the first is in force before anything is measured, with `from_the_start` before the
    page is opened. Recovery is from the last step until what `back` says, or the time to connect
    where `from_the_start`. `over`: how the page must have connected; RELAYED brings a TURN
    server."""

    name: str
    words: str
    bars: Bars
    steps: tuple[Step, ...]
    seconds: float = 40.0
    settle_s: float = SETTLE_S
    booths: int = 6
    back: Bar | None = None
    from_the_start: bool = False
    over: str | None = None
    booth_behind_link: bool = False


BACK: Final = Bar(bin_ms=250, in_a_row=8, fps=MOVING_FPS)
FULL_QUALITY: Final = Bar(bin_ms=1000, in_a_row=2, fps=20, height=720)
FULL: Final = Bars(
    focus_fps=20, focus_height=720, thumb_fps=10, longest_freeze_ms=LONGEST_FREEZE_MS
)
MOVING: Final = Bars(focus_fps=MOVING_FPS, longest_freeze_ms=LONGEST_FREEZE_MS)
RELAYED: Final = "relay"
MEDIA_PORT: Final = "tcp:0"
"""Stands in `Shape.blocked` for TCP to the server's media port."""


def both(round_trip_ms: float = 40.0, **fields: float) -> tuple[Shape, Shape]:
    """The same each way."""
    shape = Shape(delay_ms=round_trip_ms / 2, **fields)  # type: ignore[arg-type]
    return shape, shape


def _steady(name: str, words: str, bars: Bars, down: Shape, up: Shape) -> Case:
    return Case(name, words, bars, (Step(0, down, up),))


def _thin(kbps: int, bars: Bars) -> Case:
    down, up = both()
    words = f"{kbps} kbit/s towards the officer"
    return _steady(f"rate{kbps}", words, bars, replace(down, rate_kbps=kbps), up)


def _blocked(name: str, words: str, over: str) -> Case:
    blocked = Shape(delay_ms=20, blocked=("udp",))
    bars = replace(FULL, recovery_ms=5000)
    steps = (Step(0, blocked, blocked),)
    return Case(name, words, bars, steps, from_the_start=True, over=over)


def _losses() -> list[Case]:
    ten = Bars(focus_fps=10)
    return [
        _steady("loss1", "1 % lost each way, 80 ms", replace(FULL), *both(80, loss_percent=1)),
        _steady("loss5", "5 % lost each way, 80 ms", ten, *both(80, loss_percent=5)),
        _steady("loss10", "10 % lost each way, 80 ms", ten, *both(80, loss_percent=10)),
        _steady(
            "loss30",
            "30 % lost each way, 80 ms",
            Bars(sound_gap_ms_per_min=3000, focus_fps=MOVING_FPS),
            *both(80, loss_percent=30),
        ),
        _steady(
            "burst10",
            "10 % lost each way in bursts of five, 80 ms",
            Bars(sound_gap_ms_per_min=1200, focus_fps=MOVING_FPS),
            *both(80, loss_percent=10, burst_packets=5),
        ),
    ]


def _delays() -> list[Case]:
    return [
        _steady("delay300", "round trip of 300 ms", FULL, *both(300)),
        _steady("jitter50", "80 ms, and 0 to 50 more or less", FULL, *_jittery()),
    ]


def _jittery() -> tuple[Shape, Shape]:
    shape = Shape(delay_ms=65, jitter_ms=50)
    return shape, shape


def _rates() -> list[Case]:
    return [
        _thin(3000, replace(FULL, steady=True, queue_ms=MOST_QUEUE_MS)),
        _thin(1000, replace(MOVING, steady=True, queue_ms=MOST_QUEUE_MS)),
        _thin(500, replace(MOVING, steady=True, queue_ms=MOST_QUEUE_MS)),
        # What is left when the pictures are paused does not fill it: nothing is asked of its use.
        _thin(150, Bars(marked=True, queue_ms=MOST_QUEUE_MS)),
    ]


def _events() -> list[Case]:
    good, up = both()
    out = Shape(delay_ms=20, outage=True)
    wide, thin = replace(good, rate_kbps=3000), replace(good, rate_kbps=500)
    return [
        Case(
            "drop3000to500",
            "3000 kbit/s, 500 for 15 s, 3000 again",
            Bars(
                sound_gap_ms_per_min=FALL_SOUND_MS * 60 / 40,
                longest_freeze_ms=LONGEST_FREEZE_MS,
                recovery_ms=15_000,
            ),
            (Step(0, wide, up), Step(5, thin, up), Step(20, wide, up)),
            seconds=40,
            back=FULL_QUALITY,
        ),
        Case(
            "outage20",
            "nothing for 20 s",
            Bars(sound_gap_ms_per_min=None, recovery_ms=3000),
            (Step(0, good, up), Step(3, out, out), Step(23, good, up)),
            seconds=38,
            settle_s=3,
            back=BACK,
        ),
        Case(
            "address-change",
            "another address, the old one gone",
            Bars(sound_gap_ms_per_min=None, recovery_ms=3000),
            (Step(0, good, up), Step(3, good, up, new_address=True)),
            seconds=20,
            settle_s=3,
            back=BACK,
        ),
    ]


def _paths() -> list[Case]:
    turn = _blocked("udp-blocked-turn", "no UDP, no TCP to the media port", RELAYED)
    blocked = Shape(delay_ms=20, blocked=("udp", MEDIA_PORT))
    return [
        _blocked("udp-blocked-tcp", "no UDP", "tcp"),
        replace(turn, steps=(Step(0, blocked, blocked),)),
    ]


def _publisher() -> Case:
    down, up = both()
    return Case(
        "publisher450",
        "a Chromium booth whose uplink has 450 kbit/s",
        replace(MOVING, steady=True, queue_ms=MOST_QUEUE_MS),
        (Step(0, down, replace(up, rate_kbps=450)),),
        booths=1,
        booth_behind_link=True,
        settle_s=15,
    )


CASES: Final = {
    case.name: case
    for case in (
        _steady("clean", "round trip of 40 ms", FULL, *both()),
        *_losses(),
        *_delays(),
        *_rates(),
        *_events(),
        *_paths(),
        _publisher(),
    )
}


def at_port(shape: Shape, media_port: int) -> Shape:
    """With the server's real port."""
    words = tuple(f"tcp:{media_port}" if word == MEDIA_PORT else word for word in shape.blocked)
    return replace(shape, blocked=words)
