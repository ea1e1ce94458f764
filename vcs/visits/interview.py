"""Which questions an officer is dealt: varied, so that nobody can be told beforehand."""

from __future__ import annotations

import math
from collections.abc import Collection
from random import Random

from vcs.visits.flow import Step


class CannotDeal(Exception):
    """Too few questions can be asked of this visitor for a set that differs from the last one."""


def deal(
    step: Step, answered: Collection[str], last_set: Collection[str], rng: Random
) -> list[str]:
    """Names of `step.deal` questions in the order to ask them, exactly one a liveness action.

    A question about a field that is not among `answered` is left out. `last_set` is what the same
    booth was dealt last, never dealt again in any order. All sets that may be dealt are equally
    likely, and so are their orders. Raises `CannotDeal`; a flow whose file was checked has enough
    as soon as its required fields are answered.
    """
    actions = [each.name for each in step.questions if each.liveness]
    others = [
        each.name
        for each in step.questions
        if not each.liveness and (each.on_file is None or each.on_file in answered)
    ]
    wanted = step.deal - 1
    sets = len(actions) * math.comb(len(others), max(wanted, 0))
    last = frozenset(last_set)
    among = len(last) == step.deal and len(last & {*actions}) == 1 and last <= {*actions, *others}
    if wanted < 1 or sets - among < 1:
        raise CannotDeal(
            f"step {step.name!r}: {len(others)} questions and {len(actions)} liveness actions "
            f"give no new set of {step.deal}"
        )
    while True:
        dealt = [*rng.sample(others, wanted), rng.choice(actions)]
        if frozenset(dealt) != last:
            rng.shuffle(dealt)
            return dealt
