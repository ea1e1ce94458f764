"""Made-up people with identity numbers that agree with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from vcs.visits import nik

TODAY = date(2026, 11, 21)


@dataclass(frozen=True)
class Person:
    born: date
    sex: nik.Sex
    digits: str


@st.composite
def people(draw: st.DrawFn) -> Person:
    born = draw(st.dates(date(1930, 1, 1), date(2026, 11, 20)))
    sex: nik.Sex = draw(st.sampled_from(("male", "female")))
    region = draw(st.sampled_from(sorted(nik.PROVINCES)))
    places = f"{draw(st.integers(1, 99)):02}{draw(st.integers(1, 99)):02}"
    serial = f"{draw(st.integers(1, 9999)):04}"
    return Person(born, sex, region + places + nik.date_digits(born, sex) + serial)
