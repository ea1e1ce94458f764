from __future__ import annotations

from tests.unit.commands.conftest import Vcs


def test_branches_are_made_and_listed(vcs: Vcs) -> None:
    assert "no branch yet" in vcs("branch list").output
    made = vcs("branch add Cilandak --desks 2")
    assert made.exit_code == 0
    assert "Cilandak" in made.output and "2 desks" in made.output
    listed = vcs("branch list").output
    assert "Cilandak" in listed and "desk 2: 0 booths, 0 of them enrolled" in listed


def test_mistakes_get_a_sentence_and_a_code(vcs: Vcs) -> None:
    vcs("branch add Cilandak")
    again = vcs("branch add Cilandak")
    assert again.exit_code == 1
    assert again.output == "Error: there is a branch named 'Cilandak' already\n"
    assert vcs("branch add Salemba --desks 101").exit_code == 2
    assert vcs("branch add " + "x" * 101).exit_code == 1
