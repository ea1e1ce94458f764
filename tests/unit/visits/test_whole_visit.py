"""One visit from start to decision, over real sockets, a real database and real files."""

from __future__ import annotations

from pathlib import Path

from tests.unit.visits.house import SITI, House, Person, opened, with_media
from vcs import messages as m
from vcs.visits import changes as c


async def fill_in(booth: Person, step: str) -> None:
    """Every field of a step, then done with it."""
    assert booth.flow is not None
    found = booth.flow.step(step)
    assert found is not None
    for each in found.fields:
        if each.name in SITI:
            answer = await booth.ask(m.Submit, field=each.name, value=SITI[each.name])
            assert isinstance(answer, m.Done), answer
    answer = await booth.ask(m.FinishStep, step=step)
    assert isinstance(answer, m.Done), answer


async def log_of(house: House, booth: int) -> list[c.AnyChange]:
    stored = await house.server.store.visits.open_at(booth)
    assert stored is not None
    return [entry.change for entry in stored.log]


async def test_what_is_answered_is_on_the_disk(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.sit_down(2)
        assert booth.visit is not None
        assert booth.visit.step == "identity"
        assert booth.flow is not None
        assert all(not step.questions and not step.checks for step in booth.flow.steps)
        done = await booth.ask(m.Submit, field="name", value="  siti   rahmawati ")
        assert isinstance(done, m.Done)
        kept = await log_of(house, 2)
        assert kept[0] == c.Begun(
            "jht",
            1,
            kept[0].flow_digest,
            None,
            2,
            house.desk.id,
            "id",  # type: ignore[union-attr]
        )
        assert kept[1] == c.Consented("2026-11", "id")
        assert kept[-1] == c.Answered("name", "Siti Rahmawati")
        assert booth.visit.answers == {"name": "Siti Rahmawati"}
        await fill_in(booth, "identity")
        assert booth.visit.step == "work"


async def test_a_wrong_nik_is_told_with_its_place(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.sit_down(1)
        for name in ("birth_date", "sex"):
            await booth.ask(m.Submit, field=name, value=SITI[name])
        wrong = SITI["nik"][:6] + "130789" + SITI["nik"][12:]
        problem = await booth.ask(m.Submit, field="nik", value=wrong)
        assert isinstance(problem, m.Problem)
        assert (problem.code, problem.field) == ("nik.birth_date", "nik")
        assert problem.marked == [6, 7, 8, 9, 10, 11]
        assert "nik" not in (booth.visit.answers if booth.visit else {})


async def test_the_officer_sees_what_is_typed(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.sit_down(3)
        officer = await house.console()
        talker = await with_media(officer, 6)
        await officer.ask(m.Focus, slot=3)
        await officer.until(lambda: officer.sheet is not None and officer.sheet.visit is not None)
        await booth.wire.say(m.Draft("name", "Sit"))
        await officer.until(
            lambda: officer.sheet is not None and officer.sheet.drafts == {"name": "Sit"}
        )
        assert officer.sheet is not None
        assert officer.sheet.typing == "name"
        assert officer.sheet.present
        await booth.ask(m.Submit, field="name", value="Siti")
        await officer.until(
            lambda: officer.sheet is not None and officer.sheet.answers == {"name": "Siti"}
        )
        assert officer.desk is not None
        assert officer.desk.tiles[2].visitor == "Siti"
        assert officer.desk.tiles[2].progress is not None
        assert officer.desk.tiles[2].progress.working == "self"
        assert officer.desk.tiles[1].visitor is None
        await talker.close()


async def test_a_command_about_another_visit_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.sit_down(1)
        officer = await house.console()
        refused = await officer.ask(
            m.WriteNotes, slot=1, visit="visit-1234567", text="somebody else's"
        )
        assert isinstance(refused, m.SheetRefused)
        assert refused.code == "another_visit"
        assert booth.visit is not None


async def test_a_draft_and_answers_outlive_the_server(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.sit_down(4)
        await booth.ask(m.Submit, field="name", value="Siti Rahmawati")
        await booth.wire.say(m.Draft("birth_date", "1989-0"))
        visit = house.server.desks.find(house.desk.id)
        assert visit is not None
    async with opened(tmp_path) as house:
        booth = await house.booth(4)
        assert booth.state is not None
        assert booth.state.visit == "consent"
        assert booth.visit is None, "nothing is shown before the visitor has agreed again"
        await house.agree(booth)
        assert booth.visit is not None
        assert booth.visit.answers == {"name": "Siti Rahmawati"}
        assert booth.visit.drafts == {"birth_date": "1989-0"}
        kept = await log_of(house, 4)
        assert sum(isinstance(each, c.Begun) for each in kept) == 1
        assert sum(isinstance(each, c.Consented) for each in kept) == 2


async def test_who_leaves_ends_the_visit(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.sit_down(5)
        await booth.wire.say(m.Draft("name", "Sit"))
        assert booth.state is not None
        assert booth.state.occupant is not None
        visit = await house.server.store.visits.open_at(5)
        assert visit is not None
        await booth.wire.say(m.End(booth.state.occupant))
        await booth.until(lambda: booth.visit is not None and booth.visit.flow is None)
        again = await house.booth(5)
        await again.wire.say(m.Start())
        await house.agree(again)
        assert again.visit is not None
        assert again.visit.answers == {}
        ended = await house.server.store.visits.load(visit.id)
        assert ended is not None
        assert ended.phase == "ended"
        assert ended.drafts == {}
