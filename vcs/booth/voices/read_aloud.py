"""Makes what the booth's page reads aloud: `python -m vcs.booth.voices.read_aloud`. Needs
espeak-ng.

The words are those of the page's own texts and of the flows, each sentence a file, and the page
finds the file by the words that stand on the screen: what is heard is what is read, and what was
changed and not spoken anew is not heard. So run it again after a change of those texts; it speaks
what is new and takes away what is not said any more.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from vcs.booth.voices.make import spoken, write

TREE: Final = Path(__file__).parents[3]
VOICES: Final = TREE / "web" / "static" / "voices"
FLOWS: Final = TREE / "vcs" / "visits" / "flows"
SPEAKERS: Final = {"id": "id+f2", "en": "en-gb+f2"}
PITCH: Final = 50
WORDS_A_MINUTE: Final = 125
BIT_RATE: Final = 12_000
PROMPTS: Final = (
    *("services.title", "services.lead", "ticket.title", "ticket.where", "ticket.hold", "start."),
    *("consent.", "waiting.", "turn.next", "hold.", "break.lead.", "meanwhile", "still."),
    *("form.optional", "form.nik.where", "problem.", "overview.title", "overview.lead", "sign."),
    *("capture.", "advice.", "result.", "help.title", "help.guard", "stop.title", "stop.lead"),
    *("goodbye.", "notice.", "reconnect."),
)
"""Texts of the page with these keys, or keys that begin so."""
BUTTONS: Final = frozenset(
    (
        *("consent.agree", "consent.decline", "consent.read", "consent.quiet", "still.yes"),
        *("sign.wipe", "sign.done", "sign.there", "sign.empty", "goodbye.back"),
        *("capture.take", "capture.again", "capture.skip", "capture.go_on", "capture.taken"),
        *("result.print", "result.finish", "result.service", "result.reference"),
        *("result.account", "result.news"),
    )
)
"""Among them, what stands on a button or on the slip."""


def prompts(language: str) -> list[str]:
    """Everything that is read aloud in this language, each once, in a steady order."""
    page: dict[str, str] = json.loads(
        (TREE / "web" / "locale" / f"booth.{language}.json").read_text()
    )
    found = [
        text
        for key, text in page.items()
        if key.startswith(PROMPTS) and key not in BUTTONS and "{" not in text and ".line" not in key
    ]
    for path in sorted(FLOWS.glob("*.yaml")):
        found += _of_flow(yaml.safe_load(path.read_text()), language)
    return list(dict.fromkeys(found))


def _of_flow(flow: Mapping[str, Any], language: str) -> Iterator[str]:
    """What a visitor is shown of a flow; checks and questions are the officer's."""
    for step in flow["steps"]:
        yield step["title"][language]
        for asked in (*step.get("fields", ()), *step.get("captures", ())):
            yield asked["label"][language]
            if "hint" in asked:
                yield asked["hint"][language]
            for choice in asked.get("choices", ()):
                yield choice["label"][language]
    yield flow["result"][language]


def file_of(text: str) -> str:
    """The name of the file in which this text is spoken."""
    return hashlib.sha256(text.encode()).hexdigest()[:12] + ".ogg"


def main() -> None:
    """Speak what is not spoken yet, in each language."""
    for language, speaker in SPEAKERS.items():
        folder = VOICES / language
        folder.mkdir(parents=True, exist_ok=True)
        files = {text: file_of(text) for text in prompts(language)}
        for text, name in files.items():
            if not (folder / name).exists():
                with tempfile.TemporaryDirectory() as work:
                    sound = spoken(speaker, PITCH, WORDS_A_MINUTE, text, Path(work))
                write(sound, folder / name, BIT_RATE)
        for stale in {path.name for path in folder.glob("*.ogg")} - set(files.values()):
            (folder / stale).unlink()
        index = json.dumps(files, ensure_ascii=False, indent=0)
        (VOICES / f"{language}.json").write_text(index + "\n")


if __name__ == "__main__":
    main()
