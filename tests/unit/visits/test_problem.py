"""Whatever can be wrong with an answer has words, for the visitor and for the officer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from vcs.http.pages import web_dir
from vcs.visits import fields, nik, typed_text, visit
from vcs.visits.problem import CODES, Problem

LANGUAGES = ("id", "en")
VALUES = {"limit", "other", "count"}
PAGES_OWN = {"booth": ("digits.missing", "incomplete", "timeout", "other"), "console": ("other",)}
"""What is wrong with no value: a step that is not done, no answer, what a page has no words for."""


def texts(page: str, language: str) -> dict[str, str]:
    found = json.loads((web_dir() / "locale" / f"{page}.{language}.json").read_text("utf-8"))
    return {key: text for key, text in found.items() if key.startswith("problem.")}


def wanted(page: str) -> set[str]:
    """The booth says what to do as well."""
    ends = ("", ".do") if page == "booth" else ("",)
    return {f"problem.{code}{end}" for code in (*CODES, *PAGES_OWN[page]) for end in ends}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["booth", "console"])
def test_every_problem_has_a_text_and_no_text_is_left_over(page: str, language: str) -> None:
    found = texts(page, language)
    assert set(found) == wanted(page)
    assert all(text.strip() for text in found.values())


@pytest.mark.parametrize("page", ["booth", "console"])
def test_both_languages_speak_of_the_same_values(page: str) -> None:
    first, second = (texts(page, language) for language in LANGUAGES)
    for key in first:
        assert (values := set(re.findall(r"{(\w+)}", first[key]))) <= VALUES, key
        assert values == set(re.findall(r"{(\w+)}", second[key])), key


def test_a_text_speaks_only_of_what_its_problem_has() -> None:
    has = {
        "text.long": {"limit"},
        "date.not_before": {"other"},
        "date.not_after": {"other"},
        "digits.missing": {"count"},
    }
    for page in ("booth", "console"):
        for key, text in texts(page, "id").items():
            code = key.removeprefix("problem.").removesuffix(".do")
            assert set(re.findall(r"{(\w+)}", text)) <= has.get(code, set()), key


def test_what_is_a_pages_own_is_said_by_it_or_told_to_it() -> None:
    static = web_dir() / "static"
    for page, codes in PAGES_OWN.items():
        files = [*(static / page).glob("*.js"), static / "signal.js"]
        scripts = "".join(each.read_text("utf-8") for each in files)
        scripts += Path(visit.__file__ or "").read_text("utf-8").replace('"', "'")
        for code in codes:
            assert f"'{code}'" in scripts or f"'problem.{code}" in scripts, (page, code)


def test_no_code_is_left_that_nothing_gives() -> None:
    source = "".join(
        Path(module.__file__ or "").read_text("utf-8") for module in (fields, nik, typed_text)
    )
    assert [code for code in CODES if f'"{code}"' not in source] == []
    assert Problem("text.empty") == Problem("text.empty", [], None, None)
