"""A visit as a ZIP: a page for people, the same as data, the audit, the evidence, all digests.

The same visit gives the same bytes: order and times are fixed, nothing is compressed. No name in
the ZIP comes from what anybody typed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import msgspec

from vcs.store.audit_chain import Link
from vcs.visits.case_page import CasePage
from vcs.visits.case_record import Case, Evidence, EvidenceState
from vcs.visits.case_telling import CaseSources, case_record, must_be_told, wanted_evidence

PAGE: Final = "index.html"
DIGESTS: Final = "digests.txt"
_OLDEST: Final = 1980
"""ZIP knows no year before."""
_KINDS: Final = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"<svg ", "svg"),
)

ReadEvidence = Callable[[str], bytes]
"""The bytes of the file with this digest. Raises `OSError`; `ValueError` for what is no digest."""


def write_case_file(
    target: IO[bytes], sources: CaseSources, page: CasePage, read: ReadEvidence
) -> Case:
    """Write the ZIP; one evidence file at a time is in memory. Returns what was told: look at its
    `whole`. Blocks for as long as the disk takes.

    A missing or changed evidence file is no error: the file says so. Raises `ValuesGone` before
    anything is written, and `OSError` of the target.
    """
    must_be_told(sources.visit)
    with ZipFile(target, "w", ZIP_STORED) as archive:
        writing = _Writing(archive, sources.visit.begun_at)
        evidence = {
            digest: _evidence(writing, digest, octets, read)
            for digest, octets in wanted_evidence(sources.visit.log).items()
        }
        case = case_record(sources, evidence)
        writing.add("audit.json", _audit(sources))
        writing.add("visit.json", _json(case))
        writing.add(PAGE, page.render(case).encode())
        writing.add(DIGESTS, writing.digests())
    return case


class _Writing:
    def __init__(self, archive: ZipFile, at: datetime) -> None:
        utc = at.astimezone(UTC)
        self._archive = archive
        self._time = (
            (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second)
            if utc.year >= _OLDEST
            else (_OLDEST, 1, 1, 0, 0, 0)
        )
        self._digests: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        info = ZipInfo(name, self._time)
        info.create_system = 3  # Unix, wherever it was made
        info.external_attr = 0o600 << 16
        self._archive.writestr(info, data)
        self._digests[name] = hashlib.sha256(data).hexdigest()

    def digests(self) -> bytes:
        """As `sha256sum -c` reads it."""
        return "".join(
            f"{digest}  {name}\n" for name, digest in sorted(self._digests.items())
        ).encode()


def _evidence(writing: _Writing, digest: str, octets: int, read: ReadEvidence) -> Evidence:
    try:
        data = read(digest)
    except (OSError, ValueError):
        return Evidence(digest, octets, "missing", None)
    found = hashlib.sha256(data).hexdigest()
    state: EvidenceState = "kept" if found == digest else "changed"
    # What is not what it was is nothing to open or to show, whatever it begins with.
    extension = _extension(data) if state == "kept" else "changed.bin"
    name = f"evidence/{digest}.{extension}"
    writing.add(name, data)
    return Evidence(digest, octets, state, name, None if state == "kept" else found)


def _extension(data: bytes) -> str:
    return next((name for start, name in _KINDS if data.startswith(start)), "bin")


def _audit(sources: CaseSources) -> bytes:
    """The chain, with each row's hashes as `audit_chain` makes them."""
    rows = [
        {
            **_link(each.link),
            "officer": sources.officers.get(each.link.officer_id or 0),
            "previous": each.previous.hex(),
            "hash": each.hash.hex(),
        }
        for each in sources.audit
    ]
    return _json({"format": "vcs-audit-1", "visit": sources.visit.id, "rows": rows})


def _link(link: Link) -> dict[str, object]:
    return {
        "visit_id": link.visit_id,
        "number": link.number,
        "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": link.actor,
        "officer_id": link.officer_id,
        "kind": link.kind,
        "change": link.change,
        "digest": None if link.digest is None else link.digest.hex(),
    }


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
