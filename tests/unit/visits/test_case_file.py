from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.visits.cases import CARD, CUT, FACE, FLOWS, SIGNATURE, Told, tell
from tests.unit.visits.claims import CLAIM, begun
from vcs.http.pages import web_dir
from vcs.store import Store
from vcs.store.records import BoothPlace, Desk
from vcs.store.visit_records import StoredChange, StoredVisit
from vcs.visits import changes as c
from vcs.visits.case_file import write_case_file
from vcs.visits.case_page import CasePage
from vcs.visits.case_record import Case
from vcs.visits.case_telling import CaseSources, ValuesGone
from vcs.visits.flow_file import LoadedFlow

ENGLISH = CasePage(web_dir(), "en", CLAIM)


@pytest.fixture
async def told(store: Store, desk: Desk, place: BoothPlace, tmp_path: Path) -> Told:
    return await tell(store, desk, place, tmp_path)


class Reading(HTMLParser):
    """A page's words, tags and what it links to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.text = ""
        self.feed(page)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def test_the_page_tells_all_of_the_visit(told: Told) -> None:
    text = Reading((await told.file()).page).text
    for part in (
        "Case file: Siti Rahmawati",
        "JHT claim, version 1",
        "Cilandak",
        "A-007",
        "2026-11",
        "Full name Siti Rahmawati",
        "(2 times)",
        "Full name: Sitti",
        "Sex Female",
        "Photograph your identity card",
        "refused Advice: glare",
        "Derived from the original: Photograph your identity card c1",
        "44 × 36 cut from 6, 2 on, turned 90° to the right used by the officer",
        f"SHA-256 of the original: {sha(CARD)}",
        "Derived from Photograph your identity card: 44 × 36 cut from 6, 2 on",
        "Same person :",
        "maiden name? Aminah Right",
        "Who was your direct manager? Wrong",
        "Card is genuine passed",
        "Sits alone failed",
        "Account in own name not checked",
        "in focus: 2026-11-21 10:00:00 – 2026-11-21 10:00:12 (12.5 s)",
        "3.0 s Andi Pratama talk",
        "Broker suspected",
        "looked aside often",
        "Rejected (in force, correction)",
        "Pending (corrected since)",
        "SMILE-7",
        "Reason Papers are not genuine",
        "A readable employment letter; Family card",
        "Decision corrected: Rejected",
        "Visit ended: finished",
        sha(CARD),
    ):
        assert part in text, part
    assert "MISSING" not in text
    assert "CHANGED" not in text


async def test_the_page_is_in_either_language(told: Told) -> None:
    page = (await told.file("id")).page
    assert '<html lang="id">' in page
    text = Reading(page).text
    assert "Berkas kasus: Siti Rahmawati" in text
    assert "Nama lengkap Siti Rahmawati" in text
    assert "KTP asli lolos" in text
    assert "Ditolak (berlaku, koreksi)" in text


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    texts = {
        language: json.loads((web_dir() / "locale" / f"case.{language}.json").read_text("utf-8"))
        for language in ("id", "en")
    }
    assert texts["id"].keys() == texts["en"].keys()
    for key, text in texts["id"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", texts["en"][key])), key


async def test_the_talk_is_this_visits_alone(told: Told) -> None:
    talk = (await told.file()).json()["talk"]
    assert len(talk) == 1, "one was before the visit and one after it"
    assert (talk[0]["kind"], talk[0]["officer"]) == ("talk", "Andi Pratama")


async def test_the_data_say_the_same_as_the_page(told: Told) -> None:
    file = await told.file()
    case = msgspec.json.decode(file.files["visit.json"], type=Case)
    assert case.whole
    assert case.flow.state == "same"
    assert {each.field: (each.value, each.shown.en, each.times) for each in case.answers} == {
        "name": ("Siti Rahmawati", "Siti Rahmawati", 2),
        "sex": ("female", "Female", 1),
        "mother_name": ("Aminah", "Aminah", 1),
    }
    assert [(each.id, each.accepted, each.of) for each in case.captures] == [
        ("c1", False, None),
        ("c3", None, "c1"),
        ("c2", None, None),
    ]
    assert [(each.outcome, each.corrects) for each in case.decisions] == [
        ("pending", None),
        ("rejected", "d1"),
    ]
    stored = await told.teller.store.visits.load(told.teller.visit_id)
    assert stored is not None
    assert [each.change for each in case.timeline] == [each.change for each in stored.log]
    assert [each.at for each in case.timeline] == [each.at for each in stored.log]


async def test_evidence_is_the_original_bytes(told: Told) -> None:
    file = await told.file()
    for data, extension in ((CARD, "jpg"), (FACE, "jpg"), (CUT, "jpg"), (SIGNATURE, "svg")):
        assert file.files[f"evidence/{sha(data)}.{extension}"] == data
    links = Reading(file.page).links
    assert links == {name for name in file.files if name.startswith("evidence/")}


async def test_the_digests_are_checked_by_the_usual_command(told: Told, tmp_path: Path) -> None:
    file = await told.file()
    with ZipFile(io.BytesIO(file.data)) as archive:
        archive.extractall(tmp_path / "out")
    right = _checked(tmp_path / "out")
    assert right.returncode == 0, right.stderr
    assert right.stdout.count(": OK") == len(file.files) - 1
    with (tmp_path / "out" / "index.html").open("a") as page:
        page.write(" ")
    assert _checked(tmp_path / "out").returncode == 1


def _checked(directory: Path) -> subprocess.CompletedProcess[str]:
    command = ["sha256sum", "--strict", "-c", "digests.txt"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True)


async def test_the_audit_can_be_hashed_again_from_the_file(told: Told) -> None:
    rows = (await told.file()).json("audit.json")["rows"]
    stored = await told.teller.store.visits.load(told.teller.visit_id)
    assert stored is not None
    assert len(rows) == stored.changes
    end = bytes(32)
    for row in rows:
        assert row["previous"] == end.hex()
        hashed = {name: row[name] for name in row if name not in ("officer", "previous", "hash")}
        text = json.dumps(hashed, sort_keys=True, separators=(",", ":"))
        end = hashlib.sha256(end + text.encode()).digest()
        assert row["hash"] == end.hex()


async def test_the_same_visit_gives_the_same_bytes(told: Told) -> None:
    first = await told.file()
    assert (await told.file()).data == first.data
    teller = told.teller
    await teller.store.audit.looked(teller.visit_id, teller.officer, teller.at)
    looked = (await told.file()).files
    assert list(looked) == list(first.files)
    changed = {name for name, data in first.files.items() if looked[name] != data}
    assert changed == {"audit.json", "digests.txt"}


@pytest.mark.parametrize("done", ["changed", "missing"])
async def test_evidence_that_is_not_what_it_was_is_told(told: Told, done: str) -> None:
    path = told.path(CARD)
    if done == "changed":
        path.write_bytes(FACE)
    else:
        path.unlink()
    file = await told.file()
    case = file.json()
    assert not case["whole"]
    found = {each["digest"]: each for each in case["evidence"]}[sha(CARD)]
    assert found["state"] == done
    assert [each["state"] for each in case["evidence"]].count("kept") == 3
    reading = Reading(file.page)
    assert "Evidence is missing or has changed: 1 of 4 files" in reading.text
    assert reading.text.count(done.upper()) == 2, "at the picture, and in the list of files"
    assert f"evidence/{sha(CARD)}.jpg" not in file.files
    assert not any(sha(CARD) in link for link in reading.links)
    if done == "changed":
        assert found["found"] == sha(FACE)
        assert file.files[found["file"]] == FACE
        assert sha(FACE) in reading.text
    else:
        assert found["file"] is None


async def test_a_flow_that_is_another_one_now_or_gone_is_told(told: Told) -> None:
    same = FLOWS["jht"]
    other = await told.file(flows={"jht": LoadedFlow(same.flow, "0" * 64, same.path)})
    assert other.json()["flow"]["state"] == "changed"
    assert "labels here may differ" in other.page
    gone = await told.file(flows={})
    assert gone.json()["flow"]["state"] == "gone"
    text = Reading(gone.page).text
    assert "names stand where labels would" in text
    assert "mother_name Aminah" in text
    assert "card_genuine passed" in text


async def test_what_was_typed_is_text_and_no_name(
    store: Store, desk: Desk, place: BoothPlace, tmp_path: Path
) -> None:
    typed = '../../x"><script>alert(1)</script><img src=x onerror=alert(2)>'
    file = await (await tell(store, desk, place, tmp_path, typed)).file()
    assert "<script" not in file.page
    reading = Reading(file.page)
    assert typed in reading.text
    assert not {name for name in reading.attributes if name.startswith("on")}
    named = re.compile(
        r"index\.html|visit\.json|audit\.json|digests\.txt|evidence/[0-9a-f]{64}\.(jpg|svg)"
    )
    assert all(named.fullmatch(name) for name in file.files)


def _sources(*changes: c.AnyChange, count: int | None = None) -> CaseSources:
    at = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    log = [StoredChange(n, at, "visitor", None, each) for n, each in enumerate(changes, start=1)]
    visit = StoredVisit(
        id=7, branch_id=1, desk_id=1, booth_id=1, occupant=9, ticket_id=None, flow="claim",
        flow_version=1, language="id", phase="open", outcome=None, reference=None, visitor=None,
        officer_id=None, begun_at=at, ended_at=None,
        changes=len(log) if count is None else count, log=log,
    )  # fmt: skip
    loaded = LoadedFlow(CLAIM, "0" * 64, Path("claim.yaml"))
    return CaseSources(visit, loaded, [], [], {}, "Cilandak", {1: "Meja 1"}, "Bilik 1")


def _nothing(digest: str) -> bytes:
    raise FileNotFoundError(digest)


def _page_of(name: str, note: str, message: str) -> Reading:
    decided = c.Decided("d", "rejected", 1, reason="fraud", message=message, reference=note)
    sources = _sources(begun(), c.Answered("name", name), c.Noted(note), decided)
    out = io.BytesIO()
    write_case_file(out, sources, ENGLISH, _nothing)
    with ZipFile(out) as archive:
        return Reading(archive.read("index.html").decode())


MARKUP = (
    "<script>",
    "<b ",
    "onload=1",
    '"',
    "'",
    ">",
    "</td>",
    "&lt;",
    "<!--",
    "{{",
    "}}",
    "{0}",
    "a",
)
_texts = st.lists(st.sampled_from(MARKUP), max_size=6).map("".join) | st.text()


@settings(max_examples=50)
@given(_texts, _texts, _texts)
def test_no_text_becomes_part_of_the_page(name: str, note: str, message: str) -> None:
    plain, made = _page_of("a", "a", "a"), _page_of(name, note, message)
    assert made.tags <= plain.tags
    assert made.attributes <= plain.attributes
    assert made.links == plain.links == set()


@pytest.mark.parametrize("changes", [(), (c.Consented("1", "id"),), (begun(),)])
def test_a_visit_without_its_values_gives_no_file(changes: tuple[c.AnyChange, ...]) -> None:
    out = io.BytesIO()
    with pytest.raises(ValuesGone, match="visit 7"):
        write_case_file(out, _sources(*changes, count=2), ENGLISH, _nothing)
    assert out.getvalue() == b""


def test_what_is_no_digest_is_a_missing_file() -> None:
    asked: list[str] = []

    def read(digest: str) -> bytes:
        asked.append(digest)
        raise ValueError("a digest is 64 hexadecimal digits")

    taken = c.CaptureTaken("c", "card", "card", "../../etc/passwd", 3, 4, 5, [])
    out = io.BytesIO()
    case = write_case_file(out, _sources(begun(), taken), ENGLISH, read)
    assert asked == ["../../etc/passwd"]
    assert [each.state for each in case.evidence] == ["missing"]
    with ZipFile(out) as archive:
        assert not any("passwd" in name for name in archive.namelist())
