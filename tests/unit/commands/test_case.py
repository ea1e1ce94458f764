from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.unit.commands.conftest import Vcs
from tests.unit.visits.cases import CARD, Told, tell
from vcs.store import Store
from vcs.store.audit import AuditLine

EXPORT = "case export SMILE-7 --out case.zip --officer andi"


async def _told(data_dir: Path) -> Told:
    store = await Store.open(f"sqlite+aiosqlite:///{data_dir / 'vcs.db'}")
    branch = await store.branches.add("Cilandak")
    desk = (await store.branches.desks(branch.id))[0]
    place = await store.booths.add(desk.id, 1)
    await store.officers.add(
        name="gone", display_name="Gone", password_hash="h", branch_id=branch.id
    )
    await store.officers.set_disabled("gone", True)
    await store.officers.add(
        name="guard", display_name="Guard", password_hash="h", branch_id=branch.id, role="guard"
    )
    elsewhere = await store.branches.add("Depok")
    await store.officers.add(
        name="far", display_name="Far", password_hash="h", branch_id=elsewhere.id
    )
    told = await tell(store, desk, place, data_dir)
    await store.close()
    return told


@pytest.fixture
def told(vcs: Vcs, tmp_path: Path) -> Told:
    (tmp_path / "data").mkdir(mode=0o700)
    return asyncio.run(_told(tmp_path / "data"))


def looks(told: Told) -> list[AuditLine]:
    async def read() -> list[AuditLine]:
        store = await Store.open(f"sqlite+aiosqlite:///{told.data_dir / 'vcs.db'}")
        try:
            rows = await store.audit.of_visit(told.teller.visit_id)
        finally:
            await store.close()
        return [row for row in rows if row.kind == "looked"]

    return asyncio.run(read())


def test_a_case_file_is_written_and_the_look_with_it(vcs: Vcs, told: Told, tmp_path: Path) -> None:
    done = vcs(EXPORT)
    assert done.exit_code == 0, done.output
    assert done.output == f"case.zip: visit {told.teller.visit_id}, 4 evidence files\n"
    assert stat.S_IMODE((tmp_path / "case.zip").stat().st_mode) == 0o600
    assert [look.officer_id for look in looks(told)] == [told.teller.officer]
    with ZipFile(tmp_path / "case.zip") as archive:
        assert '<html lang="id">' in archive.read("index.html").decode()
        rows = json.loads(archive.read("audit.json"))["rows"]
    assert (rows[-1]["kind"], rows[-1]["officer"]) == ("looked", "Andi Pratama")
    assert vcs("audit verify").exit_code == 0


@pytest.mark.parametrize("name", ["{}", "visit-{}"])
def test_a_visit_is_named_by_its_number_too(
    vcs: Vcs, told: Told, tmp_path: Path, name: str
) -> None:
    visit = name.format(told.teller.visit_id)
    done = vcs(f"case export {visit} --out case.zip --officer andi --language en")
    assert done.exit_code == 0, done.output
    with ZipFile(tmp_path / "case.zip") as archive:
        assert '<html lang="en">' in archive.read("index.html").decode()


def test_a_file_that_is_there_is_left_alone(vcs: Vcs, told: Told, tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_bytes(b"mine")
    done = vcs(EXPORT)
    assert done.exit_code == 1
    assert "case.zip is there already" in done.output
    assert (tmp_path / "case.zip").read_bytes() == b"mine"
    assert looks(told) == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("case export SMILE-7 --out case.zip --officer budi", "there is no officer 'budi'"),
        ("case export SMILE-7 --out case.zip --officer gone", "there is no officer 'gone'"),
        ("case export SMILE-7 --out case.zip --officer guard", "there is no officer 'guard'"),
        ("case export SMILE-7 --out case.zip --officer far", "a branch that does not serve"),
        ("case export SMILE --out case.zip --officer andi", "reference 'SMILE'"),
        ("case export 12 --out case.zip --officer andi", "reference '12'"),
        (f"case export {'9' * 40} --out case.zip --officer andi", "there is no visit"),
    ],
)
def test_who_and_what_must_be_known(
    vcs: Vcs, told: Told, tmp_path: Path, line: str, sentence: str
) -> None:
    done = vcs(line)
    assert done.exit_code == 1
    assert sentence in done.output
    assert not (tmp_path / "case.zip").exists()
    assert looks(told) == []


def test_nobody_looks_without_a_name(vcs: Vcs, told: Told) -> None:
    done = vcs("case export SMILE-7 --out case.zip")
    assert done.exit_code == 2
    assert "--officer" in done.output


def test_missing_evidence_is_told_after_writing(vcs: Vcs, told: Told, tmp_path: Path) -> None:
    path = told.path(CARD)
    path.unlink()
    done = vcs(EXPORT)
    assert done.exit_code == 1
    assert f"  {path.name}: missing\n" in done.output
    assert "1 of 4 evidence files missing or changed" in done.output
    with ZipFile(tmp_path / "case.zip") as archive:
        assert json.loads(archive.read("visit.json"))["whole"] is False


def test_a_place_that_is_not_there_is_told(vcs: Vcs, told: Told, tmp_path: Path) -> None:
    done = vcs("case export SMILE-7 --out nowhere/case.zip --officer andi")
    assert done.exit_code == 1
    assert "No such file or directory: nowhere/case.zip" in done.output
