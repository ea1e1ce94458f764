"""What the visitor does about his visit: typing, submitting, finishing a step, signing."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Protocol

from vcs import messages as m
from vcs.visits import changes as c
from vcs.visits.fields import check
from vcs.visits.open_visit import OpenVisit
from vcs.visits.problem import Problem
from vcs.visits.signature import drawing
from vcs.visits.visit import NotNow


class KeepsFiles(Protocol):
    """Evidence files, under their digests."""

    async def keep(self, visit_id: int, data: bytes) -> str: ...


class WrongValue(Exception):
    """A field's value will not do."""

    def __init__(self, field: str, problem: Problem) -> None:
        super().__init__(problem.code)
        self.field = field
        self.problem = problem


async def submit(open_visit: OpenVisit, said: m.Submit, today: date) -> None:
    """Raises `WrongValue`, `NotNow`."""
    field = open_visit.visit.flow.field(said.field)
    if field is None:
        raise NotNow("no_field", "this claim asks for no such thing")
    value = check(field, said.value, open_visit.visit.answers, today)
    if isinstance(value, Problem):
        raise WrongValue(said.field, value)
    await open_visit.change(lambda visit: visit.answer(said.field, value), "visitor")


async def finish_step(open_visit: OpenVisit, said: m.FinishStep) -> None:
    """Raises `NotNow`."""
    await open_visit.change(lambda visit: visit.finish_alone(said.step), "visitor")


async def sign(open_visit: OpenVisit, said: m.Sign, files: KeepsFiles) -> None:
    """The file first, then the change that names it. Raises `NotNow`."""
    visit = open_visit.visit
    data = drawing(said.width, said.height, said.strokes)
    digest = hashlib.sha256(data).hexdigest()
    # Two visitors may make the same mark.
    signed = c.Signed(said.step, f"sign-{visit.id}-{digest[:24]}", digest, len(data))
    if visit.signatures.get(said.step) == signed.id:
        return  # he has this already, and did not hear so
    visit.sign(signed)
    await files.keep(visit.id, data)
    await open_visit.change(lambda visit: visit.sign(signed), "visitor")
