"""Six visitors and one officer at the same time, from sitting down to the case files and the words
to the core system: what is kept and told is what was entered, decided and signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import pytest

from tests.browser.conftest import Counters
from tests.browser.core_system import SECRET, CoreSystem
from tests.browser.counter import Counter
from tests.browser.entered import CaseFile, Entered, differences, told_wrongly
from tests.browser.people import ConsolePage, until
from tests.browser.server import BOTH_FLOWS
from tests.browser.verifying import Finding, Officer
from tests.browser.visitors import CLAIMS, Visitor
from vcs.http.doors import CONSENT_VERSION
from vcs.visits.flow_file import OWN_FLOWS, load_flows

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

FAILS_AT = 4
REASON = "Ahli waris dua orang, mohon dilanjutkan"
FINDINGS = (
    Finding("approved", message="Terima kasih, Ibu Siti."),
    Finding("rejected", ["filed_by_broker"], "Silakan datang sendiri.", failed=["sits_alone"]),
    Finding("pending", ["readable_letter", "family_card"], failed=["letter_readable"]),
    Finding("approved", wrong=1),
    Finding("approved", message="Kami turut berdukacita."),
    Finding(
        "pending", ["other_heirs_consent"], "Bawa surat persetujuan.", failed=["heir_entitled"]
    ),
)
HANDED_OVER = 4
"""Of the six, by place among them: the one whom the second officer takes."""
BY_CAMERA = {1: "id_card"}
"""The picture that one of them takes by the booth's camera: blurred at first."""


@dataclass
class Day:
    """Everybody, and the core system that is down in the morning."""

    counter: Counter
    core: CoreSystem
    visitors: list[Visitor]
    andi: Officer
    budi: Officer

    def officer_of(self, visitor: Visitor) -> Officer:
        return self.budi if visitor in self.budi.places else self.andi


@pytest.fixture(scope="module")
def day(counters: Counters) -> Iterator[Day]:
    core = CoreSystem(fails_at=FAILS_AT)
    settings = (*BOTH_FLOWS, ("VCS_WEBHOOK_URL", core.url), ("VCS_WEBHOOK_SECRET", SECRET))
    counter = counters.open(len(CLAIMS), settings=settings, kiosk=True)
    flows = load_flows(OWN_FLOWS)
    visitors = [
        Visitor(counter.booths[number], claim, flows[claim.service].flow)
        for number, claim in enumerate(CLAIMS, 1)
    ]
    andi = Officer("andi", counter.console)
    andi.places = {visitor: visitor.booth.number for visitor in visitors}
    budi = Officer("budi", second_desk(counter))
    yield Day(counter, core, visitors, andi, budi)
    counters.close()  # no other test has a core system, or consoles at two desks
    core.close()


def second_desk(counter: Counter) -> ConsolePage:
    """Budi's, open."""
    console = counter.sign_in("budi")
    console.page.goto(f"{counter.server.url}/console?desk=2&open")
    console.await_ready(within_s=20)
    return console


def test_six_visits_at_the_same_time(day: Day) -> None:
    andi, budi, visitors = day.andi, day.budi, day.visitors
    for visitor in visitors:
        visitor.sit_down(andi.console)
        visitor.entered.consents.append((CONSENT_VERSION, "id"))

    # Each fills in his first form while the one before him is on air; two by touch alone.
    for number, visitor in enumerate(visitors):
        before = visitors[number - 1]
        andi.talk(before)
        before.booth.await_screen("onair")
        visitor.fill_in(visitor.flow.steps[0].name, touch=number in (0, 3))
        assert andi.on_air == [andi.places[before]]
        assert before.booth.screen == "onair"
    andi.console.hold()

    # One goes on at another desk, in the middle of his forms.
    moved = visitors[HANDED_OVER]
    moved.enter(moved.flow.steps[1].fields[0], touch=True)
    andi.hand_over(moved, budi, REASON)
    moved.await_screen("form")

    # The rest of the forms, while the officers talk to others; then the papers, with nobody.
    andi.talk(visitors[0])
    for visitor in visitors[1:]:
        fill_in_the_rest(visitor, visitor is moved)
    andi.talk(visitors[1])
    budi.talk(moved)
    fill_in_the_rest(visitors[0], False)
    andi.console.hold()
    budi.console.hold()
    for number, visitor in enumerate(visitors):
        visitor.photograph_all(by_camera=BY_CAMERA.get(number))
        visitor.confirm("documents")

    # Interviews and decisions; visitors are told them whether the core system is up or not.
    for number in (0, HANDED_OVER, 1, 2, 3, 5):
        visitor, finding = visitors[number], FINDINGS[number]
        officer = day.officer_of(visitor)
        officer.talk(visitor)
        officer.interview(visitor, finding)
        officer.decide(visitor, finding)
        visitor.read_result()
        if number == HANDED_OVER:
            until(lambda: "did not take a decision" in day.counter.server.log(), "a failed try")
            day.core.open()  # after the first two
    for visitor in visitors:
        visitor.leave()
    assert day.counter.faults() + budi.console.faults == []


def fill_in_the_rest(visitor: Visitor, begun: bool) -> None:
    """All forms after the first; `begun`: one field of the next one is there."""
    for step in visitor.flow.steps[1:]:
        if step.fields:
            for wanted in step.fields[1 if begun else 0 :]:
                visitor.enter(wanted, touch=False)
            visitor.confirm(step.name)
            begun = False


@pytest.fixture(scope="module")
def visits(day: Day, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[CaseFile, Entered]]:
    """Each visitor's case file, by the reference that he took home, beside what was entered."""
    directory = tmp_path_factory.mktemp("cases")
    files = {each.entered.reference: each.entered for each in day.visitors}
    assert len(files) == len(day.visitors)
    at = {reference: directory / f"{reference}.zip" for reference in files}
    day.counter.server.run(
        *(
            ["case", "export", reference, "--out", str(path), "--officer", "andi"]
            for reference, path in at.items()
        )
    )
    return [(CaseFile.read(at[reference]), entered) for reference, entered in files.items()]


def test_the_case_files_say_what_was_entered(
    day: Day, visits: list[tuple[CaseFile, Entered]]
) -> None:
    assert [each for case, entered in visits for each in differences(case, entered)] == []
    verified = day.counter.server.run(["audit", "verify"])
    assert f"In order: {len(visits)} visits" in verified


def test_the_core_system_has_each_decision_once(
    day: Day, visits: list[tuple[CaseFile, Entered]]
) -> None:
    core = day.core
    until(
        lambda: len(core.ids) == len(visits) and len(core.accepted) > len(visits),
        "all decisions are told, and what failed came again",
        within_s=60,
        seen=lambda: [each.id for each in core.accepted],
    )
    assert core.refused == []
    assert told_wrongly(core.accepted, visits) == []
    # The one that was taken and answered as failed came twice, byte for byte; the others once.
    assert core.accepted.count(core.accepted[FAILS_AT - 1]) == 2
    assert len(core.accepted) == len(visits) + 1


def test_the_comparison_with_a_case_file_finds_what_is_wrong(
    visits: list[tuple[CaseFile, Entered]],
) -> None:
    """As if it had another visit's answers, a picture were lost, nobody had talked, ..."""
    (case, one), _, (_, other), *_ = visits

    def changed(**values: object) -> list[str]:
        return differences(case, replace(one, **values))

    assert changed() == []
    unlike = {name for name, value in one.answers.items() if other.answers[name] != value}
    assert len(unlike) > 9
    assert {each.split()[1] for each in changed(answers=other.answers)} == unlike
    for field in fields(Entered):
        kept = getattr(one, field.name)
        empty = type(kept)()
        if kept != empty:
            assert changed(**{field.name: empty}), field.name
    for name in ("sent", "questions", "checks", "outcome", "reasons", "reference", "booth"):
        assert changed(**{name: getattr(other, name)}), name
    assert changed(sent=[one.sent[1], one.sent[0], *one.sent[2:]])
    assert changed(talked=[*one.talked, one.talked[0]])
    lost = next(name for name in case.files if name.startswith("evidence/"))
    kept = {name: digest for name, digest in case.files.items() if name != lost}
    assert differences(replace(case, files=kept), one)
    assert differences(replace(case, files={**case.files, lost: "0" * 64}), one)


def test_the_comparison_with_what_was_told_finds_what_is_wrong(
    day: Day, visits: list[tuple[CaseFile, Entered]]
) -> None:
    """As if a message were lost, had two ids or other bytes, or told of somebody else."""
    told = list(day.core.accepted)
    first = next(each for each in told if each.data["outcome"] == "approved")
    rest = [each for each in told if each.id != first.id]
    assert told_wrongly(told, visits) == []
    assert told_wrongly(rest, visits) == [f"visit {first.data['visit']} was told 0 times"]
    assert told_wrongly([*told, replace(first, id=f"{first.id}2")], visits)
    other = replace(first, body=first.body.replace(b"approved", b"rejected"))
    assert told_wrongly([*told, other], visits)
    assert told_wrongly([*rest, other], visits)
    (case, one), (another, two), *others = visits
    assert told_wrongly(told, [(case, two), (another, one), *others])
    assert told_wrongly(told, visits[1:])
