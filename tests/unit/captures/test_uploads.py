from __future__ import annotations

import hashlib
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.captures.answers import MAX_OCTETS
from vcs.captures.uploads import (
    EXPIRES_S,
    MAX_OPEN,
    DigestDiffers,
    UploadRefused,
    Uploads,
    WrongOffset,
)

DATA = bytes(range(256)) * 40
DIGEST = hashlib.sha256(DATA).hexdigest()
ID = "upload-0001"


def begin(uploads: Uploads, upload_id: str = ID, booth: int = 1, octets: int = len(DATA)) -> int:
    return uploads.begin(upload_id, booth=booth, octets=octets, digest=DIGEST)


def code_of(caught: pytest.ExceptionInfo[UploadRefused]) -> str:
    return caught.value.code


@given(st.lists(st.integers(1, 4000), max_size=12), st.data())
def test_pieces_of_any_size_with_restarts_and_repeats_make_the_whole(
    pieces: list[int], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as place:
        uploads, at = Uploads(Path(place)), 0
        assert begin(uploads) == 0
        for piece in [*pieces, len(DATA)]:
            if data.draw(st.booleans()):
                uploads = Uploads(Path(place))
                assert begin(uploads) == at
            if at and data.draw(st.booleans()):
                with pytest.raises(WrongOffset) as caught:
                    uploads.append(ID, 0, DATA[:piece], booth=1)
                assert caught.value.expected == at
            at = uploads.append(ID, at, DATA[at : at + piece], booth=1)
            assert uploads.received(ID, booth=1) == at
        assert uploads.finish(ID, booth=1) == DATA
        assert Uploads(Path(place)).finish(ID, booth=1) == DATA
        uploads.discard(ID, booth=1)
        assert list(Path(place).iterdir()) == []


def test_fifty_megabytes_are_refused_before_they_are_sent(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    for octets in (50_000_000, MAX_OCTETS + 1):
        with pytest.raises(UploadRefused) as caught:
            begin(uploads, octets=octets)
        assert code_of(caught) == "upload.too_big"
    begin(uploads)
    with pytest.raises(UploadRefused) as caught:
        uploads.append(ID, 0, DATA + b"!", booth=1)
    assert code_of(caught) == "upload.too_big"
    assert uploads.received(ID, booth=1) == 0


def test_what_differs_or_is_not_whole_is_not_finished(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    begin(uploads)
    uploads.append(ID, 0, DATA[:-1], booth=1)
    with pytest.raises(WrongOffset):
        uploads.finish(ID, booth=1)
    uploads.append(ID, len(DATA) - 1, b"?", booth=1)
    with pytest.raises(DigestDiffers):
        uploads.finish(ID, booth=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", "short", "../../etc/passwd", "a/b-c-d-e", "x" * 65, "upload\n01"]
)
def test_names_that_could_lead_elsewhere_are_none(tmp_path: Path, name: str) -> None:
    uploads = Uploads(tmp_path / "uploads")
    with pytest.raises(UploadRefused) as caught:
        begin(uploads, name)
    assert code_of(caught) == "upload.bad"
    with pytest.raises(UploadRefused) as caught:
        uploads.received(name, booth=1)
    assert code_of(caught) == "upload.unknown"


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    uploads = Uploads(tmp_path / "uploads")
    (tmp_path / "uploads" / f"{ID}.part").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic link"):
        begin(uploads)
    assert outside.read_bytes() == b"precious"


def test_a_booth_has_its_own_uploads_and_not_too_many(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    for number in range(MAX_OPEN):
        begin(uploads, f"upload-{number:04}")
    with pytest.raises(UploadRefused) as caught:
        begin(uploads, "upload-more")
    assert code_of(caught) == "upload.too_many"
    begin(uploads, "upload-other", booth=2)
    with pytest.raises(UploadRefused) as caught:
        uploads.received("upload-other", booth=1)
    assert code_of(caught) == "upload.unknown"
    with pytest.raises(UploadRefused) as caught:
        begin(uploads, "upload-other", booth=3)
    assert code_of(caught) == "upload.another"
    uploads.discard_all(1)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "upload-other.part",
        "upload-other.plan",
    ]
    begin(uploads, "upload-more")


def test_an_upload_expires_and_other_files_stay(tmp_path: Path) -> None:
    later = 0.0
    uploads = Uploads(tmp_path, lambda: time.time() + later)
    (tmp_path / "notes.txt").write_text("not ours")
    begin(uploads)
    later = EXPIRES_S - 60
    uploads.expire()
    assert uploads.received(ID, booth=1) == 0
    later = EXPIRES_S + 60
    uploads.expire()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
