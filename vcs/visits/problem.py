"""What is wrong with an answer: a code for which the pages have texts, and where it is wrong."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

ProblemCode = Literal[
    "text.empty",
    "text.long",
    "text.hidden",  # control, invisible and direction-changing characters
    "text.characters",  # letters of other scripts, pictures
    "name.characters",
    "digits.only",
    "nik.short",
    "nik.long",
    "nik.region",
    "nik.no_date",  # its date digits are no date
    "nik.serial",
    "nik.birth_date",  # its date is not the given one
    "nik.sex",
    "date.form",
    "date.none",  # 31 February
    "date.old",
    "date.future",  # must be before today
    "date.past",  # must be after today
    "date.not_before",  # than `other`
    "date.not_after",
    "phone.prefix",
    "phone.length",
    "membership.length",
    "bank_account.length",
    "email.form",
    "choice.unknown",
]
CODES: Final[tuple[ProblemCode, ...]] = get_args(ProblemCode)


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an answer is not taken.

    `code`: the pages have a text `problem.<code>`. `marked`: positions that are wrong, counted in
    the digits alone where the field is made of digits, else in what was typed. `other`: the field
    that it does not go with. `limit`: how many characters there may be.
    """

    code: ProblemCode
    marked: list[int] = []
    other: str | None = None
    limit: int | None = None
