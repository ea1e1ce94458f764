"""A small claim for tests, and what a visitor brings."""

from __future__ import annotations

from vcs.visits import changes as c
from vcs.visits.cutting import cut_id, cut_size
from vcs.visits.flow import Capture, Check, Field, Flow, Question, Reason, Step, Words


def words(text: str) -> Words:
    return Words(text, text)


CLAIM = Flow(
    name="claim",
    version=1,
    title=words("Claim"),
    result=words("Money comes"),
    steps=[
        Step(
            "identity",
            words("Identity"),
            fields=[
                Field("name", "name", words("Name")),
                Field("phone", "phone", words("Phone"), required=False),
            ],
        ),
        Step(
            "documents",
            words("Documents"),
            captures=[
                Capture("card", "card", words("Card")),
                Capture("face", "face", words("Face")),
                Capture("letter", "document", words("Letter"), required=False),
            ],
            signature=True,
        ),
        Step(
            "interview",
            words("Interview"),
            attended=True,
            checks=[Check("genuine", words("Genuine")), Check("alone", words("Alone"))],
            questions=[Question(name, words(name)) for name in ("one", "two", "three", "four")]
            + [Question(f"move_{n}", words("Move"), liveness=True) for n in (1, 2)],
            deal=3,
        ),
    ],
    rejections=[Reason("fraud", words("Fraud"))],
    missing=[Reason("letter", words("Letter"))],
)


def begun() -> c.Begun:
    return c.Begun("claim", 1, "0" * 64, None, 1, 1, "id")


def taken(capture: str, identifier: str, advice: list[c.Advice] | None = None) -> c.CaptureTaken:
    subject = next(
        (w.subject for s in CLAIM.steps for w in s.captures if w.name == capture), "document"
    )
    return c.CaptureTaken(
        identifier, capture, subject, identifier[:1] * 64, 1000, 1280, 800, advice or []
    )


def cut_out(of: str, turns: int, rectangle: c.Rectangle) -> c.CaptureDerived:
    """As the studio would write it."""
    width, height = cut_size(turns, rectangle)
    identifier = cut_id(of, turns, rectangle)
    return c.CaptureDerived(
        identifier, of, of[:1] * 64, "c" * 64, 900, width, height, turns, rectangle
    )
