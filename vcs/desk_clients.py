"""Who is at a live desk: the desk's name, its console, its booths, and whom the desk leans on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from vcs import messages as m
from vcs.visits.open_visit import OpenVisit

if TYPE_CHECKING:
    from vcs.live_desk import LiveDesk
    from vcs.visits.place import Place


class Client(Protocol):
    """The far end of a signalling socket."""

    def send(self, message: m.Message) -> None: ...
    def send_if_idle(self, message: m.Message) -> None: ...
    def close(self, code: int, reason: str) -> None: ...


class Visits(Protocol):
    """The visits at this desk; none of its calls waits."""

    def notice(self) -> None: ...
    def tell(self) -> None: ...
    def on_tile(self, tile: m.Tile) -> m.Tile: ...
    def waits_for_officer(self, slot: int) -> bool: ...
    def release(self, slot: int) -> Place: ...
    def receive(self, place: Place) -> None: ...
    async def restore(self, slot: int) -> None: ...
    def booth_joined(self, slot: int) -> None: ...
    def booth_said(self, slot: int, said: m.Start | m.Consent | m.FromBoothVisit) -> None: ...
    def console_joined(self) -> None: ...
    def officer_said(self, said: m.FromOfficerVisit | m.CallNext, officer_id: int) -> None: ...
    async def write_drafts(self) -> None: ...
    async def close(self) -> None: ...


class HandsOver(Protocol):
    """Offers to hand visits over, from and to this desk; none of its calls waits."""

    def notice(self, live: LiveDesk) -> None: ...
    def on_tile(self, live: LiveDesk, tile: m.Tile) -> m.Tile: ...
    def console_joined(self, live: LiveDesk) -> None: ...
    def officer_said(
        self, live: LiveDesk, said: m.FromOfficerHandOver, officer: OfficerIdentity
    ) -> None: ...


class Day(Protocol):
    """The officer's day at this desk; none of its calls waits."""

    def console_joined(self, officer: OfficerIdentity) -> None: ...
    def officer_said(self, said: m.FromOfficerDay, officer: OfficerIdentity) -> None: ...
    def visit_ended(self, slot: int, found: OpenVisit, written: asyncio.Task[None]) -> None: ...
    def tick(self) -> None: ...
    def tell(self) -> None: ...
    async def close(self) -> None: ...


class TalkJournal(Protocol):
    """The store's journal of talk intervals; its calls never wait and never fail."""

    def opened(
        self,
        *,
        desk_id: int,
        booth_id: int,
        officer_id: int,
        occupant: int,
        kind: Literal["talk", "announce"],
    ) -> int: ...
    def closed(self, interval: int) -> None: ...


@dataclass(frozen=True, slots=True)
class DeskIdentity:
    """Which desk this is; `branch` is the branch's name."""

    id: int
    name: str
    branch: str
    branch_id: int = 0


@dataclass(frozen=True, slots=True)
class OfficerIdentity:
    """Who is signed in at the console."""

    id: int
    display_name: str
    branch_id: int = 0


@dataclass(slots=True)
class Console:
    """The console that has the desk now."""

    client: Client
    officer: OfficerIdentity
    since: float


@dataclass(slots=True, eq=False)
class BoothLine:
    """A joined booth: where it is now, and what it was last told. It goes with the booth when the
    booth goes to another desk."""

    client: Client
    live: LiveDesk
    slot: int
    told: m.BoothState | None = None
