"""NIK, the identity number on an Indonesian card: what its 16 digits say.

Two digits each for province, regency and district of the first registration, then day, month and
year of birth (a woman's day is 40 more), then a serial number of four digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from vcs.visits.problem import Problem

Sex = Literal["male", "female"]

LENGTH: Final = 16
DATE_DIGITS: Final = range(6, 12)
DAY_DIGITS: Final = range(6, 8)
SERIAL_DIGITS: Final = range(12, 16)
WOMANS_DAY: Final = 40
CARD_AGE: Final = 17
OLDEST: Final = 100

PROVINCES: Final = {
    "11": "Aceh",
    "12": "Sumatera Utara",
    "13": "Sumatera Barat",
    "14": "Riau",
    "15": "Jambi",
    "16": "Sumatera Selatan",
    "17": "Bengkulu",
    "18": "Lampung",
    "19": "Kepulauan Bangka Belitung",
    "21": "Kepulauan Riau",
    "31": "DKI Jakarta",
    "32": "Jawa Barat",
    "33": "Jawa Tengah",
    "34": "DI Yogyakarta",
    "35": "Jawa Timur",
    "36": "Banten",
    "51": "Bali",
    "52": "Nusa Tenggara Barat",
    "53": "Nusa Tenggara Timur",
    "61": "Kalimantan Barat",
    "62": "Kalimantan Tengah",
    "63": "Kalimantan Selatan",
    "64": "Kalimantan Timur",
    "65": "Kalimantan Utara",
    "71": "Sulawesi Utara",
    "72": "Sulawesi Tengah",
    "73": "Sulawesi Selatan",
    "74": "Sulawesi Tenggara",
    "75": "Gorontalo",
    "76": "Sulawesi Barat",
    "81": "Maluku",
    "82": "Maluku Utara",
    "91": "Papua",
    "92": "Papua Barat",
    "93": "Papua Selatan",
    "94": "Papua Tengah",
    "95": "Papua Pegunungan",
    "96": "Papua Barat Daya",
}
"""By the Ministry of Home Affairs' codes of 2022, with the new provinces of Papua."""


class BadNik(ValueError):
    """These digits are no NIK; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Nik:
    """What a NIK says. `born` has the likelier century: only two digits of the year are there."""

    digits: str
    province: str
    born: date
    sex: Sex

    def disagreement(self, born: date | None, sex: Sex | None) -> Problem | None:
        """What does not go with its owner's birth date and sex, as far as they are known."""
        if born is not None and born.strftime("%d%m%y") != self.born.strftime("%d%m%y"):
            return Problem("nik.birth_date", marked=list(DATE_DIGITS))
        if sex is not None and sex != self.sex:
            return Problem("nik.sex", marked=list(DAY_DIGITS))
        return None


def parse(digits: str, today: date) -> Nik:
    """Read a NIK of digits alone. Raises `BadNik`."""
    if not (digits.isascii() and digits.isdigit()):
        wrong = [n for n, each in enumerate(digits) if not (each.isascii() and each.isdigit())]
        raise BadNik(Problem("digits.only", marked=wrong))
    if len(digits) != LENGTH:
        raise BadNik(Problem("nik.short" if len(digits) < LENGTH else "nik.long"))
    province = PROVINCES.get(digits[:2])
    if province is None:
        raise BadNik(Problem("nik.region", marked=[0, 1]))
    for at in (2, 4):
        if digits[at : at + 2] == "00":
            raise BadNik(Problem("nik.region", marked=[at, at + 1]))
    day, month, year = (int(digits[at : at + 2]) for at in (6, 8, 10))
    sex: Sex = "female" if day > WOMANS_DAY else "male"
    born = _likeliest(day - WOMANS_DAY if sex == "female" else day, month, year, today)
    if born is None:
        raise BadNik(Problem("nik.no_date", marked=list(DATE_DIGITS)))
    if digits[12:] == "0000":
        raise BadNik(Problem("nik.serial", marked=list(SERIAL_DIGITS)))
    return Nik(digits, province, born, sex)


def date_digits(born: date, sex: Sex) -> str:
    """The six digits that a NIK has for this person."""
    return f"{born.day + (WOMANS_DAY if sex == 'female' else 0):02}{born:%m%y}"


def _likeliest(day: int, month: int, year: int, today: date) -> date | None:
    """The date in the century that fits whoever comes to a counter with a card of his own; another
    one where that cannot be. None where no century has such a day."""
    possible: list[date] = []
    for century in range(today.year // 100 * 100, today.year // 100 * 100 - 101, -100):
        try:
            born = date(century + year, month, day)
        except ValueError:
            continue
        if born <= today:
            possible.append(born)
    for born in possible:
        if CARD_AGE <= today.year - born.year <= OLDEST:
            return born
    return possible[0] if possible else None
