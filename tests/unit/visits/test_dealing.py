"""Questions of a booth's interviews, across restarts of the server."""

from __future__ import annotations

import itertools
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.unit.conftest import Clocks
from tests.unit.visits.claims import CLAIM
from vcs.officer.seat import Seat
from vcs.store import Store
from vcs.store.records import BoothPlace, Desk
from vcs.store.visit_records import NewVisit
from vcs.visits import changes as c
from vcs.visits import dealing
from vcs.visits.dealing import deal_questions
from vcs.visits.evidence_files import EvidenceFiles
from vcs.visits.open_visit import OpenVisit
from vcs.visits.place import Place, VisitDesk, VisitSources
from vcs.visits.studio import Studio


class NoDesk:
    """Nobody is told anything here."""


async def interviewed(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks, number: int
) -> list[str]:
    """What a visitor at this booth is asked by a server that has just started."""
    clocks.pass_by(minutes=10)
    begun = c.Begun("claim", 1, "0" * 64, None, place.id, desk.id, "id")
    new = NewVisit(number, desk.branch_id, place.id, 9)
    await store.visits.begin(new, begun, "visitor", None, clocks.now())
    finished = [c.StepFinished(step.name) for step in CLAIM.steps if not step.attended]
    how = {"actor": "server", "officer_id": None, "at": clocks.now()}
    await store.visits.record(number, finished, expected=1, **how)  # type: ignore[arg-type]
    stored = await store.visits.load(number)
    assert stored is not None
    found = OpenVisit.restored(stored, CLAIM, store, clocks.now)
    files = EvidenceFiles.__new__(EvidenceFiles)
    studio = Studio.__new__(Studio)
    sources = VisitSources(store, {}, files, clocks.now, studio, ZoneInfo("Asia/Jakarta"))
    there: VisitDesk = NoDesk()  # type: ignore[assignment]
    seat = Seat(place.slot, place.id, place.name)
    await deal_questions(sources, Place(there, seat), found)
    await found.change(lambda visit: visit.end("left"), "server")
    return found.visit.dealt["interview"]


async def test_the_last_set_of_a_booth_survives_a_restart(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = []
    for number in range(1, 6):
        monkeypatch.setattr(dealing, "_rng", Random(4))  # which would deal the same each time
        sets.append(set(await interviewed(store, desk, place, clocks, number)))
    assert all(one != other for one, other in itertools.pairwise(sets)), sets
    other = await store.booths.add(desk.id, 5)
    monkeypatch.setattr(dealing, "_rng", Random(4))
    elsewhere = await interviewed(store, desk, other, clocks, 9)
    assert set(elsewhere) == sets[0], "each booth has a last set of its own"
