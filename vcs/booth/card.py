"""Papers of visitors who do not exist: an identity card and a letter, marked as specimens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from vcs.booth.face import draw_face

CARD_SIZE: Final = (1011, 638)
"""An ID-1 card at 300 DPI."""

LETTER_SIZE: Final = (1240, 1754)
"""A4 at 150 DPI."""

_INK: Final = (22, 26, 34)
_GROUND: Final = (150, 192, 216)
_MARK: Final = (118, 166, 198)
_ROUND: Final = 38  # 3.18 mm, ISO/IEC 7810


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose papers they are. `number` chooses the face (see `face`)."""

    number: int
    name: str
    nik: str
    born_in: str
    born_on: str
    sex: str = "PEREMPUAN"
    address: str = "JL. CONTOH NO. 1"


def draw_card(holder: Holder, width: int = CARD_SIZE[0]) -> Image.Image:
    """An identity card of a province that is not there; RGBA, clear outside its round corners."""
    card = Image.new("RGB", CARD_SIZE, _GROUND)
    pen = ImageDraw.Draw(card)
    for line in range(-CARD_SIZE[1], CARD_SIZE[0], 26):
        pen.line((line, 0, line + CARD_SIZE[1], CARD_SIZE[1]), fill=_shift(_GROUND, 8), width=9)
    _specimen(card)
    middle = CARD_SIZE[0] // 2
    pen.text((middle, 46), "PROVINSI CONTOH", font=_font(40), fill=_INK, anchor="mm")
    pen.text((middle, 90), "KOTA PERCONTOHAN", font=_font(34), fill=_INK, anchor="mm")
    pen.text((40, 132), "NIK", font=_font(44), fill=_INK)
    pen.text((190, 130), f": {holder.nik}", font=_font(48), fill=_INK)
    rows = (
        ("Nama", holder.name.upper()),
        ("Tempat/Tgl Lahir", f"{holder.born_in.upper()}, {holder.born_on}"),
        ("Jenis Kelamin", holder.sex),
        ("Alamat", holder.address),
        ("RT/RW", "001/002"),
        ("Kel/Desa", "CONTOH"),
        ("Kecamatan", "PERCONTOHAN"),
        ("Status", "KAWIN"),
        ("Pekerjaan", "KARYAWAN SWASTA"),
        ("Berlaku Hingga", "SEUMUR HIDUP"),
    )
    for index, (label, value) in enumerate(rows):
        y = 204 + index * 41
        pen.text((40, y), label, font=_font(26), fill=_INK)
        pen.text((268, y), f": {value}"[:32], font=_font(28), fill=_INK)
    face = draw_face(holder.number, (300, 400), 84)
    card.paste(face.resize((218, 290), Image.Resampling.LANCZOS), (750, 200))
    pen.text((859, 530), "CONTOH", font=_font(28), fill=_INK, anchor="mm")
    pen.text((859, 566), holder.born_on, font=_font(26), fill=_INK, anchor="mm")
    card.putalpha(_rounded())
    height = round(width * CARD_SIZE[1] / CARD_SIZE[0])
    return card if width == CARD_SIZE[0] else card.resize((width, height), Image.Resampling.LANCZOS)


def draw_letter(holder: Holder, width: int = LETTER_SIZE[0]) -> Image.Image:
    """A letter from an employer that is not there, RGBA."""
    letter = Image.new("RGB", LETTER_SIZE, (232, 232, 228))
    _specimen(letter, 150)
    pen = ImageDraw.Draw(letter)
    pen.text((620, 130), "PT CONTOH SEJAHTERA", font=_font(54), fill=_INK, anchor="mm")
    pen.line((120, 190, 1120, 190), fill=_INK, width=5)
    pen.text((620, 280), "SURAT KETERANGAN KERJA", font=_font(40), fill=_INK, anchor="mm")
    lines = (
        "Yang bertanda tangan di bawah ini menerangkan bahwa:",
        "",
        f"Nama      : {holder.name}",
        f"NIK         : {holder.nik}",
        f"Lahir       : {holder.born_in}, {holder.born_on}",
        "",
        "telah bekerja pada perusahaan kami sampai dengan tanggal",
        "31 Oktober 2026 dan berhenti atas permintaan sendiri.",
        "",
        "Selama bekerja yang bersangkutan telah melaksanakan tugas",
        "dengan baik dan penuh tanggung jawab. Surat keterangan ini",
        "dibuat untuk dipergunakan sebagaimana mestinya.",
        "",
        "Kota Percontohan, 2 November 2026",
        "",
        "",
        "Bagian Personalia",
    )
    for index, line in enumerate(lines):
        pen.text((130, 400 + index * 62), line, font=_font(34), fill=_INK)
    letter.putalpha(255)
    height = round(width * LETTER_SIZE[1] / LETTER_SIZE[0])
    if width == LETTER_SIZE[0]:
        return letter
    return letter.resize((width, height), Image.Resampling.LANCZOS)


def _specimen(paper: Image.Image, size: int = 170) -> None:
    """SPESIMEN from corner to corner, under the print, so that nobody can pass it off."""
    mark = Image.new("L", paper.size, 0)
    middle = paper.width // 2, paper.height // 2
    ImageDraw.Draw(mark).text(middle, "SPESIMEN", font=_font(size), fill=110, anchor="mm")
    paper.paste(_MARK, (0, 0), mark.rotate(24, Image.Resampling.BILINEAR))


def _rounded() -> Image.Image:
    fine = Image.new("L", (CARD_SIZE[0] * 2, CARD_SIZE[1] * 2), 0)
    box = (0, 0, fine.width - 1, fine.height - 1)
    ImageDraw.Draw(fine).rounded_rectangle(box, _ROUND * 2, fill=255)
    return fine.reduce(2)


def _shift(colour: tuple[int, int, int], by: int) -> tuple[int, int, int]:
    return colour[0] + by, colour[1] + by, colour[2] + by


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
