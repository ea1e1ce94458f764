"""Made-up visitors: what each would enter in a field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Final

from vcs.visits import nik
from vcs.visits.flow import Field

# Some names are much more common than others: a search for them finds much.
FIRST: Final = (
    ["Siti"] * 8
    + ["Muhammad"] * 8
    + ["Sri"] * 4
    + ["Dewi", "Nur", "Agus", "Eko", "Budi", "Ahmad", "Dwi", "Rini"] * 2
    + [
        "Andi",
        "Bayu",
        "Citra",
        "Dian",
        "Endang",
        "Fajar",
        "Galih",
        "Hendra",
        "Indah",
        "Joko",
        "Kartika",
        "Lestari",
        "Maya",
        "Nanda",
        "Oktavia",
        "Putri",
        "Rahmat",
        "Slamet",
        "Tri",
        "Umi",
        "Vina",
        "Wahyu",
        "Yanti",
        "Zainal",
    ]
)
MIDDLE: Final = (
    "Aminah",
    "Ayu",
    "Bagus",
    "Cahya",
    "Dharma",
    "Fitri",
    "Gunawan",
    "Hasan",
    "Ilham",
    "Jaya",
    "Kurnia",
    "Laksmi",
    "Mulya",
    "Nuraini",
    "Permata",
    "Ratna",
    "Sari",
    "Taufik",
    "Utami",
    "Wulan",
)
LAST: Final = (
    "Rahmawati",
    "Santoso",
    "Wibowo",
    "Hidayat",
    "Nugroho",
    "Setiawan",
    "Siregar",
    "Nasution",
    "Simanjuntak",
    "Halim",
    "Kusuma",
    "Pratama",
    "Saputra",
    "Wijaya",
    "Susanto",
    "Hartono",
    "Maharani",
    "Anggraini",
    "Lubis",
    "Firmansyah",
    "Sinaga",
    "Gunadi",
    "Purnomo",
    "Suryadi",
    "Handayani",
    "Puspita",
    "Ramadhan",
    "Iskandar",
    "Yulianti",
    "Zulkarnain",
)
STREETS: Final = (
    "Melati",
    "Kenanga",
    "Anggrek",
    "Merdeka",
    "Sudirman",
    "Diponegoro",
    "Cempaka",
)


def name(rng: Random) -> str:
    """Of two or three words."""
    words = [rng.choice(FIRST), rng.choice(LAST)]
    if rng.random() < 0.6:
        words.insert(1, rng.choice(MIDDLE))
    return " ".join(words)


def value(field: Field, answers: Mapping[str, str], today: date, rng: Random) -> str:
    """As the field's type keeps it, in agreement with the answers before it."""
    match field.type:
        case "name":
            return name(rng)
        case "nik":
            return _nik(field, answers, rng)
        case "date":
            return _date(field, today, rng).isoformat()
        case "choice":
            return rng.choice(field.choices).name
        case "phone":
            return f"0812{rng.randrange(10**8):08}"
        case "membership":
            return f"{rng.randrange(10**10, 10**11)}"
        case "bank_account":
            return f"{rng.randrange(10**9, 10**10)}"
        case "email":
            return f"{name(rng).casefold().replace(' ', '.')}@example.co.id"
        case "address":
            return f"Jalan {rng.choice(STREETS)} {rng.randrange(1, 200)}\nJakarta"
        case "text":
            return f"PT {rng.choice(MIDDLE)} {rng.choice(LAST)}"


def _date(field: Field, today: date, rng: Random) -> date:
    if "birth" in field.name:
        return date(1955, 1, 1) + timedelta(days=rng.randrange(45 * 365))
    return today - timedelta(days=rng.randrange(40, 400))


def _nik(field: Field, answers: Mapping[str, str], rng: Random) -> str:
    born, sex = date(1980, 1, 1), "male"
    for other in field.agrees_with:
        said = answers.get(other, "")
        if said in ("male", "female"):
            sex = said
        elif said:
            born = date.fromisoformat(said)
    middle = nik.date_digits(born, "female" if sex == "female" else "male")
    region = f"{rng.choice(list(nik.PROVINCES))}{rng.randrange(1, 99):02}{rng.randrange(1, 99):02}"
    return f"{region}{middle}{rng.randrange(1, 10_000):04}"
