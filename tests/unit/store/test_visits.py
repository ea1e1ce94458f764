from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

import pytest

from tests.unit.store.material import Teller, begun, decided, derived, signed, taken
from vcs.store import AlreadyThere, NotThere, Store
from vcs.store.visit_records import (
    AlreadyDecided,
    Conflict,
    Draft,
    NewVisit,
    OutboxMessage,
    StoredVisit,
)
from vcs.visits.changes import Answered, Consented, Dealt, Ended, HandedOver, Noted


async def _load(teller: Teller) -> StoredVisit:
    found = await teller.store.visits.load(teller.visit_id)
    assert found is not None
    return found


async def test_a_visit_comes_back_as_it_was_told(teller: Teller) -> None:
    began = teller.at
    await teller.whole()
    visit = await _load(teller)
    assert [entry.change for entry in visit.log] == teller.told
    assert [entry.number for entry in visit.log] == list(range(1, 9))
    assert (visit.log[0].actor, visit.log[0].officer_id, visit.log[0].at) == (
        "visitor",
        None,
        began,
    )
    assert (visit.log[-1].actor, visit.log[-1].officer_id) == ("officer", teller.officer)
    assert (visit.phase, visit.outcome, visit.reference) == ("ended", "approved", "SMILE-7")
    assert (visit.visitor, visit.officer_id, visit.changes) == ("Siti Aminah", teller.officer, 8)
    assert (visit.begun_at, visit.ended_at) == (began, teller.at)
    assert await teller.store.visits.load(1) is None


async def test_a_booth_has_one_visit_at_a_time(teller: Teller) -> None:
    visits = teller.store.visits
    assert await visits.open_at(teller.place.id) is None
    await teller.begin()
    assert await visits.open_at(teller.place.id) == await _load(teller)
    other = NewVisit(5, teller.desk.branch_id, teller.place.id, 1)
    with pytest.raises(AlreadyThere, match="not ended"):
        await visits.begin(other, begun(teller.place), "visitor", None, teller.at)
    same = NewVisit(teller.visit_id, teller.desk.branch_id, teller.place.id, 1)
    with pytest.raises(AlreadyThere, match=str(teller.visit_id)):
        await visits.begin(same, begun(teller.place), "visitor", None, teller.at)
    await teller.tell(decided(teller.officer))
    decided_visit = await visits.open_at(teller.place.id)
    assert decided_visit is not None and decided_visit.phase == "decided"
    await teller.tell(Ended("finished"))
    assert await visits.open_at(teller.place.id) is None
    await visits.begin(other, begun(teller.place), "visitor", None, teller.at)


async def test_of_two_writers_one_is_told_to_look_again(teller: Teller) -> None:
    await teller.begin()
    async with asyncio.timeout(60):
        done = await asyncio.gather(
            *(
                teller.store.visits.record(
                    teller.visit_id,
                    [Noted(f"writer {number}")],
                    expected=1,
                    actor="officer",
                    officer_id=teller.officer,
                    at=teller.at,
                )
                for number in range(6)
            ),
            return_exceptions=True,
        )
    assert sorted(str(type(result).__name__) for result in done) == ["Conflict"] * 5 + ["int"]
    assert (await _load(teller)).changes == 2
    with pytest.raises(NotThere):
        await teller.store.visits.record(
            1, [Noted("x")], expected=1, actor="officer", officer_id=None, at=teller.at
        )


async def test_nothing_of_a_refused_change_is_written(teller: Teller) -> None:
    await teller.begin()
    before = await _load(teller)
    with pytest.raises(NotThere, match="no picture c1"):
        await teller.tell(Noted("lost"), derived())
    with pytest.raises(AlreadyThere):
        await teller.tell(taken(), taken())
    with pytest.raises(AlreadyThere):
        await teller.tell(Noted("lost"), HandedOver(teller.desk.id, 999, "break"))
    assert await _load(teller) == before
    assert await teller.store.visits.capture("c1") is None
    assert len(await teller.store.audit.of_visit(teller.visit_id)) == 1


async def test_a_decision_is_made_once_however_often_it_is_asked(teller: Teller) -> None:
    await teller.begin()
    await teller.tell(decided(teller.officer), outbox=(OutboxMessage("m1", b"{}"),))
    first = await teller.store.visits.decision("d1")
    for expected in (1, 2):
        teller.changes = expected
        with pytest.raises(AlreadyDecided) as told:
            await teller.tell(decided(teller.officer), outbox=(OutboxMessage("m2", b"{}"),))
        assert told.value.first == first
    assert [message.id for message in await teller.store.outbox.due(teller.at)] == ["m1"]
    await teller.tell(Ended("finished"))
    await teller.tell(decided(teller.officer, "d2", corrects="d1"))
    visit = await _load(teller)
    assert (visit.phase, visit.changes) == ("ended", 4)


async def test_a_decision_asked_twice_at_once_is_made_once(teller: Teller) -> None:
    await teller.begin()

    async def decide() -> str:
        try:
            await teller.store.visits.record(
                teller.visit_id,
                [decided(teller.officer)],
                expected=1,
                actor="officer",
                officer_id=teller.officer,
                at=teller.at,
            )
        except AlreadyDecided:
            return "again"
        return "first"

    assert sorted(await asyncio.gather(*(decide() for _ in range(5)))) == ["again"] * 4 + ["first"]


async def test_handing_over_changes_the_desk(teller: Teller) -> None:
    other = await teller.store.branches.add("Bandung")
    to = (await teller.store.branches.desks(other.id))[0]
    await teller.begin()
    await teller.tell(HandedOver(teller.desk.id, to.id, "break"))
    visit = await _load(teller)
    assert (visit.desk_id, visit.booth_id) == (to.id, teller.place.id)


async def test_drafts_stand_until_their_field_is_answered_or_the_visit_ends(
    teller: Teller,
) -> None:
    visits, at = teller.store.visits, teller.at
    await teller.begin()
    for value in ("3", "31", "317"):
        at += timedelta(milliseconds=100)
        await visits.set_draft(teller.visit_id, "nik", value, at)
    await visits.set_draft(teller.visit_id, "name", "Sit", at)
    await visits.set_draft(teller.visit_id, "phone", "08", at)
    await visits.set_draft(teller.visit_id, "phone", None, at)
    visit = await _load(teller)
    assert visit.drafts == {"nik": Draft("317", at), "name": Draft("Sit", at)}
    assert visit.changes == 1, "a draft is no change"
    await teller.tell(Answered("nik", "3174"))
    assert set((await _load(teller)).drafts) == {"name"}
    await teller.tell(Ended("left"))
    assert (await _load(teller)).drafts == {}
    with pytest.raises(NotThere):
        await visits.set_draft(teller.visit_id, "name", "late", at)
    with pytest.raises(NotThere):
        await visits.set_draft(12, "name", "nobody", at)


async def test_pictures_are_found_by_their_ids(teller: Teller) -> None:
    await teller.begin()
    await teller.tell(taken(), derived(), signed())
    original = await teller.store.visits.capture("c1")
    cut = await teller.store.visits.capture("c2")
    drawing = await teller.store.visits.capture("s1")
    assert original is not None and cut is not None and drawing is not None
    assert (original.name, original.subject, original.derived_from) == ("ktp", "card", None)
    assert (cut.name, cut.subject, cut.derived_from, cut.width) == ("ktp", "card", "c1", 800)
    assert (drawing.subject, drawing.width, drawing.visit_id) == (
        "signature",
        None,
        teller.visit_id,
    )
    assert await teller.store.visits.capture("none") is None


async def test_a_visit_of_another_has_no_share_in_pictures(teller: Teller) -> None:
    await teller.begin()
    await teller.tell(taken(), Ended("finished"))
    other = Teller(
        teller.store, teller.desk, teller.place, teller.officer, teller.at, secrets.randbits(52) + 1
    )
    await other.begin()
    with pytest.raises(NotThere, match="no picture c1"):
        await other.tell(derived("c9"))


async def test_a_full_column_of_names_is_cut_and_never_refused(teller: Teller) -> None:
    await teller.begin()
    await teller.tell(Consented("1", "id"), visitor="x" * 500)
    assert (await _load(teller)).visitor == "x" * 200


async def test_conflict_says_how_many(store: Store, teller: Teller) -> None:
    await teller.begin()
    teller.changes = 9
    with pytest.raises(Conflict, match="has 1 changes, not 9"):
        await teller.tell(Noted("x"))


async def test_the_questions_dealt_last_at_a_booth_are_found(store: Store, teller: Teller) -> None:
    place = teller.place.id
    assert await store.visits.last_dealt(place) == []
    for number, sets in enumerate((["a", "b"], ["c", "d"], []), 1):
        visit = Teller(store, teller.desk, teller.place, teller.officer, teller.at, visit_id=number)
        visit.at += timedelta(days=number)
        await visit.begin()
        assert await store.visits.booths_with_a_visit() == {place}
        for questions in sets:
            await visit.tell(Dealt("interview", [questions]))
        await visit.tell(Ended("left"))
    assert await store.visits.last_dealt(place) == ["d"]
    assert await store.visits.last_dealt(999) == []
    assert await store.visits.booths_with_a_visit() == frozenset()
