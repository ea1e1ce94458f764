"""The six made-up claims: they fit the flows that come with the program."""

from __future__ import annotations

from datetime import date

import pytest

from vcs.booth.claim import claim_of, picture
from vcs.captures.answers import Findings
from vcs.captures.checks import examine
from vcs.captures.reading import read
from vcs.visits.fields import check
from vcs.visits.flow import Subject
from vcs.visits.flow_file import load_flows

TODAY = date(2026, 1, 1)
FLOWS = load_flows()
NUMBERS = range(1, 7)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_answer_will_do_and_none_is_missing(number: int) -> None:
    claim = claim_of(number)
    flow = FLOWS[claim.service].flow
    fields = {field.name: field for _, field in flow.fields()}
    assert set(claim.answers) <= set(fields)
    assert {name for name, field in fields.items() if field.required} <= set(claim.answers)
    for name, value in claim.answers.items():
        assert check(fields[name], value, claim.answers, TODAY) == value


@pytest.mark.parametrize("number", NUMBERS)
def test_a_second_try_at_the_latest_gives_a_picture_without_advice(number: int) -> None:
    claim = claim_of(number)
    flow = FLOWS[claim.service].flow
    captures = [capture for step in flow.steps for capture in step.captures]
    assert set(claim.spoiled) <= {capture.name for capture in captures}
    for capture in captures:
        first = looked_at(picture(claim, capture, 0), capture.subject)
        assert bool(first.advice) == (capture.name in claim.spoiled), (capture.name, first)
        if first.advice:
            assert looked_at(picture(claim, capture, 1), capture.subject).advice == []


def looked_at(data: bytes, subject: Subject) -> Findings:
    return examine(read(data), subject)


def test_both_services_and_all_booths_have_somebody() -> None:
    claims = [claim_of(number) for number in NUMBERS]
    assert {claim.service for claim in claims} == set(FLOWS)
    assert len({claim.answers["nik"] for claim in claims}) == len(claims)
    assert claim_of(7) == claim_of(1)
