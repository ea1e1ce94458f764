"""One visit from start to decision, over real sockets, a real database and real files."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tests.unit.visits.house import SITI, House, Person, opened, with_media
from vcs import messages as m
from vcs.booth.card import Holder, draw_card, draw_letter
from vcs.booth.face import draw_face
from vcs.booth.photograph import Shot, jpeg, photograph
from vcs.store.evidence import evidence_path
from vcs.visits import changes as c

SITIS = Holder(1, "SITI RAHMAWATI", "3174055207890004", "JAKARTA", "12-07-1989")


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


async def test_two_visitors_make_the_same_mark_and_one_sends_it_twice(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        for slot in (2, 3):
            booth = await house.sit_down(slot)
            for _ in range(2):
                answer = await booth.ask(
                    m.Sign, step="interview", width=400, height=200, strokes=[[100, 100, 300, 100]]
                )
                assert isinstance(answer, m.Done), answer
            signed = [each for each in await log_of(house, slot) if isinstance(each, c.Signed)]
            assert len(signed) == 1


async def test_from_consent_to_a_decision_that_is_told(tmp_path: Path) -> None:
    """Alone through forms and pictures, one refused; then with the officer; then decided."""
    blurred = jpeg(photograph(draw_card(SITIS), Shot(blur=4.0)))
    paper = jpeg(photograph(draw_letter(SITIS), Shot((1654, 2338), 0.85)))
    pictures = {
        "id_card": jpeg(photograph(draw_card(SITIS, 1400), Shot())),
        "face": jpeg(draw_face(1)),
        "employment_letter": paper,
        "bank_book": paper,
    }
    async with opened(tmp_path) as house:
        booth = await house.sit_down(2)
        officer = await house.console()
        talker = await with_media(officer, 6)
        for step in ("identity", "work", "bank"):
            await fill_in(booth, step)
        status, verdict = await house.send_picture(2, booth, "id_card", blurred)
        assert (status, verdict["advice"]) == (200, ["blurred"])
        incomplete = await booth.ask(m.FinishStep, step="documents")
        assert isinstance(incomplete, m.Problem)
        assert incomplete.code == "incomplete"
        for name, data in pictures.items():
            status, verdict = await house.send_picture(2, booth, name, data)
            assert (status, verdict.get("advice")) == (200, []), (name, status, verdict)
        for slot in (2, None):
            await officer.ask(m.Focus, slot=slot)
        done = await booth.ask(m.FinishStep, step="documents")
        assert isinstance(done, m.Done), done
        documents_done = datetime.now(UTC)

        await officer.ask(m.Focus, slot=2)
        await officer.until(lambda: officer.sheet is not None and officer.sheet.step == "interview")
        assert officer.sheet is not None
        about: dict[str, Any] = {"slot": 2, "visit": officer.sheet.visit}
        for name in ("nobody", "id_card"):
            asked = await officer.ask(m.AskCapture, capture=name, **about)
            assert isinstance(asked, m.Ack if name == "id_card" else m.SheetRefused)
        status, _ = await house.send_picture(2, booth, "id_card", pictures["id_card"])
        assert status == 200, "the same picture again is an answer too"
        dealt = officer.sheet.dealt["interview"]
        assert len(dealt) == 3
        for question in dealt:
            await officer.ask(m.MarkQuestion, question=question, right=True, **about)
        stroke = [coordinate for x in range(10, 300, 10) for coordinate in (x, 50 + x % 40)]
        await booth.ask(m.Sign, step="interview", width=400, height=200, strokes=[stroke])
        await officer.ask(m.Focus, slot=None)
        away = await officer.ask(m.CompleteStep, step="interview", **about)
        assert isinstance(away, m.SheetRefused)
        assert away.code == "unattended"
        await officer.ask(m.Focus, slot=2)
        completed = await officer.ask(m.CompleteStep, step="interview", **about)
        assert isinstance(completed, m.Ack), completed
        decision: dict[str, Any] = {"decision": "decision-1", "outcome": "approved", **about}
        early = await officer.ask(m.Decide, **decision)
        assert isinstance(early, m.SheetRefused)
        assert early.code == "unchecked"
        flow = officer.flow
        assert flow is not None
        for check in [each.name for step in flow.steps for each in step.checks]:
            await officer.ask(m.MarkCheck, check=check, passed=True, **about)
        for _ in range(2):
            assert isinstance(await officer.ask(m.Decide, **decision), m.Ack)
        await booth.until(lambda: booth.visit is not None and booth.visit.result is not None)
        assert booth.visit is not None
        assert booth.visit.result is not None
        assert booth.visit.result.outcome == "approved"

        kept = await log_of(house, 2)
        assert [each.id for each in kept if isinstance(each, c.Decided)] == ["decision-1"]
        (finished,) = [
            each for each in kept if isinstance(each, c.StepFinished) and each.step == "interview"
        ]
        assert {each.kind for each in finished.attention} == {"focus"}
        began = [datetime.fromisoformat(each.started) for each in finished.attention]
        assert min(began) >= documents_done, "what was before the interview does not count for it"
        (told,) = await house.server.store.outbox.due(datetime.now(UTC) + timedelta(days=1))
        assert msgspec.json.decode(told.body)["data"]["answers"] == SITI
        for each in kept:
            if isinstance(each, c.CaptureTaken):
                path = evidence_path(tmp_path, int(officer.sheet.visit[6:]), each.digest)
                assert hashlib.sha256(path.read_bytes()).hexdigest() == each.digest
        async with house.http.get(
            f"{house.server.http_url}/captures/{booth.visit.pictures[0].id}"
        ) as refused:
            assert refused.status == 401, "not without a session"
        async with house.http.get(
            f"{house.server.http_url}/captures/{booth.visit.pictures[0].id}",
            headers={"Cookie": f"vcs_session={house.cookie}"},
        ) as shown:
            assert await shown.read() == blurred
        await talker.close()


async def test_what_is_no_picture_is_refused_in_words(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.sit_down(1)
        status, text = await house.send_picture(1, booth, "face", b"this is a letter, not a face")
        assert (status, text["error"]["code"] if "error" in text else text["code"]) == (
            422,
            "picture.not_a_picture",
        )
        status, text = await house.send_picture(1, booth, "face", bytes(13 * 1024 * 1024))
        assert status == 413
        status, text = await house.send_picture(1, booth, "nothing", b"x" * 100)
        assert status == 404
        assert booth.visit is not None
        assert booth.visit.pictures == []


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
