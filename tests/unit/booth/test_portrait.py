from __future__ import annotations

import numpy as np

from vcs.booth.portrait import HEIGHT, LOOKS, LOOP_S, WIDTH, Portrait


def test_visitors_differ_and_fill_the_frame() -> None:
    frames = [Portrait(number).frame(0.0, 0.0) for number in (1, 2)]
    for frame in frames:
        assert frame.shape == (HEIGHT * 3 // 2, WIDTH)
    assert np.mean(frames[0] != frames[1]) > 0.3
    assert len(set(LOOKS)) == 6


def test_the_loop_has_no_seam_but_the_clock() -> None:
    visitor = Portrait(3)
    first, again = visitor.frame(0.0, 0.5), visitor.frame(LOOP_S, 0.5)
    changed = np.argwhere(first[:HEIGHT] != again[:HEIGHT])
    assert len(changed) > 0
    assert changed.min(axis=0)[1] > 1000
    assert changed.max(axis=0)[0] < 260


def test_a_mouth_opens_and_eyes_blink() -> None:
    visitor = Portrait(4)
    closed, opened = visitor.frame(1.5, 0.0), visitor.frame(1.5, 1.0)
    rows = np.argwhere(closed[:HEIGHT] != opened[:HEIGHT])[:, 0]
    assert 380 < rows.min() < rows.max() < 500
    before, during = visitor.frame(0.8, 0.0), visitor.frame(0.97, 0.0)
    eyes = slice(300, 372), slice(560, 800)
    assert np.any(before[eyes] != during[eyes])
