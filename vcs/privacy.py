"""The privacy rule: from the state of a desk to the set of flows that may exist.

A pure function, and the only source of media paths: `vcs.sfu` makes exactly the flows listed here
and takes away every other. What is not listed does not exist. No state leads from booth to booth:
`Flow` cannot even express it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Media(Enum):
    AUDIO = "audio"
    VIDEO = "video"
    LEVEL = "level"
    """How loud a booth is: a number, taken from the RFC 6464 extension, never sound."""


@dataclass(frozen=True, slots=True, order=True)
class Booth:
    """A booth, by its place at the desk: 1 to 6."""

    slot: int


@dataclass(frozen=True, slots=True, order=True)
class Officer:
    """The one officer of the desk."""


@dataclass(frozen=True, slots=True, order=True)
class Supervisor:
    """A supervisor who looks at the desk."""

    number: int


Party = Booth | Officer | Supervisor

OFFICER = Officer()


@dataclass(frozen=True, slots=True)
class Flow:
    """Media of one kind from one party to another. Raises `ValueError` for booth to booth."""

    source: Party
    sink: Party
    media: Media

    def __post_init__(self) -> None:
        if isinstance(self.source, Booth) and isinstance(self.sink, Booth):
            raise ValueError("there is no flow from booth to booth")


@dataclass(frozen=True, slots=True)
class DeskState:
    """What the rule needs to know of a desk, and nothing more.

    `joined` are the slots whose booth is connected; `consented` those whose present visitor has
    agreed. `talk` is the slot on air. `announce` suspends talk.
    """

    officer: bool = False
    joined: frozenset[int] = frozenset()
    consented: frozenset[int] = frozenset()
    talk: int | None = None
    announce: bool = False
    officer_video_to_all: bool = False
    supervisors: frozenset[int] = field(default=frozenset())
    whispering: frozenset[int] = field(default=frozenset())


def allowed_flows(state: DeskState) -> frozenset[Flow]:
    """The rule's table, line by line. Total: any state gives an answer, an odd one a smaller one.

    Talk counts only for a booth that is joined and whose visitor has consented; without an officer
    nothing flows at all.
    """
    if not state.officer:
        return frozenset()
    flows: set[Flow] = set()
    seen = state.joined & state.consented
    on_air = state.talk if not state.announce and state.talk in seen else None
    if state.announce:
        hearing = state.joined
    elif on_air is not None:
        hearing = frozenset({on_air})
    else:
        hearing = frozenset()
    watchers: list[Party] = [OFFICER, *(Supervisor(n) for n in state.supervisors)]
    for watcher in watchers:
        for slot in seen:
            flows.add(Flow(Booth(slot), watcher, Media.VIDEO))
            flows.add(Flow(Booth(slot), watcher, Media.LEVEL))
        if on_air is not None:
            flows.add(Flow(Booth(on_air), watcher, Media.AUDIO))
    for slot in hearing:
        flows.add(Flow(OFFICER, Booth(slot), Media.AUDIO))
    for slot in state.joined if state.officer_video_to_all else hearing:
        flows.add(Flow(OFFICER, Booth(slot), Media.VIDEO))
    for number in state.whispering & state.supervisors:
        flows.add(Flow(Supervisor(number), OFFICER, Media.AUDIO))
    return frozenset(flows)
