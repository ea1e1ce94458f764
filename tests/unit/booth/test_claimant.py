"""A visitor with a claim, at a real server: forms, pictures, signature, and the result."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.unit.booth.material import media
from tests.unit.visits.house import opened, with_media
from vcs import messages as m
from vcs.booth.agent import BoothAgent
from vcs.booth.claim import Claim, claim_of
from vcs.booth.claimant import Deed, Tempo, next_deed
from vcs.booth.visitor import Habits
from vcs.visits.flow_file import load_flows

AT_ONCE = Habits(start=0.0, start_again=60.0, consent=0.0)
HASTE = Tempo(read=0.06, key=0.02, hold=0.06, result=0.3)
"""A booth may say no more than twenty things a second."""
LATER = datetime(2100, 1, 1, tzinfo=UTC)
JHT = load_flows()["jht"].flow


def told(**facts: Any) -> m.VisitTold:
    return m.VisitTold(flow="jht", **facts)


def picture_of(capture: str) -> m.PictureView:
    return m.PictureView("picture-1", capture, "card", 1920, 1080, [], None)


def test_fields_come_before_pictures_and_the_end_of_a_step_last() -> None:
    claim = claim_of(1)
    assert next_deed(JHT, told(step="identity", lacks=["name", "nik"]), claim) == Deed(
        "answer", "name"
    )
    done = dict(claim.answers)
    assert next_deed(JHT, told(step="identity", answers=done), claim) == Deed("finish", "identity")
    lacking = told(step="documents", answers=done, lacks=["face", "bank_book"])
    assert next_deed(JHT, lacking, claim) == Deed("photograph", "face")


def test_what_the_officer_asks_for_comes_first_and_the_result_ends_it() -> None:
    claim = claim_of(1)
    asked = told(step="identity", lacks=["name"], asked=["face"])
    assert next_deed(JHT, asked, claim) == Deed("photograph", "face")
    waiting = told(attended="interview", lacks=["signature"])
    assert next_deed(JHT, waiting, claim) == Deed("sign", "interview")
    assert next_deed(JHT, told(attended="interview"), claim) is None
    result = m.Result("approved", "R-1", None, [], "")
    assert next_deed(JHT, told(result=result), claim) == Deed("leave", "")


def test_who_lacks_an_answer_does_not_finish() -> None:
    poor = Claim("jht", claim_of(1).holder, {})
    assert next_deed(JHT, told(step="identity", lacks=["name"]), poor) is None


async def test_a_claim_is_brought_to_the_officer_and_ends_with_his_word(tmp_path: Path) -> None:
    """The second visitor's card is blurred at first; when he has seen the result he leaves."""
    claim = claim_of(2)
    async with opened(tmp_path) as house:
        agent = BoothAgent(
            house.server.http_url, house.tokens[2], media(), agree=AT_ONCE, claim=claim, tempo=HASTE
        )
        life = asyncio.create_task(agent.run())
        officer = await house.console()
        talker = await with_media(officer, 6)
        try:
            await officer.ask(m.Focus, slot=2)
            await officer.until(
                lambda: officer.sheet is not None and officer.sheet.step == "interview"
            )
            await officer.until(lambda: officer.sheet is not None and officer.sheet.signed != [])
            assert officer.sheet is not None
            assert officer.sheet.answers == claim.answers
            cards = [each for each in officer.sheet.pictures if each.capture == "id_card"]
            assert [each.advice for each in cards] == [["blurred"], []]

            about: dict[str, Any] = {"slot": 2, "visit": officer.sheet.visit}
            await officer.ask(m.AskCapture, capture="face", **about)
            await officer.until(
                lambda: (
                    officer.sheet is not None
                    and sum(each.capture == "face" for each in officer.sheet.pictures) == 2
                )
            )
            for question in officer.sheet.dealt["interview"]:
                await officer.ask(m.MarkQuestion, question=question, right=True, **about)
            assert isinstance(await officer.ask(m.CompleteStep, step="interview", **about), m.Ack)
            assert officer.flow is not None
            for check in [each.name for step in officer.flow.steps for each in step.checks]:
                await officer.ask(m.MarkCheck, check=check, passed=True, **about)
            decided = await officer.ask(
                m.Decide, decision="decision-1", outcome="approved", **about
            )
            assert isinstance(decided, m.Ack), decided
            await officer.until(lambda: officer.desk is not None and _empty(officer.desk, 2))
        finally:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
            await talker.close()
        (told_of,) = [
            msgspec.json.decode(each.body) for each in await house.server.store.outbox.due(LATER)
        ]
        assert told_of["data"]["answers"] == claim.answers


def _empty(desk: m.DeskView, slot: int) -> bool:
    return desk.tiles[slot - 1].state in ("empty", "wrap_up")
