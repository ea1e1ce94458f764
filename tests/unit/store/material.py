"""A visit to tell of, and all of its kinds of change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from vcs.store import Store
from vcs.store.records import BoothPlace, Desk
from vcs.store.visit_records import NewVisit, OutboxMessage
from vcs.visits.changes import (
    Answered,
    AnyChange,
    Begun,
    CaptureDerived,
    CaptureTaken,
    Consented,
    Decided,
    Ended,
    Signed,
)

PICTURE = b"a picture of a card"
CUT = b"the card alone"
DRAWING = b"a signature"


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def begun(place: BoothPlace) -> Begun:
    return Begun("jht", 1, digest(b"the flow"), None, place.id, place.desk_id, "id")


def taken(name: str = "c1", data: bytes = PICTURE) -> CaptureTaken:
    return CaptureTaken(name, "ktp", "card", digest(data), len(data), 1600, 900, [])


def derived(name: str = "c2", of: str = "c1") -> CaptureDerived:
    return CaptureDerived(
        name, of, digest(PICTURE), digest(CUT), len(CUT), 800, 500, 1, (100, 50, 600, 850)
    )


def signed() -> Signed:
    return Signed("sign", "s1", digest(DRAWING), len(DRAWING))


def decided(officer: int, name: str = "d1", corrects: str | None = None) -> Decided:
    return Decided(name, "approved", officer, reference="SMILE-7", corrects=corrects)


@dataclass
class Teller:
    """Records changes of one visit, a second after each other."""

    store: Store
    desk: Desk
    place: BoothPlace
    officer: int
    at: datetime
    visit_id: int = 4_503_599_627_370_495
    changes: int = 0
    told: list[AnyChange] = field(default_factory=list)

    async def begin(self, ticket_id: int | None = None) -> None:
        change = begun(self.place)
        visit = NewVisit(self.visit_id, self.desk.branch_id, self.place.id, 99, ticket_id)
        await self.store.visits.begin(visit, change, "visitor", None, self.at)
        self.changes = 1
        self.told.append(change)

    async def tell(
        self,
        *changes: AnyChange,
        visitor: str | None = None,
        outbox: tuple[OutboxMessage, ...] = (),
    ) -> None:
        self.at += timedelta(seconds=1)
        self.changes = await self.store.visits.record(
            self.visit_id,
            changes,
            expected=self.changes,
            actor="officer",
            officer_id=self.officer,
            at=self.at,
            outbox=outbox,
            visitor=visitor,
        )
        self.told.extend(changes)

    async def whole(self) -> None:
        """From beginning to end: eight changes."""
        await self.begin()
        await self.tell(
            Consented("1", "id"), Answered("name", "Siti Aminah"), visitor="Siti Aminah"
        )
        await self.tell(taken(), derived())
        await self.tell(signed())
        await self.tell(decided(self.officer), outbox=(OutboxMessage(f"m{self.visit_id}", b"{}"),))
        await self.tell(Ended("finished"))
