from __future__ import annotations

from collections import Counter
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.visits.flow import Question, Step, Words
from vcs.visits.flow_file import load_flows
from vcs.visits.interview import CannotDeal, deal

WORDS = Words("Tanya", "Ask")


def interview(asked: int, about: int, actions: int, dealt: int) -> Step:
    """`asked` questions without a field, `about` one field each, and liveness actions."""
    questions = [Question(f"asked{n}", WORDS) for n in range(asked)]
    questions += [Question(f"about{n}", WORDS, on_file=f"field{n}") for n in range(about)]
    questions += [Question(f"action{n}", WORDS, liveness=True) for n in range(actions)]
    return Step("interview", WORDS, attended=True, questions=questions, deal=dealt)


@st.composite
def interviews(draw: st.DrawFn) -> tuple[Step, list[str]]:
    dealt = draw(st.integers(3, 5))
    asked, actions = draw(st.integers(dealt - 1, 7)), draw(st.integers(1, 3))
    about = draw(st.integers(0 if asked + actions > dealt else 1, 3))
    fields = [f"field{n}" for n in range(about)]
    answered = (
        fields if asked + actions <= dealt else draw(st.lists(st.sampled_from(fields or [""])))
    )
    return interview(asked, about, actions, dealt), answered


@given(interviews(), st.integers())
def test_every_set_has_one_action_and_differs_from_the_last(
    given_: tuple[Step, list[str]], seed: int
) -> None:
    step, answered = given_
    rng, last = Random(seed), list[str]()
    for _ in range(6):
        dealt = deal(step, answered, last, rng)
        assert len(dealt) == len(set(dealt)) == step.deal >= 3
        assert sum(name.startswith("action") for name in dealt) == 1
        assert set(dealt) != set(last)
        for name in dealt:
            assert not name.startswith("about") or name.replace("about", "field") in answered
        last = dealt


def test_all_sets_and_all_places_are_equally_likely() -> None:
    step, rng = interview(4, 0, 2, 3), Random(5)
    last = ["asked0", "asked1", "action0"]
    hands = [deal(step, [], last, rng) for _ in range(11_000)]
    sets = Counter(frozenset(hand) for hand in hands)
    possible = {
        frozenset({*two, action})
        for two in combinations([f"asked{n}" for n in range(4)], 2)
        for action in ("action0", "action1")
    }
    assert set(sets) == possible - {frozenset(last)}
    assert all(850 <= count <= 1150 for count in sets.values())
    places = Counter(hand.index(each) for hand in hands for each in hand if "action" in each)
    assert all(3_300 <= places[place] <= 4_030 for place in range(3))


@pytest.mark.parametrize(
    ("asked", "about", "actions", "last"),
    [
        (1, 5, 3, []),
        (5, 0, 0, []),
        (2, 5, 1, ["action0", "asked1", "asked0"]),
    ],
)
def test_too_few_questions_are_told(asked: int, about: int, actions: int, last: list[str]) -> None:
    with pytest.raises(CannotDeal, match="no new set of 3"):
        deal(interview(asked, about, actions, 3), [], last, Random(1))


def test_the_last_set_of_another_service_is_no_hindrance() -> None:
    step = interview(2, 0, 1, 3)
    assert len(deal(step, [], ["born", "bank", "left_ear"], Random(1))) == 3


@pytest.mark.parametrize("name", ["jht", "death_benefit"])
def test_our_own_flows_can_always_deal(name: str) -> None:
    flow, last = load_flows()[name].flow, list[str]()
    step = flow.step("interview")
    assert step is not None
    needed = [field.name for _, field in flow.fields() if field.required]
    for seed in range(50):
        last = deal(step, needed, last, Random(seed))
