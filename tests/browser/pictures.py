"""Pictures of a made-up visitor, sent from a booth's page as its studio sends them."""

from __future__ import annotations

import base64

from tests.browser.people import BoothPage
from vcs.booth.card import Holder, draw_card
from vcs.booth.face import draw_face
from vcs.booth.photograph import Shot, jpeg, photograph

SITI = Holder(1, "SITI RAHMAWATI", "3174055207890004", "JAKARTA", "12-07-1989")
CARD_SIZE = (1920, 1080)


def card() -> bytes:
    """A photograph of her card, of CARD_SIZE."""
    return jpeg(photograph(draw_card(SITI, 1400), Shot()))


def face() -> bytes:
    return jpeg(draw_face(1))


def send(booth: BoothPage, capture: str, data: bytes, occupant: int) -> list[str]:
    """What the checks advise."""
    return list(
        booth.page.evaluate(
            """async ([data, capture, occupant]) => {
              const { send } = await import('/static/booth/sending.js');
              const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
              const { signal } = new AbortController();
              const about = { occupant, capture, signal, progress: () => {} };
              return (await send(new Blob([bytes]), about)).advice;
            }""",
            [base64.b64encode(data).decode(), capture, occupant],
        )
    )
