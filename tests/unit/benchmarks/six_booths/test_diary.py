from __future__ import annotations

from typing import Any

from benchmarks.six_booths.diary import LISTENED_FOR, Sound, answer, foreign
from benchmarks.six_booths.tones import TONES


def entry(what: str, at: float, **more: Any) -> dict[str, Any]:
    return {"what": what, "at": at, **more}


def test_the_answer_to_the_last_key() -> None:
    diary = [
        entry("key", 10, key="1"),
        entry("sent", 11),
        entry("desk", 14, onAir=1, announcing=False),
        entry("ack", 15),
        entry("key", 50, key="Escape"),
        entry("sent", 52),
        entry("refused", 55),
    ]
    first, last = answer(diary[:4]), answer(diary)
    assert first is not None
    assert (first.key, first.sent, first.answered, first.refused) == (10, 11, 15, False)
    assert last is not None
    assert (last.key, last.refused) == (50, True)
    assert answer(diary[:3]) is None


def test_a_sound_is_audible_when_it_is_there_and_played_aloud() -> None:
    sound = Sound()
    sound.follow([entry("aloud", 5, mid="2", aloud=True), entry("sound", 9, mid="2", on=True)], "2")
    assert sound.audible == 9
    other = Sound()
    other.follow(
        [entry("sound", 9, mid="2", on=True), entry("aloud", 12, mid="2", aloud=True)], "2"
    )
    assert other.audible == 12
    muted = Sound()
    muted.follow([entry("sound", 9, mid="2", on=True), entry("sound", 3, mid="4", on=False)], "2")
    assert muted.audible is None
    assert muted.on


def test_what_was_aloud_before_stays_so_and_the_end_is_the_last_one() -> None:
    sound = Sound()
    sound.follow([entry("aloud", 1, mid="2", aloud=True)], "2")
    sound.follow(
        [
            entry("sound", 20, mid="2", on=True),
            entry("sound", 30, mid="2", on=False),
            entry("sound", 31, mid="2", on=True),
        ],
        "2",
    )
    assert (sound.audible, sound.begins, sound.ended) == (20, [20, 31], 30)
    sound.follow([entry("sound", 90, mid="2", on=False)], "2")
    assert (sound.audible, sound.begins, sound.ended, sound.on) == (None, [], 90, False)


def levels(**loud: float) -> list[float]:
    return [loud.get(f"hz{hertz}", -150.0) for hertz in LISTENED_FOR]


def test_a_tone_is_foreign_where_nothing_may_be() -> None:
    assert foreign(levels(hz457=-59.0), None) == [(1, -59.0)]
    assert foreign(levels(hz457=-61.0), None) == []
    assert foreign(levels(hz457=-20.0), 1) == []


def test_beside_a_tone_that_may_be_there_a_foreign_one_stands_out() -> None:
    smeared = {f"hz{TONES[3] + beside}": -50.0 for beside in (-24, 0, 24)}
    assert foreign(levels(hz457=-20.0, **smeared), 1) == []
    assert foreign(levels(hz457=-20.0, **{**smeared, "hz771": -43.0}), 1) == [(3, -43.0)]
    assert foreign(levels(**smeared), None) == [(3, -50.0)]
