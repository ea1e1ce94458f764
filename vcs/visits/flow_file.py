"""Flows are files: one YAML file for each, read at start (see docs/flows.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vcs.visits import flow_rules
from vcs.visits.flow import Flow
from vcs.visits.flow_reader import Reader
from vcs.visits.flow_tree import LARGEST, Unreadable, tree

OWN_FLOWS: Final = Path(__file__).with_name("flows")
"""The flows that come with the program."""


class BadFlow(Exception):
    """A flow's file, or several, cannot be used. Each of `mistakes` names file, line and what is
    expected there."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """A flow as its file says it. `digest`: SHA-256 of the file's bytes, hexadecimal."""

    flow: Flow
    digest: str
    path: Path


def read_flow(data: bytes, file: str) -> Flow:
    """The flow in a file's bytes; `file` is its name in what is said of mistakes.

    Raises `BadFlow` with all of them.
    """
    reader = Reader()
    try:
        flow = reader.read(tree(data))
    except Unreadable as error:
        raise BadFlow([f"{file}:{error.line}: {error}"]) from error
    found = list(reader.mistakes)
    if flow is not None:
        found += flow_rules.mistakes(flow, reader)
    if flow is None or found:
        raise BadFlow([f"{file}:{line}: {text}" for line, text in sorted(found)])
    return flow


def load_flow(path: Path) -> LoadedFlow:
    """Read one file. Raises `BadFlow`, for a file that cannot be opened too."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise BadFlow([f"{path}: {error.strerror}"]) from error
    return LoadedFlow(read_flow(data, path.name), hashlib.sha256(data).hexdigest(), path)


def load_flows(directory: Path = OWN_FLOWS) -> dict[str, LoadedFlow]:
    """Every `*.yaml` of a directory, by the flow's name.

    Raises `BadFlow` with the mistakes of all files together; so does a directory without flows, and
    one name in two files.
    """
    loaded: dict[str, LoadedFlow] = {}
    found: list[str] = []
    for path in sorted(directory.glob("*.yaml")):
        try:
            flow = load_flow(path)
        except BadFlow as error:
            found += error.mistakes
            continue
        first = loaded.setdefault(flow.flow.name, flow)
        if first is not flow:
            name = flow.flow.name
            found.append(f"{path.name}:1: the flow {name!r} is in {first.path.name} already")
    if found:
        raise BadFlow(found)
    if not loaded:
        raise BadFlow([f"{directory}: there are no flows (*.yaml)"])
    return loaded
