"""Booths of a small branch at the desk of another one, as it is set up."""

from __future__ import annotations

import pytest

from tests.unit.commands.conftest import Vcs

FAR = "--branch Tebet --desk-of Pusat --desk 2 --slot 3"


@pytest.fixture
def offices(vcs: Vcs) -> Vcs:
    """A central office with two desks, and a branch without any."""
    assert vcs("branch add Pusat --desks 2").exit_code == 0
    assert vcs("branch add Tebet --desks 0").output == "Branch Tebet is there, with 0 desks.\n"
    return vcs


def test_a_small_branch_feeds_a_desk_of_another(offices: Vcs) -> None:
    vcs = offices
    refused = vcs(f"booth pair {FAR}")
    assert refused.exit_code == 1
    assert refused.output == "Error: desk 2 of 'Pusat' does not serve 'Tebet' (vcs desk serve)\n"
    served = vcs("desk serve Tebet --desk-of Pusat --desk 2")
    assert served.output == "Desk 2 of Pusat serves Tebet too.\n"
    assert "Bilik 3, place 3 at desk 2 of Pusat" in vcs(f"booth pair {FAR}").output
    assert vcs("booth list").output == "Pusat  desk 2  place 3  Bilik 3  of Tebet  not enrolled\n"
    assert vcs("branch list").output == (
        "Pusat\n"
        "  desk 1: 0 booths, 0 of them enrolled\n"
        "  desk 2: 1 booths, 0 of them enrolled, serves Tebet too\n"
        "Tebet\n"
        "  at desk 2 of Pusat: 1 booths, 0 of them enrolled\n"
    )
    in_use = vcs("desk unserve Tebet --desk-of Pusat --desk 2")
    assert (in_use.exit_code, "place 3" in in_use.output) == (1, True)


def test_a_booth_gets_another_place(offices: Vcs) -> None:
    vcs = offices
    vcs("desk serve Tebet --desk-of Pusat --desk 2")
    vcs(f"booth add {FAR}")
    refused = vcs(f"booth place {FAR} --to-desk 1 --to-slot 4")
    assert (refused.exit_code, "does not serve 'Tebet'" in refused.output) == (1, True)
    vcs("desk serve Tebet --desk-of Pusat")
    moved = vcs(f"booth place {FAR} --to-desk 1 --to-slot 4")
    assert moved.output == "Bilik 3 of Tebet has place 4 at desk 1 of Pusat now.\n"
    assert vcs("desk unserve Tebet --desk-of Pusat --desk 2").exit_code == 0
    assert vcs("booth list").output == "Pusat  desk 1  place 4  Bilik 3  of Tebet  not enrolled\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("desk serve Nowhere --desk-of Pusat", "no branch named 'Nowhere'"),
        ("desk serve Tebet --desk-of Pusat --desk 9", "has no desk 9"),
        ("desk serve Pusat --desk-of Pusat", "serves 'Pusat' already"),
        ("desk unserve Tebet --desk-of Pusat", "does not serve 'Tebet'"),
        ("desk unserve Pusat --desk-of Pusat", "always"),
        ("booth place --branch Tebet --slot 1 --to-slot 2", "branch 'Tebet' has no desk 1"),
        (f"booth place {FAR} --to-slot 2", "has no booth in place 3"),
    ],
)
def test_mistakes_get_a_sentence_and_a_code(offices: Vcs, line: str, told: str) -> None:
    result = offices(line)
    assert (result.exit_code, told in result.output) == (1, True), result.output


def test_a_wrong_name_does_not_reach_another_branchs_booth(offices: Vcs) -> None:
    vcs = offices
    vcs("booth add --branch Pusat --slot 1")
    for line in (
        "booth revoke --branch Tebet --desk-of Pusat --slot 1",
        "booth pair --branch Tebet --desk-of Pusat --slot 1",
        "booth service --branch Tebet --desk-of Pusat --slot 1 off",
    ):
        result = vcs(line)
        assert result.exit_code == 1
        assert "the booth in place 1 there is of 'Pusat', not of 'Tebet'" in result.output
