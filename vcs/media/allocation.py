"""Who gets how much of a receiver's path: sound first, then the focused picture, then the others.

A pure function of the estimate, of what each picture's layers cost, and of what was decided before.
Down at once, because what does not fit becomes delay for everybody; up only with room to spare that
has lasted, because a picture that comes and goes is worse than a small one.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

SOUND_BITS_PER_S: Final = 50_000
"""Kept for each sound that flows: Opus with its headers and repairs."""
PICTURES_FROM_BITS_PER_S: Final = 200_000
"""On a thinner path there is sound alone: any picture would cost it its smoothness."""
MARGIN: Final = 1.08
"""More is given only when so much more than it needs is there."""
STAYS: Final = 1.05
"""What is given stays while no more than so much of it is missing: an estimate goes a little below
what the path bears for the second in which a queue empties."""
HOLD_S: Final = 2.0
"""For so long."""
MAX_HOLD_S: Final = 16.0
FLAP_S: Final = 6.0
"""What did not stand so long was given too soon: the hold doubles. What stood, halves it."""
ANOTHER_PATH: Final = 1.5
"""On a path that bears so much more than when it was given too soon, that says nothing."""
ALL_FRAMES: Final = 7
"""No limit of temporal layers."""
L1T3: tuple[float, ...] = (0.4, 0.6, 1.0)
"""What Chromium gives the temporal layers of VP8, added up: 7.5, 15 and 30 frames of 30. Not a
`Final`, which another compiled module would look for before it is there."""


class PictureLayer(NamedTuple):
    """One simulcast layer that arrives now: its place in the order of size, its measured bit/s, and
    the share of it up to each temporal layer; `(1.0,)` when it has none."""

    place: int
    bits_per_s: float
    temporal: tuple[float, ...] = L1T3


class Picture(NamedTuple):
    """A booth's picture: the layers that arrive now, from small to large; may be empty."""

    slot: int
    layers: tuple[PictureLayer, ...]


class Given(NamedTuple):
    """Send this layer up to this temporal layer, at about so many bit/s."""

    layer: int
    max_temporal_layer: int
    bits_per_s: float


class Paused(enum.Enum):
    """Send nothing, and why."""

    NO_ROOM = "no room"
    NO_PICTURE = "no picture"


class Held(NamedTuple):
    """What hysteresis remembers of a slot. `raised_with`: the estimate when more was given last."""

    better_since: float | None = None
    raised_at: float | None = None
    hold_s: float = HOLD_S
    raised_with: float = 0.0


@dataclass(frozen=True, slots=True)
class Allocation:
    """`slots` says what each gets. `bits_per_s` is the sum, sound included. `wanted_bits_per_s` is
    what the estimate must reach for everything, `next_bits_per_s` for one step more: the prober's
    aims; both equal `bits_per_s` when there is nothing more to give."""

    slots: Mapping[int, Given | Paused]
    bits_per_s: float
    wanted_bits_per_s: float
    next_bits_per_s: float
    focus: int | None = None
    held: Mapping[int, Held] = field(default_factory=dict)


NOTHING: Final = Allocation({}, 0.0, 0.0, 0.0)
"""For who is allowed no picture."""
_NOTHING: Final = -1
_Ladder = tuple[Given, ...]


def allocate(
    estimate: float,
    pictures: Sequence[Picture],
    focus: int | None,
    sounds: float,
    previous: Allocation | None,
    now: float,
) -> Allocation:
    """Spend `estimate` bit/s. `pictures` are in the order of need, the most needy first, the
    focused one anywhere; `sounds` is how many flow to this receiver; `previous` is what this
    function returned last.

    First the focused picture up to its second largest layer, then the least of every thumbnail by
    need, then a fluent motion of each, then the focused picture in its largest layer, then what is
    left for thumbnails. No thumbnail gets anything before the focused picture has something. What
    was given before may take up to STAYS times the estimate.
    """
    ladders = {
        picture.slot: _ladder(picture, focused=picture.slot == focus) for picture in pictures
    }
    steps = _steps(pictures, ladders, focus)
    reserved = float(SOUND_BITS_PER_S * sounds)
    refocused = previous is None or previous.focus != focus
    rungs: dict[int, int] = {}
    held: dict[int, Held] = {}
    fits = _spend(estimate, reserved, steps, ladders)
    fits_easily = _spend(estimate / MARGIN, reserved, steps, ladders)
    borne = estimate if estimate < PICTURES_FROM_BITS_PER_S else STAYS * estimate
    stays = _spend(borne, reserved, steps, ladders)
    # The focused picture first: what it waits to be given is the others' until it has it.
    for slot in sorted(ladders, key=lambda slot: slot != focus):
        ladder = ladders[slot]
        before = previous.slots.get(slot) if previous else None
        memory = (previous.held.get(slot) if previous else None) or Held()
        if slot == focus and before is Paused.NO_ROOM:
            # Without any picture an officer does not wait longer for having had one.
            memory = memory._replace(hold_s=HOLD_S)
        if estimate > ANOTHER_PATH * memory.raised_with:
            memory = memory._replace(hold_s=HOLD_S)
        at_once = before is None or before is Paused.NO_PICTURE or (refocused and slot == focus)
        # What the focused picture keeps by `stays` is nobody else's.
        most = min(fits[slot], stays[slot])
        rungs[slot], held[slot] = _settle(
            _rung(ladder, before),
            most,
            stays[slot],
            most if at_once else min(most, fits_easily[slot]),
            memory,
            at_once,
            estimate,
            now,
        )
        if slot == focus:
            limits = [
                (each, min(rung, rungs[slot]) if each == slot else rung) for each, rung in steps
            ]
            fits = _spend(estimate, reserved, limits, ladders)
            fits_easily = _spend(estimate / MARGIN, reserved, limits, ladders)
            stays = _spend(borne, reserved, limits, ladders)
    if focus is not None and ladders.get(focus) and rungs[focus] == _NOTHING:
        # There is no room for it, or it waits for its time: nobody else gets anything.
        rungs = dict.fromkeys(rungs, _NOTHING)
    return _result(ladders, rungs, held, steps, reserved, focus)


def _ladder(picture: Picture, focused: bool) -> _Ladder:
    """What can be sent of a picture, from the least on, each better and dearer than the one before:
    the smallest layer at every frame rate; for the focused picture the larger ones too, though not
    at their lowest frame rate, which is no motion any more."""
    ladder: list[Given] = []
    for place, layer in enumerate(picture.layers if focused else picture.layers[:1]):
        last = len(layer.temporal) - 1
        for temporal, share in enumerate(layer.temporal):
            if place > 0 and temporal == 0 < last:
                continue
            rate = max(0.0, layer.bits_per_s * share)
            while ladder and ladder[-1].bits_per_s >= rate:
                ladder.pop()
            ladder.append(Given(layer.place, ALL_FRAMES if temporal == last else temporal, rate))
    return tuple(ladder)


def _steps(
    pictures: Sequence[Picture], ladders: Mapping[int, _Ladder], focus: int | None
) -> list[tuple[int, int]]:
    """Slot and the rung it may climb to, in the order in which room is given."""
    thumbnails = [p.slot for p in pictures if p.slot != focus and ladders[p.slot]]
    focused = ladders.get(focus, ()) if focus is not None else ()
    steps: list[tuple[int, int]] = []
    if focus is not None and focused:
        layers = {given.layer for given in focused}
        largest = max(layers) if len(layers) > 1 else None
        steps.append((focus, max(i for i, g in enumerate(focused) if g.layer != largest)))
    steps += [(slot, 0) for slot in thumbnails]
    steps += [(slot, min(1, len(ladders[slot]) - 1)) for slot in thumbnails]
    if focus is not None and focused:
        steps.append((focus, len(focused) - 1))
    steps += [(slot, len(ladders[slot]) - 1) for slot in thumbnails]
    return steps


def _spend(
    estimate: float,
    reserved: float,
    steps: Sequence[tuple[int, int]],
    ladders: Mapping[int, _Ladder],
) -> dict[int, int]:
    rungs = dict.fromkeys(ladders, _NOTHING)
    everything = reserved + sum(ladder[-1].bits_per_s for ladder in ladders.values() if ladder)
    if not estimate >= min(PICTURES_FROM_BITS_PER_S, everything):
        return rungs
    room = estimate - reserved
    for slot, highest in steps:
        ladder, rung = ladders[slot], rungs[slot]
        for better in range(highest, rung, -1):
            cost = ladder[better].bits_per_s - _rate(ladder, rung)
            if cost <= room:
                rungs[slot] = better
                room -= cost
                break
    return rungs


def _rate(ladder: _Ladder, rung: int) -> float:
    return 0.0 if rung == _NOTHING else ladder[rung].bits_per_s


def _rung(ladder: _Ladder, before: Given | Paused | None) -> int:
    """Where on today's ladder that stands which was given before: at it, or the next below."""
    if not isinstance(before, Given):
        return _NOTHING
    place = (before.layer, before.max_temporal_layer)
    below = [i for i, g in enumerate(ladder) if (g.layer, g.max_temporal_layer) <= place]
    return below[-1] if below else _NOTHING


def _settle(
    current: int,
    fits: int,
    stays: int,
    easily: int,
    memory: Held,
    at_once: bool,
    estimate: float,
    now: float,
) -> tuple[int, Held]:
    """The rung to take, and what to remember: `fits` is the highest without delay, `stays` the one
    that is left where it is, `easily` the one with room to spare."""
    if current > stays:
        raised_at = memory.raised_at
        hold = memory.hold_s
        if raised_at is not None and not at_once:
            stood = now - raised_at
            hold = min(MAX_HOLD_S, 2 * hold) if stood < FLAP_S else max(HOLD_S, hold / 2)
        return fits, Held(None, None, hold, memory.raised_with)
    if easily <= current:
        # What would still fit goes on waiting: an estimate breathes with the key frames.
        since = memory.better_since if fits > current else None
        return current, memory._replace(better_since=since)
    since = now if memory.better_since is None else memory.better_since
    if at_once or now - since >= memory.hold_s:
        return easily, Held(None, now, memory.hold_s, estimate)
    return current, memory._replace(better_since=since)


def _result(
    ladders: Mapping[int, _Ladder],
    rungs: Mapping[int, int],
    held: Mapping[int, Held],
    steps: Sequence[tuple[int, int]],
    reserved: float,
    focus: int | None,
) -> Allocation:
    slots: dict[int, Given | Paused] = {}
    used = everything = reserved
    for slot, ladder in ladders.items():
        rung = rungs[slot]
        if not ladder:
            slots[slot] = Paused.NO_PICTURE
            continue
        slots[slot] = Paused.NO_ROOM if rung == _NOTHING else ladder[rung]
        used += _rate(ladder, rung)
        everything += ladder[-1].bits_per_s
    following = used
    for slot, highest in steps:
        if rungs[slot] < highest:
            ladder = ladders[slot]
            more = used + ladder[rungs[slot] + 1].bits_per_s - _rate(ladder, rungs[slot])
            following = MARGIN * max(more, PICTURES_FROM_BITS_PER_S)
            break
    complete = all(rung == len(ladders[slot]) - 1 for slot, rung in rungs.items())
    wanted = used if complete else MARGIN * max(everything, PICTURES_FROM_BITS_PER_S)
    return Allocation(slots, used, wanted, following, focus, held)
