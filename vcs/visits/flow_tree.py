"""The tree of a flow's file: YAML without what a flow has no use for.

No aliases (which could unfold without end), no tags, no second document, no deep nesting; sizes are
bounded before anything is parsed. Nothing is ever constructed from the file but text.
"""

from __future__ import annotations

from typing import Final

import yaml

LARGEST: Final = 256 * 1024
DEEPEST: Final = 16


class Unreadable(Exception):
    """No tree can be had. `line` is 1 for the first."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def tree(data: bytes) -> yaml.Node:
    """The root of the file's tree. Raises `Unreadable`."""
    if len(data) > LARGEST:
        raise Unreadable(1, f"the file is larger than {LARGEST} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "this is no UTF-8 text") from error
    try:
        _look_over(text)
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise Unreadable(mark.line + 1 if mark else 1, f"this is no YAML: {said}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(
            line, f"this character is not allowed: {ord(text[error.position]):#06x}"
        ) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # Escapes that name no character are not caught by the scanner.
        raise Unreadable(1, f"this is no YAML: {error}") from error
    if root is None:
        raise Unreadable(1, "the file is empty")
    return root


def _look_over(text: str) -> None:
    """Refuses what the composer must not see. Events cost memory for one line at a time."""
    depth = documents = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise Unreadable(line, "anchors and aliases (& and *) are not taken: write it out")
        if getattr(event, "tag", None) is not None:
            raise Unreadable(line, "tags (!) are not taken")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Unreadable(line, "there is a second document; a file holds one flow")
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise Unreadable(line, f"nested deeper than {DEEPEST}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
