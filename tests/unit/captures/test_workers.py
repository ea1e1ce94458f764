"""Real processes, really killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.unit.captures.pictures import card, of_card, png_bomb, written
from vcs.booth.photograph import Shot, jpeg, photograph
from vcs.captures.answers import MAX_OCTETS, BadPicture, BadRectangle
from vcs.captures.workers import Busy, CannotExamine, Examiner

SPINNING = "tests.unit.captures.spinning_worker"
STUCK = "tests.unit.captures.stuck_worker"
DYING = "tests.unit.captures.dying_worker"


@pytest.fixture
async def examiner() -> AsyncIterator[Examiner]:
    opened = Examiner(limit_s=120)
    yield opened
    await opened.aclose()


def card_jpeg() -> bytes:

    return jpeg(Image.fromarray(of_card()))


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_a_picture_is_examined_turned_and_cut_in_one_process(examiner: Examiner) -> None:
    assert examiner.pids == []
    found = await examiner.examine(card_jpeg(), "card")
    assert found.advice == []
    assert (found.width, found.height) == (1920, 1080)
    (pid,) = examiner.pids
    assert pid != os.getpid()
    assert (await examiner.derive(card_jpeg(), 1)).startswith(b"\xff\xd8")
    with pytest.raises(BadRectangle):
        await examiner.derive(card_jpeg(), 0, (50, 50, 50, 50))
    for data, code in (
        (b"a text file", "picture.not_a_picture"),
        (png_bomb(), "picture.bomb"),
        (card_jpeg()[:20_000], "picture.truncated"),
        (bytes(50_000_000), "picture.too_big"),
    ):
        with pytest.raises(BadPicture) as caught:
            await examiner.examine(data, "card")
        assert caught.value.code == code
    assert examiner.pids == [pid]
    await examiner.aclose()
    assert not alive(pid)


async def test_a_file_that_is_too_big_starts_no_process(examiner: Examiner) -> None:
    with pytest.raises(BadPicture):
        await examiner.examine(bytes(MAX_OCTETS + 1), "card")
    assert examiner.pids == []


async def test_a_killed_process_is_replaced(examiner: Examiner) -> None:
    data = card_jpeg()
    await examiner.examine(data, "document")
    (first,) = examiner.pids
    os.kill(first, signal.SIGKILL)
    assert (await examiner.examine(data, "card")).advice == []
    (second,) = examiner.pids
    assert second != first


async def test_a_picture_that_kills_its_process_twice_is_a_bomb() -> None:
    examiner = Examiner(module=DYING)
    with pytest.raises(BadPicture, match=r"picture\.bomb"):
        await examiner.examine(b"\xff\xd8\xff", "card")
    assert examiner.pids == []
    await examiner.aclose()


async def test_a_picture_that_takes_too_long_costs_its_process() -> None:
    examiner = Examiner(module=SPINNING, limit_s=0.2)
    with pytest.raises(BadPicture, match=r"picture\.bomb"):
        await examiner.examine(b"\xff\xd8\xff", "card")
    assert examiner.pids == []
    await examiner.aclose()


async def test_a_machine_that_does_not_get_to_it_is_not_the_pictures_fault() -> None:
    examiner = Examiner(module=STUCK, limit_s=0.05)
    with pytest.raises(CannotExamine):
        await examiner.examine(b"\xff\xd8\xff", "card")
    assert examiner.pids == []
    await examiner.aclose()


async def test_too_many_are_told_so_and_closing_ends_those_in_work() -> None:
    examiner = Examiner(module=STUCK, max_waiting=2)
    jobs = [asyncio.create_task(examiner.examine(b"\xff\xd8\xff", "card")) for _ in range(3)]
    while not examiner.pids:  # noqa: ASYNC110 - a process starts
        await asyncio.sleep(0.01)
    with pytest.raises(Busy):
        await examiner.examine(b"\xff\xd8\xff", "card")
    (pid,) = examiner.pids
    await examiner.aclose()
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(result) for result in results] == [CannotExamine] * 3
    assert not alive(pid)


async def test_a_question_that_is_given_up_leaves_no_answer_for_the_next(
    examiner: Examiner,
) -> None:
    data = card_jpeg()
    await examiner.examine(data, "card")
    job = asyncio.create_task(examiner.examine(data, "face"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (await examiner.examine(data, "card")).card is not None


async def test_a_worker_without_work_is_let_go() -> None:
    examiner = Examiner(limit_s=120, idle_s=0.01)
    await examiner.examine(card_jpeg(), "document")
    while examiner.pids:  # noqa: ASYNC110 - a process ends
        await asyncio.sleep(0.01)
    await examiner.aclose()


async def test_a_worker_that_does_not_start_is_not_the_pictures_fault() -> None:
    examiner = Examiner(module="vcs.no_such_module")
    with pytest.raises(CannotExamine):
        await examiner.examine(b"\xff\xd8\xff", "card")
    await examiner.aclose()


async def test_the_largest_picture_that_is_taken_fits_into_the_worker(examiner: Examiner) -> None:
    large = photograph(card(), Shot(size=(5600, 4200), fill=0.5))
    found = await examiner.examine(written(large, quality=85), "card")
    assert found.advice == []
