"""The checks of the other tests find a leak when there is one."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import until
from tests.browser.server import HERE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    return counters.open(2, program=(str(HERE / "leaking_server.py"),))


def test_a_leaking_server_is_found_out(counter: Counter) -> None:
    counter.seat()
    counter.assert_private(None)
    counter.talk(1)
    leaks = ("booth 2 hears the officer", "the officer hears booth 2")

    def heard() -> bool:
        found = counter.hearing(1).leaks
        return all(any(line.startswith(leak) for line in found) for leak in leaks)

    until(heard, "both leaks are heard")
    with pytest.raises(AssertionError, match=f"{leaks[0]}|{leaks[1]}"):
        counter.assert_private(1)
    # What arrives is a leak even though the pages would not play it.
    assert not any("aloud" in line for line in counter.hearing(1).leaks)
