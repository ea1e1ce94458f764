"""A visit that runs now at a booth: what it is, and the one way in which it changes.

Changes go to the disk first, one after the other; then they are so. What is only typed is told at
once and written a moment later.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from vcs.clock import WallClock
from vcs.logs import rate_limited
from vcs.store import Store
from vcs.store.records import AlreadyThere, NotThere, PlaceMove, PlaceTaken
from vcs.store.visit_records import AlreadyDecided, Conflict, OutboxMessage, StoredVisit
from vcs.visits import changes as c
from vcs.visits import views
from vcs.visits.flow import Flow
from vcs.visits.visit import NotNow, Visit

_log = rate_limited("vcs.visits.open_visit")

Decide = Callable[[Visit], Sequence[c.AnyChange]]


class KnowsFlows(Protocol):
    """The flows that were loaded at start."""

    def __getitem__(self, name: str) -> Flow: ...


def new_visit_id() -> int:
    """Random: a count would tell how many others there are. Below 2**53, for pages."""
    return secrets.randbelow(2**53 - 1) + 1


@dataclass(slots=True)
class OpenVisit:
    """`typing` is the field that the visitor is at, `still` that nobody has touched the screen,
    `attended` that an officer has talked to him or done something for him."""

    visit: Visit
    store: Store
    now: WallClock
    typing: str | None = None
    still: bool = False
    attended: bool = False
    unwritten: set[str] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    cutting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def restored(cls, stored: StoredVisit, flow: Flow, store: Store, now: WallClock) -> OpenVisit:
        """A visit as the store has it."""
        visit = Visit(stored.id, flow)
        visit.apply(entry.change for entry in stored.log)
        visit.drafts = {name: draft.value for name, draft in stored.drafts.items()}
        attended = any(entry.actor == "officer" for entry in stored.log)
        return cls(visit, store, now, attended=attended)

    async def change(
        self,
        decide: Decide,
        actor: c.Actor,
        officer_id: int | None = None,
        outbox: Callable[[Visit, Sequence[c.AnyChange]], Sequence[OutboxMessage]] | None = None,
        moves: Sequence[PlaceMove] = (),
    ) -> None:
        """What `decide` wants of the visit as it is now, and where booths go with it, on the disk
        when this returns.

        Raises `NotNow`: also when it could not be written, and then nothing has changed.
        """
        async with self.lock:
            wanted = list(decide(self.visit))
            if not wanted:
                return
            at = self.now()
            after = views.visitor_after(self.visit, wanted)
            try:
                await self.store.visits.record(
                    self.visit.id,
                    wanted,
                    expected=self.visit.changes,
                    actor=actor,
                    officer_id=officer_id,
                    at=at,
                    outbox=outbox(self.visit, wanted) if outbox else (),
                    visitor=after,
                    moves=moves,
                )
            except PlaceTaken as taken:
                raise NotNow("no_free_place", str(taken)) from taken
            except (Conflict, AlreadyDecided, AlreadyThere, NotThere) as conflict:
                raise NotNow(
                    "conflict", "somebody else changed this visit; try again"
                ) from conflict
            except (SQLAlchemyError, OSError) as error:
                _log.error("a change of a visit could not be written", reason=type(error).__name__)
                raise NotNow("not_saved", "this could not be saved; try again") from error
            self.visit.apply(wanted)
            self.attended |= actor == "officer"
            for change in wanted:
                if isinstance(change, c.Answered):
                    self.unwritten.discard(change.field)
                    if self.typing == change.field:
                        self.typing = None

    def draft(self, name: str, value: str) -> None:
        """What stands in a field now; `write_drafts` keeps it."""
        if self.visit.ended is not None or self.visit.decision is not None:
            return
        if self.visit.flow.field(name) is None:
            return
        if self.visit.answers.get(name) == value:
            self.visit.drafts.pop(name, None)
        else:
            self.visit.drafts[name] = value
        self.typing = name
        self.unwritten.add(name)

    async def write_drafts(self) -> None:
        """Twice a second. What cannot be written stays to be written."""
        for name in sorted(self.unwritten):
            async with self.lock:
                if name not in self.unwritten or self.visit.ended is not None:
                    self.unwritten.discard(name)
                    continue
                self.unwritten.discard(name)
                value = self.visit.drafts.get(name)
                try:
                    await self.store.visits.set_draft(self.visit.id, name, value, self.now())
                except NotThere:
                    continue  # it has ended meanwhile
                except (SQLAlchemyError, OSError) as error:
                    self.unwritten.add(name)
                    _log.error("a draft could not be written", reason=type(error).__name__)
                    return
