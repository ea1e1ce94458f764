"""An interview's questions, dealt as soon as a visit reaches it."""

from __future__ import annotations

import random

from sqlalchemy.exc import SQLAlchemyError

from vcs.logs import rate_limited
from vcs.visits.interview import CannotDeal, deal
from vcs.visits.open_visit import OpenVisit
from vcs.visits.place import Place, VisitSources
from vcs.visits.visit import NotNow

_log = rate_limited("vcs.visits.dealing")
_rng = random.SystemRandom()


async def deal_questions(sources: VisitSources, place: Place, found: OpenVisit) -> None:
    """Nothing when no interview is reached, or when it has its questions. Raises `NotNow`."""
    step = found.visit.step
    if step is None or step.deal == 0 or step.name in found.visit.dealt:
        return
    try:
        last = await sources.store.visits.last_dealt(place.seat.booth_id)
    except (SQLAlchemyError, OSError) as error:
        _log.error("the last questions could not be read", reason=type(error).__name__)
        raise NotNow("not_saved", "the questions could not be dealt; try again") from error
    try:
        questions = deal(step, found.visit.answers, last, _rng)
    except CannotDeal:
        # Too few for another set: the same again is better than no interview.
        questions = deal(step, found.visit.answers, (), _rng)
    await found.change(lambda visit: visit.deal(step.name, questions), "server")
