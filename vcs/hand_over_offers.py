"""Visits that officers offer to colleagues: who offered what to whom, and what ends an offer.

An offer moves nothing. It stands for OFFER_S at most, one for each booth, and a desk is offered
MAX_OFFERED at a time.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from vcs import messages as m
from vcs.desk_clients import OfficerIdentity
from vcs.live_desk import LiveDesk
from vcs.visits import views
from vcs.visits.place import Place

OFFER_S: Final = 90.0
MAX_OFFERED: Final = 6


@dataclass(slots=True, eq=False)
class Offer:
    """`officer` offers the visit at `place` to `colleague`. `accepting`: it is just being written
    down as the colleague's, and nothing ends it any more."""

    place: Place
    source: LiveDesk
    officer: OfficerIdentity
    target: LiveDesk
    colleague: OfficerIdentity
    reason: str
    made_at: float = field(default_factory=time.monotonic)
    id: int = field(default_factory=lambda: secrets.randbelow(2**53 - 1) + 1)
    accepting: bool = False

    @property
    def left_ms(self) -> int:
        """Until it ends by itself."""
        return max(0, round((self.made_at + OFFER_S - time.monotonic()) * 1000))

    def over(self) -> m.HandOverEnd | None:
        """Why it cannot stand any longer; None: it stands."""
        source, target = self.source, self.target
        if self.accepting:
            return None
        if self.place.open is None or self.place.seat.visit == "none":
            return "visit_ended"
        if source.console is None or source.console.officer != self.officer:
            return "officer_left"
        if target.console is None or target.console.officer != self.colleague:
            return "colleague_left"
        if source.desk.talk_slot == self.place.slot:
            return "talk"
        return "expired" if self.left_ms == 0 else None

    def told(self) -> m.OfferedVisit | None:
        """To the colleague."""
        found, seat = self.place.open, self.place.seat
        if found is None:
            return None
        title = found.visit.flow.title
        progress = views.progress(found.visit, found.still)
        return m.OfferedVisit(
            offer=self.id,
            booth=seat.name,
            visitor=views.visitor(found.visit),
            service_id=title.id,
            service_en=title.en,
            step_id=progress.title_id,
            step_en=progress.title_en,
            reason=self.reason,
            officer=self.officer.display_name,
            desk_name=self.source.identity.name,
            left_ms=self.left_ms,
        )


class Offers:
    """All that stand, oldest first."""

    def __init__(self) -> None:
        self._offers: dict[int, Offer] = {}

    def __iter__(self) -> Iterator[Offer]:
        return iter(list(self._offers.values()))

    def get(self, number: int) -> Offer | None:
        return self._offers.get(number)

    def add(self, offer: Offer) -> None:
        self._offers[offer.id] = offer

    def remove(self, offer: Offer) -> None:
        self._offers.pop(offer.id, None)

    def of(self, place: Place) -> Offer | None:
        """The one offer of this booth's visit."""
        return next((each for each in self._offers.values() if each.place is place), None)

    def to(self, live: LiveDesk) -> list[Offer]:
        """Those that this desk may take."""
        return [each for each in self._offers.values() if each.target is live]

    def ended(self, concerning: Iterable[LiveDesk]) -> list[tuple[Offer, m.HandOverEnd]]:
        """Those of these desks that cannot stand any longer, and why."""
        desks = set(map(id, concerning))
        found = []
        for offer in self:
            if id(offer.source) in desks or id(offer.target) in desks:
                how = offer.over()
                if how is not None:
                    found.append((offer, how))
        return found
