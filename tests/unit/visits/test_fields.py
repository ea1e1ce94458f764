from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.visits.people import TODAY, Person, people
from vcs.visits.fields import check, disagreements, masked
from vcs.visits.flow import Choice, Field, FieldType, Flow, Step, Words
from vcs.visits.nik import date_digits
from vcs.visits.problem import Problem

WORDS = Words("Isian", "Field")
SEXES = [Choice("male", WORDS), Choice("female", WORDS)]
TYPES: tuple[FieldType, ...] = (
    *("text", "name", "nik", "date", "phone", "membership", "bank_account", "email", "address"),
)


def field(type: FieldType, **more: object) -> Field:
    return Field(name="it", type=type, label=WORDS, **more)  # type: ignore[arg-type]


def outcome(type: FieldType, value: str, **more: object) -> str:
    """The value to keep, or the problem's code."""
    found = check(field(type, **more), value, {}, TODAY)
    return found.code if isinstance(found, Problem) else found


FLOW = Flow(
    name="claim",
    version=1,
    title=WORDS,
    result=WORDS,
    steps=[
        Step(
            name="identity",
            title=WORDS,
            fields=[
                Field("born", "date", WORDS, before="today"),
                Field("sex", "choice", WORDS, choices=SEXES),
                Field("nik", "nik", WORDS, agrees_with=["born", "sex"]),
                Field("died", "date", WORDS, before="today", after="born"),
            ],
        )
    ],
    rejections=[],
    missing=[],
)


@pytest.mark.parametrize(
    ("type", "typed", "kept"),
    [
        ("text", "  PT  Sinar\u00a0Nusantara ", "PT Sinar Nusantara"),
        ("name", "SITI RAHMAWATI", "Siti Rahmawati"),
        ("name", "siti nur’aini", "Siti Nur'aini"),
        ("name", "h. abdul-aziz, s.e.", "H. Abdul-Aziz, S.E."),
        ("name", "McDonald Simanjuntak", "McDonald Simanjuntak"),
        ("name", "Ande\u0301", "Andé"),
        ("nik", "3174 0552-0789.0004", "3174055207890004"),
        ("nik", "3174055207890004", "3174055207890004"),
        ("date", "12-07-1989", "1989-07-12"),
        ("date", "12/7/1989", "1989-07-12"),
        ("date", "12071989", "1989-07-12"),
        ("date", "1989-07-12", "1989-07-12"),
        ("phone", "+62 812-8841-2230", "081288412230"),
        ("phone", "62 812 8841 2230", "081288412230"),
        ("phone", "0812.8841.2230", "081288412230"),
        ("phone", "(+62) 0812 8841 2230", "digits.only"),
        ("phone", "+62 0812 8841 2230", "081288412230"),
        ("phone", "812 8841 2230", "081288412230"),
        ("membership", "1103 2214 875", "11032214875"),
        ("bank_account", "1270-0091-83", "1270009183"),
        ("email", " Siti.R+jht@Example.CO.ID ", "Siti.R+jht@example.co.id"),
        ("address", " Jl. Salemba 27 \r\n\r\n  Jakarta  Pusat", "Jl. Salemba 27\nJakarta Pusat"),
    ],
)
def test_what_is_typed_is_put_in_order(type: FieldType, typed: str, kept: str) -> None:
    assert outcome(type, typed) == kept


@pytest.mark.parametrize(
    ("type", "typed", "code"),
    [
        ("text", " ", "text.empty"),
        ("text", "x" * 101, "text.long"),
        ("text", "x" * 5_000_000, "text.long"),
        ("text", "PT \u202enatapmud", "text.hidden"),
        ("text", "PT\u200bSinar", "text.hidden"),
        ("text", "PT\x1b[31m", "text.hidden"),
        ("text", "dua\nbaris", "text.hidden"),
        ("text", "\ud800", "text.hidden"),
        ("text", "PT \u0421\u0438\u043d\u0430\u0440", "text.characters"),
        ("text", "PT Sinar 😀", "text.characters"),
        ("text", "z\u0335\u0336\u0337", "text.characters"),
        ("address", "Jl. Salemba\x00", "text.hidden"),
        ("name", "S1ti", "name.characters"),
        ("name", "...", "name.characters"),
        ("name", "Siti <b>", "name.characters"),
        ("name", "S\u0456ti", "text.characters"),
        ("nik", "31740552", "nik.short"),
        ("nik", "3174O55207890004", "digits.only"),
        ("date", "kemarin", "date.form"),
        ("date", "12-07-89", "date.form"),
        ("date", "31-02-1989", "date.none"),
        ("date", "12-07-1889", "date.old"),
        ("date", "12-07-0000", "date.none"),
        ("phone", "021 5551234", "phone.prefix"),
        ("phone", "0812 345", "phone.length"),
        ("phone", "0812 3456 7890 12", "phone.length"),
        ("phone", "+1 812 8841 2230", "phone.prefix"),
        ("phone", "0", "phone.prefix"),
        ("membership", "1103221487", "membership.length"),
        ("bank_account", "1234567", "bank_account.length"),
        ("bank_account", "1" * 19, "bank_account.length"),
        ("email", "siti@", "email.form"),
        ("email", "siti@bank", "email.form"),
        ("email", "siti rahma@example.com", "email.form"),
        ("choice", "else", "choice.unknown"),
    ],
)
def test_what_cannot_be_kept_is_refused(type: FieldType, typed: str, code: str) -> None:
    assert outcome(type, typed) == code


def test_the_wrong_places_are_marked() -> None:
    assert check(field("name"), "S1ti 2", {}, TODAY) == Problem("name.characters", [1, 5])
    assert check(field("text"), "a\u200bb", {}, TODAY) == Problem("text.hidden", [1])
    assert check(field("nik"), "3174 O5", {}, TODAY) == Problem("digits.only", [4])


def test_an_optional_field_may_be_left_and_emptied() -> None:
    assert outcome("email", " ", required=False) == ""
    assert outcome("text", "x" * 11, max_length=10) == "text.long"


@given(
    st.sampled_from(TYPES),
    st.one_of(st.text(max_size=60), st.text("aA1 .,-'’\u00a0éÉİßſŉ\u0301\n\rﬁＡ", max_size=12)),
)
def test_a_kept_value_is_kept_as_it_is(type: FieldType, typed: str) -> None:
    kept = check(field(type), typed, {}, TODAY)
    if not isinstance(kept, Problem):
        assert check(field(type), kept, {}, TODAY) == kept


@given(st.sampled_from(TYPES), st.text(max_size=60))
def test_nothing_unseen_is_ever_kept(type: FieldType, typed: str) -> None:
    kept = check(field(type, max_length=20), typed, {}, TODAY)
    if isinstance(kept, str):
        assert len(kept) <= 20
        assert all(each.isprintable() or each == "\n" for each in kept)
        assert kept == kept.strip()


@given(people(), st.sampled_from(("", " ", "-", ". ")))
def test_anybodys_nik_goes_with_his_birth_date_and_sex(person: Person, between: str) -> None:
    answers = {"born": person.born.isoformat(), "sex": person.sex}
    nik = FLOW.field("nik")
    assert nik is not None
    typed = between.join(person.digits[at : at + 4] for at in range(0, 16, 4))
    assert check(nik, typed, answers, TODAY) == person.digits
    assert disagreements(FLOW, answers | {"nik": person.digits}, TODAY) == {}


@given(people(), st.dates(date(1930, 1, 1), date(2026, 11, 20)))
def test_a_birth_date_that_was_changed_later_is_found(person: Person, born: date) -> None:
    answers = {"born": born.isoformat(), "sex": person.sex, "nik": person.digits}
    found = disagreements(FLOW, answers, TODAY)
    if date_digits(born, person.sex) == date_digits(person.born, person.sex):
        assert found == {}
    else:
        assert found == {"nik": Problem("nik.birth_date", [6, 7, 8, 9, 10, 11])}


@given(people())
def test_a_sex_that_was_changed_later_is_found(person: Person) -> None:
    other = "male" if person.sex == "female" else "female"
    answers = {"born": person.born.isoformat(), "sex": other, "nik": person.digits}
    assert disagreements(FLOW, answers, TODAY) == {"nik": Problem("nik.sex", [6, 7])}


def test_a_nik_without_the_others_is_taken() -> None:
    assert disagreements(FLOW, {"nik": "3174055207890004"}, TODAY) == {}


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), TODAY))
def test_a_death_lies_between_birth_and_today(died: date, born: date) -> None:
    field = FLOW.field("died")
    assert field is not None
    found = check(field, died.isoformat(), {"born": born.isoformat()}, TODAY)
    if died >= TODAY:
        assert found == Problem("date.future")
    elif died <= born:
        assert found == Problem("date.not_after", other="born")
    else:
        assert found == died.isoformat()


def test_dates_after_today_and_before_another() -> None:
    tomorrow = (TODAY + timedelta(1)).isoformat()
    assert outcome("date", tomorrow, after="today") == tomorrow
    assert outcome("date", TODAY.isoformat(), after="today") == "date.past"
    late = check(field("date", before="end"), tomorrow, {"end": TODAY.isoformat()}, TODAY)
    assert late == Problem("date.not_before", other="end")


@pytest.mark.parametrize(
    ("type", "value", "shown"),
    [
        ("bank_account", "1270009183", "•••• 9183"),
        ("nik", "3174055207890004", "•••• 0004"),
        ("name", "Siti Rahmawati", "••••"),
        ("date", "1989-07-12", "••••"),
        ("choice", "mandiri", "mandiri"),
        ("email", "", ""),
    ],
)
def test_a_slip_shows_the_last_four_digits(type: FieldType, value: str, shown: str) -> None:
    assert masked(field(type), value) == shown
