from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Vcs
from vcs.booth.enrolment import Enrolled, Enrolment
from vcs.commands.booth import booth_url
from vcs.config import Settings
from vcs.http.tls import own_addresses
from vcs.secret_key import load_secret_key
from vcs.store import Store

PLACE = "--branch Cilandak --desk 1 --slot 3"


def _enrol(data_dir: Path, code: str) -> Enrolled:
    """What a running server does with a code that the command line has made."""

    async def run() -> Enrolled:
        store = await Store.open(f"sqlite+aiosqlite:///{data_dir}/vcs.db")
        try:
            return await Enrolment(store, load_secret_key(data_dir)).enrol(code, "192.0.2.1")
        finally:
            await store.close()

    return asyncio.run(run())


def test_a_booth_is_paired_listed_and_revoked(vcs: Vcs, tmp_path: Path) -> None:
    vcs("branch add Cilandak")
    paired = vcs(f"booth pair {PLACE} --name Pojok")
    assert paired.exit_code == 0
    assert "Pojok, place 3 at desk 1 of Cilandak" in paired.output
    assert "(10 minutes)" in paired.output
    code = re.search(r"pairing code  (\S{4}-\S{4})", paired.output)
    assert code is not None
    assert f"http://127.0.0.1:8080/booth#pair={code[1]}" in paired.output
    assert "not enrolled" in vcs("booth list").output
    enrolled = _enrol(tmp_path / "data", code[1])
    assert (enrolled.booth, enrolled.name) == (3, "Pojok")
    assert vcs("booth list").output == "Cilandak  desk 1  place 3  Pojok  enrolled\n"
    assert "stays it until the code is used" in vcs(f"booth pair {PLACE}").output
    assert vcs(f"booth revoke {PLACE}").exit_code == 0
    assert vcs(f"booth service {PLACE} off").exit_code == 0
    assert vcs("booth list").output.endswith("Pojok  not enrolled  out of service\n")
    assert vcs(f"booth service {PLACE} on").exit_code == 0
    assert "out of service" not in vcs("booth list").output


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("booth pair --branch Nowhere --slot 1", 1, "no branch named 'Nowhere'"),
        ("booth pair --branch Cilandak --desk 9 --slot 1", 1, "has no desk 9"),
        ("booth pair --branch Cilandak --slot 7", 2, "1<=x<=6"),
        ("booth pair --slot 1", 2, "--branch"),
        (f"booth revoke {PLACE}", 1, "no booth in place 3"),
        (f"booth service {PLACE} off", 1, "no booth in place 3"),
        ("booth --server http://x list", 2, "vcs booth run"),
        ("booth run", 2, "--server"),
    ],
)
def test_mistakes_get_a_sentence_and_a_code(vcs: Vcs, line: str, code: int, told: str) -> None:
    vcs("branch add Cilandak")
    result = vcs(line)
    assert result.exit_code == code
    assert told in result.output


def test_a_place_is_added_once(vcs: Vcs) -> None:
    vcs("branch add Cilandak")
    assert vcs(f"booth add {PLACE}").output == "Bilik 3 has place 3 at desk 1 of Cilandak.\n"
    again = vcs(f"booth add {PLACE}")
    assert (again.exit_code, "already" in again.output) == (1, True)


def test_the_url_is_one_that_a_booth_can_open(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert booth_url(settings) == "http://127.0.0.1:8080/booth"
    assert booth_url(settings.replace(http_host="::1", http_port=80)) == "http://[::1]/booth"
    named = settings.replace(http_host="vcs.example", self_signed=True, http_port=443)
    assert booth_url(named) == "https://vcs.example/booth"
    public = settings.replace(origins=("https://counter.example",))
    assert booth_url(public) == "https://counter.example/booth"
    everywhere = booth_url(settings.replace(http_host="0.0.0.0"))
    host = everywhere.removeprefix("http://").removesuffix(":8080/booth").strip("[]")
    assert host in own_addresses()
