"""The fields of a form: from what a visitor typed to the value that is kept, or what is wrong.

`check` looks at one field when it is submitted; `disagreements` at all of them together, because an
answer may be changed after another one was found to go with it. Checking a kept value gives the
same value again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from vcs.visits import nik, typed_text
from vcs.visits.flow import Field, FieldType, Flow
from vcs.visits.problem import Problem

MEMBERSHIP_LENGTH: Final = 11
BANK_ACCOUNT_LENGTHS: Final = range(8, 19)
PHONE_LENGTHS: Final = range(10, 14)
"""With the leading 0, as it is kept: 0812..."""
FIRST_YEAR: Final = 1900
NUMBERS: Final = frozenset[FieldType]({"nik", "phone", "membership", "bank_account"})
"""Types whose value is digits."""

Answers = Mapping[str, str]

_EMAIL: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE,
)
_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TYPED_DATE: Final = re.compile(
    r"([0-9]{1,2})[ ./-]+([0-9]{1,2})[ ./-]+([0-9]{4})|([0-9]{2})([0-9]{2})([0-9]{4})"
)


def check(field: Field, value: str, answers: Answers, today: date) -> Problem | str:
    """The value to keep of what was typed, or why there is none.

    `answers` are the kept values of the other fields; one that is not there yet is not compared
    with. `today` is the date at the branch. An optional field may be emptied.
    """
    if not value.strip():
        return Problem("text.empty") if field.required else ""
    return _CHECKS[field.type](field, value, answers, today)


def disagreements(flow: Flow, answers: Answers, today: date) -> dict[str, Problem]:
    """By field, what is wrong with the answers as they now stand together. A field without an
    answer is not listed."""
    found: dict[str, Problem] = {}
    for _, field in flow.fields():
        value = answers.get(field.name)
        if value:
            outcome = check(field, value, answers, today)
            if isinstance(outcome, Problem):
                found[field.name] = outcome
    return found


def masked(field: Field, value: str) -> str:
    """For slips and screens that others may see: the last four digits of a number, the name of a
    choice, and nothing of anything else."""
    if field.type == "choice" or not value:
        return value
    if field.type in NUMBERS and len(value) >= 8:
        return f"•••• {value[-4:]}"
    return "••••"


def _text(field: Field, value: str, _answers: Answers, _today: date) -> Problem | str:
    return typed_text.clean(value, field.max_length, lines=field.type == "address")


def _name(field: Field, value: str, _answers: Answers, _today: date) -> Problem | str:
    name = typed_text.clean(value, field.max_length, name=True)
    return name if isinstance(name, Problem) else typed_text.name_case(name)


def _nik(field: Field, value: str, answers: Answers, today: date) -> Problem | str:
    digits = typed_text.digits(value)
    if isinstance(digits, Problem):
        return digits
    try:
        says = nik.parse(digits, today)
    except nik.BadNik as error:
        return error.problem
    born: date | None = None
    sex: nik.Sex | None = None
    for name in field.agrees_with:
        match answers.get(name, ""):
            case "male" | "female" as given:
                sex = given
            case given:
                born = _kept_date(given)
    return says.disagreement(born, sex) or digits


def _date(field: Field, value: str, answers: Answers, today: date) -> Problem | str:
    given = _typed_date(value)
    if isinstance(given, Problem):
        return given
    for name, early in ((field.before, True), (field.after, False)):
        if name is None:
            continue
        other = today if name == "today" else _kept_date(answers.get(name, ""))
        if other is None or (given < other if early else given > other):
            continue
        if name == "today":
            return Problem("date.future" if early else "date.past")
        return Problem("date.not_before" if early else "date.not_after", other=name)
    return given.isoformat()


def _typed_date(value: str) -> Problem | date:
    text = typed_text.clean(value, 40)
    if isinstance(text, Problem):
        return text
    if iso := _ISO_DATE.fullmatch(text):
        year, month, day = map(int, iso.groups())
    elif typed := _TYPED_DATE.fullmatch(text):
        day, month, year = (int(part) for part in typed.groups() if part is not None)
    else:
        return Problem("date.form")
    try:
        given = date(year, month, day)
    except ValueError:
        return Problem("date.none")
    return given if given.year >= FIRST_YEAR else Problem("date.old")


def _kept_date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _phone(_field: Field, value: str, _answers: Answers, _today: date) -> Problem | str:
    digits = typed_text.digits(value.strip().removeprefix("+"), " -.()/")
    if isinstance(digits, Problem):
        return digits
    local = re.sub(r"\A(?:0062|62)?0?", "0", digits)
    if not re.match(r"08[1-9]", local):
        return Problem("phone.prefix", marked=list(range(min(3, len(digits)))))
    return local if len(local) in PHONE_LENGTHS else Problem("phone.length")


def _membership(_field: Field, value: str, _answers: Answers, _today: date) -> Problem | str:
    digits = typed_text.digits(value)
    if isinstance(digits, Problem):
        return digits
    return digits if len(digits) == MEMBERSHIP_LENGTH else Problem("membership.length")


def _bank_account(_field: Field, value: str, _answers: Answers, _today: date) -> Problem | str:
    digits = typed_text.digits(value)
    if isinstance(digits, Problem):
        return digits
    return digits if len(digits) in BANK_ACCOUNT_LENGTHS else Problem("bank_account.length")


def _email(field: Field, value: str, _answers: Answers, _today: date) -> Problem | str:
    text = typed_text.clean(value, field.max_length)
    if isinstance(text, Problem):
        return text
    name, _, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}" if _EMAIL.fullmatch(text) else Problem("email.form")


def _choice(field: Field, value: str, _answers: Answers, _today: date) -> Problem | str:
    known = any(choice.name == value for choice in field.choices)
    return value if known else Problem("choice.unknown")


_CHECKS: Final[Mapping[FieldType, Callable[[Field, str, Answers, date], Problem | str]]] = {
    "text": _text,
    "address": _text,
    "name": _name,
    "nik": _nik,
    "date": _date,
    "phone": _phone,
    "membership": _membership,
    "bank_account": _bank_account,
    "email": _email,
    "choice": _choice,
}
