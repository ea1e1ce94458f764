from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from vcs.demo import run

LONG = 60.0


BROKEN = """
from vcs.sfu import Hub
def tick(self, *_): raise RuntimeError("a fault of ours")
Hub.tick = tick
from vcs.app import RunningServer
stop = RunningServer.stop
async def stop_aloud(self):
    await stop(self)
    print("the server has stopped")
RunningServer.stop = stop_aloud
"""


def begin(tmp_path: Path, booths: int, first: str = "") -> subprocess.Popen[str]:
    script = f"{first}\nimport sys; from vcs.demo import run; sys.exit(run({booths}, 0))"
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if first else None,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )


def link(process: subprocess.Popen[str], path: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(rf"http://\S+/demo/{path}/\S+", line)
        if found:
            return found[0]
    raise AssertionError("the demo ended without a link")


class Watching(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        return None


def visit(url: str) -> tuple[int, str, str]:
    """Status, where it leads, and the cookie that it sets."""
    opener = urllib.request.build_opener(Watching, urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as response:
            return response.status, "", ""
    except urllib.error.HTTPError as answer:
        with answer:
            headers = answer.headers
            return answer.code, headers.get("Location", ""), headers.get("Set-Cookie", "")


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def test_the_links_let_in_and_nothing_is_left(tmp_path: Path) -> None:
    demo = begin(tmp_path, 1)
    with demo:
        console = link(demo, "officer")
        booth = link(demo, "booth")
        status, leads_to, cookie = visit(console)
        assert (status, leads_to) == (303, "/console?open")
        assert "HttpOnly" in cookie
        codes = {visit(booth)[1] for _ in range(5)}
        assert len(codes) == 5
        assert all(re.fullmatch(r"/booth#pair=[0-9A-Z-]+&tab", code) for code in codes)
        assert visit(booth)[0] == 409
        assert visit(console[:-1] + "~")[0] == 404
        (crowd,) = children(demo.pid)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(LONG) == 0
    assert not Path(f"/proc/{crowd}").exists()
    assert list(tmp_path.iterdir()) == []


def test_the_visitors_do_not_outlive_a_demo_that_is_killed(tmp_path: Path) -> None:
    demo = begin(tmp_path, 1)
    with demo:
        link(demo, "officer")
        (crowd,) = children(demo.pid)
        demo.kill()
        demo.wait(LONG)
    until = time.monotonic() + LONG
    while Path(f"/proc/{crowd}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{crowd}").exists()


def test_a_timer_that_fails_stops_the_demo_in_words(tmp_path: Path) -> None:
    demo = begin(tmp_path, 0, BROKEN)
    try:
        said, errors = demo.communicate(timeout=LONG)
    finally:
        demo.kill()
    assert demo.returncode == 1
    assert "A timer of the server has failed" in said
    assert "Stopping." not in said
    assert "the server has stopped" in said
    # The error itself is there to be read, once.
    assert errors.count("a timer has failed") == 1
    assert errors.count("RuntimeError: a fault of ours") == 1
    assert list(tmp_path.iterdir()) == []


def test_too_many_booths_are_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(7) == 2
    assert "one to six" in capsys.readouterr().out
