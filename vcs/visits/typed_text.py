"""From what somebody typed, or sent, to text that is safe to keep and to show.

Only what stands on Indonesian cards and papers is taken: Latin letters, digits, ASCII marks. What
cannot be seen, turns the direction of writing, or looks like another letter is refused and not
dropped: it was not typed on our keyboard, so its sender should hear of it.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from vcs.visits.problem import Problem, ProblemCode

LONGEST: Final = 2_000
"""Of what is looked at at all."""

_PLAIN: Final = str.maketrans("‘’ʼ`´“”‐‑‒–—", "'''''\"\"-----")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAME_MARKS: Final = frozenset(" .,'-/")


def clean(text: str, limit: int, *, lines: bool = False, name: bool = False) -> str | Problem:
    """Spaces put in order, signs made plain; `lines`: there may be several, `name`: of a person."""
    if len(text) > LONGEST:
        return Problem("text.long", limit=limit)
    text = unicodedata.normalize("NFC", text)
    found = _foreign(text, lines)
    if found is not None:
        return found
    plain = unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_PLAIN)
    rows = (" ".join(row.split()) for row in plain.splitlines())
    kept = "\n".join(row for row in rows if row)
    if name:
        wrong = [n for n, each in enumerate(text) if not _in_name(each)]
        if wrong or (kept and not any(each.isalpha() for each in kept)):
            return Problem("name.characters", marked=wrong)
    if len(kept) > limit:
        return Problem("text.long", limit=limit)
    return kept


def digits(text: str, separators: str = " -.") -> str | Problem:
    """The digits alone; anything beside digits and separators is a problem."""
    if len(text) > LONGEST:
        return Problem("digits.only")
    plain = unicodedata.normalize("NFKC", text.translate(_PLAIN)).strip()
    kept = "".join(each for each in plain if each not in separators)
    wrong = [n for n, each in enumerate(kept) if not (each.isascii() and each.isdigit())]
    return Problem("digits.only", marked=wrong) if wrong else kept


def name_case(name: str) -> str:
    """A name in capitals alone, as cards have it, or in small letters alone, as a person writes it;
    one with both is left as it is."""
    if name != name.upper() and name != name.lower():
        return name
    small = name.lower()
    return "".join(
        each.upper() if n == 0 or small[n - 1] in " .-/" else each for n, each in enumerate(small)
    )


def _foreign(text: str, lines: bool) -> Problem | None:
    unseen: list[int] = []
    other: list[int] = []
    for n, each in enumerate(text):
        if lines and each in "\r\n":
            continue
        if unicodedata.category(each) in _UNSEEN:
            unseen.append(n)
        elif not all(map(_known, unicodedata.normalize("NFKC", each.translate(_PLAIN)))):
            other.append(n)
    code: ProblemCode = "text.hidden" if unseen else "text.characters"
    return Problem(code, marked=unseen or other) if unseen or other else None


def _known(each: str) -> bool:
    """Printable ASCII; Latin letters with the accents of names, as many in capitals as in small."""
    if "\x20" <= each <= "\x7e":
        return True
    latin = "\u00c0" <= each <= "\u017f" or "\u1e00" <= each <= "\u1eff"
    return latin and each.isalpha() and len(each.upper()) == len(each.lower()) == 1


def _in_name(each: str) -> bool:
    plain = unicodedata.normalize("NFKC", each.translate(_PLAIN))
    return all(one.isalpha() or one in _NAME_MARKS for one in plain)
