from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.visits.people import TODAY, Person, people
from vcs.visits.nik import PROVINCES, BadNik, parse


@given(people())
def test_anybodys_nik_says_who_he_is(person: Person) -> None:
    says = parse(person.digits, TODAY)
    assert says.disagreement(person.born, person.sex) is None
    assert says.province == PROVINCES[person.digits[:2]]
    assert says.sex == person.sex
    assert says.born.strftime("%d%m%y") == person.born.strftime("%d%m%y")
    assert says.born <= TODAY


@given(people(), st.integers(6, 11), st.integers(1, 9))
def test_one_wrong_digit_in_the_date_is_found_and_marked(
    person: Person, at: int, more: int
) -> None:
    wrong = str((int(person.digits[at]) + more) % 10)
    digits = person.digits[:at] + wrong + person.digits[at + 1 :]
    try:
        problem = parse(digits, TODAY).disagreement(person.born, person.sex)
    except BadNik as error:
        problem = error.problem
    assert problem is not None
    assert problem.code in ("nik.no_date", "nik.birth_date", "nik.sex")
    assert at in problem.marked
    assert set(problem.marked) <= set(range(6, 12))


@given(people())
def test_a_nik_of_the_other_sex_is_found(person: Person) -> None:
    other = "male" if person.sex == "female" else "female"
    problem = parse(person.digits, TODAY).disagreement(person.born, other)
    assert problem is not None
    assert (problem.code, problem.marked) == ("nik.sex", [6, 7])


@given(st.one_of(st.text(), st.text("0123456789", min_size=14, max_size=18)))
def test_anything_else_has_one_error(digits: str) -> None:
    try:
        assert parse(digits, TODAY).digits == digits
    except BadNik as error:
        assert all(0 <= at < len(digits) for at in error.problem.marked)


@pytest.mark.parametrize(
    ("digits", "code", "marked"),
    [
        ("317405520789000", "nik.short", []),
        ("31740552078900040", "nik.long", []),
        ("2074055207890004", "nik.region", [0, 1]),
        ("3100055207890004", "nik.region", [2, 3]),
        ("3174005207890004", "nik.region", [4, 5]),
        ("3174057207890004", "nik.no_date", [6, 7, 8, 9, 10, 11]),
        ("3174053002890004", "nik.no_date", [6, 7, 8, 9, 10, 11]),
        ("3174052902010004", "nik.no_date", [6, 7, 8, 9, 10, 11]),
        ("3174051213890004", "nik.no_date", [6, 7, 8, 9, 10, 11]),
        ("3174055207890000", "nik.serial", [12, 13, 14, 15]),
        ("31740552078900O4", "digits.only", [14]),
        ("31740552078900٠4", "digits.only", [14]),
    ],
)
def test_what_is_wrong_is_said_and_marked(digits: str, code: str, marked: list[int]) -> None:
    with pytest.raises(BadNik) as caught:
        parse(digits, TODAY)
    assert (caught.value.problem.code, caught.value.problem.marked) == (code, marked)


@pytest.mark.parametrize(
    ("year", "born"),
    [("89", 1989), ("30", 1930), ("09", 2009), ("10", 2010), ("27", 1927), ("00", 2000)],
)
def test_the_century_is_the_likelier_one(year: str, born: int) -> None:
    assert parse(f"3174051207{year}0004", TODAY).born == date(born, 7, 12)


def test_a_leap_day_may_settle_the_century() -> None:
    assert parse("3174052902000004", TODAY).born == date(2000, 2, 29)


def test_every_province_has_a_name_of_its_own() -> None:
    assert len(PROVINCES) == 38
    assert len(set(PROVINCES.values())) == 38
