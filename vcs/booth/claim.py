"""What a visitor who does not exist brings to a visit: answers for the forms, papers to photograph.

Six people, as many as a desk has booths; whoever sits in booth 2 is always the same man. Numbers
and names are made up, and the papers say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vcs.booth.card import Holder, draw_card, draw_letter
from vcs.booth.face import draw_face
from vcs.booth.photograph import Shot, jpeg, photograph
from vcs.visits.flow import Capture

CARD: Final = Shot()
LETTER: Final = Shot((1654, 2338), 0.85)
BLURRED: Final = Shot(blur=4.0)
GLARING: Final = Shot(glare=0.5)


@dataclass(frozen=True, slots=True)
class Claim:
    """`service`: the flow's name. `answers`: by field. `spoiled`: pictures that do not succeed at
    the first try, and how."""

    service: str
    holder: Holder
    answers: Mapping[str, str]
    spoiled: Mapping[str, Shot] = field(default_factory=dict)


def claim_of(number: int) -> Claim:
    """Of the visitor in the booth with this number; from the seventh on they begin again."""
    return _CLAIMS[(number - 1) % len(_CLAIMS)]


def picture(claim: Claim, wanted: Capture, tries: int) -> bytes:
    """A JPEG of what this capture asks for, after so many tries. A quarter of a second or more of
    work: give it a thread of its own."""
    spoiled = claim.spoiled.get(wanted.name) if tries == 0 else None
    if wanted.subject == "face":
        return jpeg(draw_face(claim.holder.number))
    if wanted.subject == "card":
        return jpeg(photograph(draw_card(claim.holder, 1400), spoiled or CARD))
    return jpeg(photograph(draw_letter(claim.holder), spoiled or LETTER))


def _savings(
    holder: Holder, about: Mapping[str, str], spoiled: Mapping[str, Shot] | None = None
) -> Claim:
    return Claim("jht", holder, _of(holder) | dict(about), spoiled or {})


def _benefit(
    holder: Holder, about: Mapping[str, str], spoiled: Mapping[str, Shot] | None = None
) -> Claim:
    return Claim("death_benefit", holder, _of(holder) | dict(about), spoiled or {})


def _of(holder: Holder) -> dict[str, str]:
    """What both services ask, and what stands on the card."""
    day, month, year = holder.born_on.split("-")
    name = holder.name.title()
    return {
        "name": name,
        "birth_date": f"{year}-{month}-{day}",
        "sex": "female" if holder.sex == "PEREMPUAN" else "male",
        "nik": holder.nik,
        "account_holder": name,
    }


_CLAIMS: Final = (
    _savings(
        Holder(1, "SITI RAHMAWATI", "3174055207890004", "JAKARTA", "12-07-1989"),
        {
            "mother_name": "Aminah",
            "membership": "11032214875",
            "phone": "081288412230",
            "employer": "PT Sinar Nusantara",
            "last_day": "2025-08-31",
            "leaving_reason": "resigned",
            "bank": "mandiri",
            "account_number": "1270009183441",
        },
    ),
    _savings(
        Holder(2, "JOKO SUSILO", "3275010503780002", "BEKASI", "05-03-1978", "LAKI-LAKI"),
        {
            "mother_name": "Sumarni",
            "membership": "09015527731",
            "phone": "081310027745",
            "employer": "CV Karya Logam",
            "last_day": "2025-09-30",
            "leaving_reason": "laid_off",
            "bank": "bri",
            "account_number": "338501002214507",
        },
        {"id_card": BLURRED},
    ),
    _savings(
        Holder(3, "DEWI ANGGRAINI", "3273046311920003", "BANDUNG", "23-11-1992"),
        {
            "mother_name": "Euis Komariah",
            "membership": "16044190028",
            "phone": "082116604412",
            "employer": "PT Tekstil Priangan",
            "last_day": "2025-07-15",
            "leaving_reason": "contract_ended",
            "bank": "bca",
            "account_number": "4370882915",
        },
    ),
    _benefit(
        Holder(4, "AGUS SETIAWAN", "3578033001850001", "SURABAYA", "30-01-1985", "LAKI-LAKI"),
        {
            "relationship": "child",
            "phone": "085733190026",
            "deceased_name": "Slamet Setiawan",
            "deceased_birth_date": "1958-08-21",
            "deceased_sex": "male",
            "deceased_nik": "3578032108580002",
            "date_of_death": "2025-08-15",
            "membership": "87100456612",
            "employer": "PT Galangan Tanjung",
            "bank": "bni",
            "account_number": "0812774390",
        },
        {"death_certificate": Shot((1654, 2338), 0.85, glare=0.5)},
    ),
    _benefit(
        Holder(5, "MARIA LESTARI", "3374024905740005", "SEMARANG", "09-05-1974"),
        {
            "relationship": "spouse",
            "phone": "081326550198",
            "deceased_name": "Hendra Wijaya",
            "deceased_birth_date": "1971-02-14",
            "deceased_sex": "male",
            "deceased_nik": "3374021402710003",
            "date_of_death": "2025-09-02",
            "membership": "97022318840",
            "employer": "PT Angkutan Muria",
            "bank": "mandiri",
            "account_number": "1350017724086",
        },
    ),
    _savings(
        Holder(6, "BAMBANG HARTONO", "3471081709660001", "YOGYAKARTA", "17-09-1966", "LAKI-LAKI"),
        {
            "mother_name": "Sri Wahyuni",
            "membership": "88064407519",
            "phone": "081227730061",
            "email": "bambang.hartono@example.org",
            "employer": "PT Percetakan Mataram",
            "last_day": "2025-09-17",
            "leaving_reason": "retired",
            "bank": "bsi",
            "account_number": "7120446038",
        },
        {"id_card": GLARING},
    ),
)
