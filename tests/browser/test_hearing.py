"""The judge of who hears whom, on spectra made up for it; no browser."""

from __future__ import annotations

from tests.browser.hearing import FREQUENCIES, OFFICER, TONES, judge


def _sound(*tones: tuple[int, float], floor: float = -100.0) -> dict[str, float]:
    levels = dict.fromkeys(map(str, FREQUENCIES), floor)
    levels.update({str(TONES[source]): level for source, level in tones})
    return levels


def test_a_talk_is_right_when_both_hear_each_other_and_nobody_else() -> None:
    arrives = {
        OFFICER: {"2": _sound(), "4": _sound((2, -8.0))},
        1: {"2": _sound()},
        2: {"2": _sound((OFFICER, -8.0))},
    }
    assert not judge(arrives, {OFFICER: {2: "4"}, 2: {OFFICER: "2"}})
    swapped = judge(arrives, {OFFICER: {1: "2"}, 1: {OFFICER: "2"}})
    assert [line.split(" at ")[0] for line in swapped.leaks] == [
        "the officer hears booth 2",
        "booth 2 hears the officer",
    ]
    assert len(swapped.missing) == 2


def test_a_booths_own_sound_on_another_place_is_a_leak() -> None:
    found = judge({OFFICER: {"2": _sound((2, -8.0)), "4": _sound((2, -8.0))}}, {OFFICER: {2: "4"}})
    assert found.leaks == ("the officer hears booth 2 at -8 dB on mid 2",)


def test_a_faint_foreign_tone_is_a_leak_beside_an_allowed_one() -> None:
    found = judge({2: {"2": _sound((OFFICER, -8.0), (1, -59.0))}}, {2: {OFFICER: "2"}})
    assert found.leaks == ("booth 2 hears booth 1 at -59 dB on mid 2",)


def test_a_gap_in_an_allowed_tone_is_no_leak() -> None:
    torn = _sound((OFFICER, -8.0), floor=-45.0)
    assert not judge({2: {"2": torn}}, {2: {OFFICER: "2"}})
    assert len(judge({2: {"2": torn}}, {}).leaks) == len(TONES)
