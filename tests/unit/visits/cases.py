"""A whole visit of the old-age savings claim in a real store, with its files, for case files."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from PIL import Image

from tests.unit.store.material import Teller
from vcs.clock import utc_now
from vcs.http.pages import web_dir
from vcs.store import Store
from vcs.store.evidence import evidence_path, write_evidence
from vcs.store.records import BoothPlace, Desk, TalkInterval
from vcs.store.visit_records import NewVisit
from vcs.visits import changes as c
from vcs.visits.case_file import write_case_file
from vcs.visits.case_page import CasePage
from vcs.visits.case_sources import load_sources
from vcs.visits.flow_file import LoadedFlow, load_flows
from vcs.visits.signature import drawing

SIGNATURE = drawing(300, 100, [[0, 0, 100, 50, 200, 10]])
FLOWS = load_flows()


def photograph(grey: int) -> bytes:
    """A JPEG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (64, 40), (grey, grey, grey)).save(out, "JPEG")
    return out.getvalue()


CARD, FACE, CUT = photograph(60), photograph(120), photograph(200)


@dataclass
class Told:
    """The visit, and what makes files of it."""

    teller: Teller
    data_dir: Path

    def path(self, data: bytes) -> Path:
        """Where an evidence file lies."""
        return evidence_path(self.data_dir, self.teller.visit_id, self.keep(data))

    def keep(self, data: bytes) -> str:
        return write_evidence(self.data_dir, self.teller.visit_id, data)

    async def file(
        self, language: c.Language = "en", flows: dict[str, LoadedFlow] | None = None
    ) -> CaseZip:
        """Exported without a look."""
        flows = FLOWS if flows is None else flows
        sources = await load_sources(self.teller.store, self.teller.visit_id, flows)
        flow = flows.get("jht")
        page = CasePage(web_dir(), language, None if flow is None else flow.flow)
        out = io.BytesIO()
        write_case_file(
            out,
            sources,
            page,
            lambda digest: evidence_path(self.data_dir, self.teller.visit_id, digest).read_bytes(),
        )
        return CaseZip(out.getvalue())


@dataclass
class CaseZip:
    """A case file, opened."""

    data: bytes

    @property
    def files(self) -> dict[str, bytes]:
        with ZipFile(io.BytesIO(self.data)) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}

    @property
    def page(self) -> str:
        return self.files["index.html"].decode()

    def json(self, name: str = "visit.json") -> Any:
        return json.loads(self.files[name])


async def tell(
    store: Store, desk: Desk, place: BoothPlace, data_dir: Path, name: str = "Siti Rahmawati"
) -> Told:
    """From consent to a corrected decision; `name` is what the visitor typed."""
    officer = await store.officers.add(
        name="andi", display_name="Andi Pratama", password_hash="h", branch_id=desk.branch_id
    )
    teller = Teller(store, desk, place, officer.id, utc_now().replace(microsecond=0))
    told = Told(teller, data_dir)
    flow = FLOWS["jht"]
    begun = c.Begun("jht", flow.flow.version, flow.digest, "A-007", place.id, desk.id, "id")
    await _begin(teller, begun)
    started = teller.at
    await teller.tell(c.Consented("2026-11", "id"), c.Answered("name", "Sitti"))
    await teller.tell(c.Answered("name", name), c.Answered("sex", "female"), visitor=name)
    await teller.tell(c.Answered("mother_name", "Aminah"), c.StepFinished("identity"))
    await teller.tell(
        _taken("c1", "id_card", "card", told.keep(CARD), CARD, ["glare"]),
        c.CaptureJudged("c1", False),
        _taken("c2", "face", "face", told.keep(FACE), FACE, []),
        c.CaptureDerived(
            "c3", "c1", told.keep(CARD), told.keep(CUT), len(CUT), 36, 44, 1, (6, 2, 50, 38)
        ),
        c.Compared("c1", "c2", True),
    )
    await teller.tell(
        c.Dealt("interview", ["mother", "manager"]),
        c.QuestionMarked("mother", True),
        c.QuestionMarked("manager", False),
        c.Marked("card_genuine", True),
        c.Marked("sits_alone", False),
        c.Flagged("broker", True),
        c.Noted("looked aside often"),
    )
    await teller.tell(
        c.Signed("interview", "s1", told.keep(SIGNATURE), len(SIGNATURE)),
        c.StepFinished(
            "interview",
            [c.Attention("focus", "2026-11-21T10:00:00.000Z", "2026-11-21T10:00:12.500Z")],
        ),
    )
    first = c.Decided(
        "d1", "pending", officer.id, missing=["readable_letter", "family_card"], reference="SMILE-7"
    )
    second = c.Decided(
        "d2", "rejected", officer.id, reason="false_papers", reference="SMILE-7", corrects="d1"
    )
    await teller.tell(first)
    await teller.tell(second)
    await teller.tell(c.Ended("finished"))
    for number, (at, lasts) in enumerate(((-60, 30), (2, 3), (600, 5)), start=1):
        begins = started + timedelta(seconds=at)
        interval = TalkInterval(
            number, "s", desk.id, place.id, officer.id, 99, "talk", begins,
            begins + timedelta(seconds=lasts), "desk",
        )  # fmt: skip
        await store.talk.write((interval,), "s", begins)
    return told


async def _begin(teller: Teller, change: c.Begun) -> None:
    visit = NewVisit(teller.visit_id, teller.desk.branch_id, teller.place.id, 99)
    await teller.store.visits.begin(visit, change, "visitor", None, teller.at)
    teller.changes = 1


def _taken(
    identifier: str, capture: str, subject: Any, digest: str, data: bytes, advice: list[c.Advice]
) -> c.CaptureTaken:
    return c.CaptureTaken(identifier, capture, subject, digest, len(data), 64, 40, advice)
