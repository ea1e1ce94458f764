"""From the tree of a flow's file to the values of `flow`, with a line for every mistake.

What a key may hold is read off the annotations in `flow`, so that the file's format and the values
cannot differ. After a mistake reading goes on with a stand-in, so that all mistakes are told at
once; what rests on a stand-in is known as `broken` and not looked at further.
"""

from __future__ import annotations

import re
import types
import typing
from typing import Any, Final, Literal, TypeVar

import msgspec
import yaml

from vcs.visits.flow import Flow

S = TypeVar("S", bound=msgspec.Struct)

LONGEST_TEXT: Final = 600
_WHOLE: Final = re.compile(r"[0-9]{1,6}")
_TRUTH: Final = {"true": True, "false": False}


class Reader:
    """Reads one file. `mistakes` are (line, text), in the order in which they were found."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[int, str]] = []
        self._lines: dict[tuple[int, str], int] = {}
        self._broken: set[tuple[int, str]] = set()
        # Lines are kept by identity, so nothing that has one may go away.
        self._alive: list[object] = []

    def read(self, root: yaml.Node) -> Flow | None:
        """The flow, whole only when there are no mistakes; None when there is nothing like one."""
        return self._struct(root, Flow, "the flow")

    def line(self, value: object, key: str = "") -> int:
        """Where a value stands, or one of its keys; a key that is left out is its value's line."""
        return self._lines.get((id(value), key)) or self._lines.get((id(value), ""), 1)

    def broken(self, value: object, key: str) -> bool:
        """Whether this key holds a stand-in."""
        return (id(value), key) in self._broken

    def tell(self, line: int, text: str) -> None:
        self.mistakes.append((line, text))

    def _struct(self, node: yaml.Node, kind: type[S], whose: str) -> S | None:
        if not isinstance(node, yaml.MappingNode):
            self.tell(_line(node), f"{whose}: expected keys and values, found {_found(node)}")
            return None
        lines, nodes = self._keys(node, whose)
        name = nodes.get("name")
        if isinstance(name, yaml.ScalarNode) and "name" in kind.__struct_fields__:
            whose = f"{kind.__name__.lower()} {name.value!r}"
        hints = typing.get_type_hints(kind)
        values: dict[str, Any] = {}
        broken: list[str] = []
        for key, each in nodes.items():
            if key not in hints:
                known = ", ".join(hints)
                self.tell(lines[key], f"{whose}: unknown key {key!r} (one of: {known})")
                continue
            values[key], whole = self._value(each, hints[key], key, whose)
            if not whole:
                broken.append(key)
        for needed in msgspec.structs.fields(kind):
            if needed.required and needed.name not in nodes:
                self.tell(_line(node), f"{whose}: {needed.name!r} is missing")
                values[needed.name] = _stand_in(hints[needed.name])
                broken.append(needed.name)
        made = kind(**values)
        self._alive.append(made)
        self._lines[id(made), ""] = _line(node)
        self._lines.update({(id(made), key): line for key, line in lines.items()})
        self._broken.update((id(made), key) for key in broken)
        return made

    def _keys(
        self, node: yaml.MappingNode, whose: str
    ) -> tuple[dict[str, int], dict[str, yaml.Node]]:
        """Where each key stands, and what it holds."""
        lines: dict[str, int] = {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.tell(_line(key), f"{whose}: a key must be a word, found {_found(key)}")
            elif key.value in found:
                self.tell(_line(key), f"{whose}: {key.value!r} stands here a second time")
            else:
                lines[key.value], found[key.value] = _line(key), value
        return lines, found

    def _value(self, node: yaml.Node, hint: Any, key: str, whose: str) -> tuple[Any, bool]:
        """The value, or a stand-in and False."""
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin is types.UnionType or origin is typing.Union:
            hint = next(each for each in inner if each is not type(None))
            origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin is list:
            return self._list(node, inner[0], key, whose)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            made = self._struct(node, hint, f"{whose}: {key}")
            return (_stand_in(hint), False) if made is None else (made, True)
        if not isinstance(node, yaml.ScalarNode):
            expected = "text" if hint is str else "one value"
            self.tell(_line(node), f"{whose}: {key}: expected {expected}, found {_found(node)}")
            return _stand_in(hint), False
        value = self._scalar(node, hint, key, whose)
        return (_stand_in(hint), False) if value is None else (value, True)

    def _list(self, node: yaml.Node, inner: Any, key: str, whose: str) -> tuple[list[Any], bool]:
        if not isinstance(node, yaml.SequenceNode):
            self.tell(_line(node), f"{whose}: {key}: expected a list, found {_found(node)}")
            return [], False
        values: list[Any] = []
        for n, each in enumerate(node.value, 1):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                made = self._struct(each, inner, f"{whose}: {key} {n}")
                if made is not None:
                    values.append(made)
            else:
                value, whole = self._value(each, inner, key, whose)
                if whole:
                    values.append(value)
        return values, len(values) == len(node.value)

    def _scalar(self, node: yaml.ScalarNode, hint: Any, key: str, whose: str) -> Any:
        text: str = node.value
        expected = ""
        if typing.get_origin(hint) is Literal:
            if text in typing.get_args(hint):
                return text
            known = ", ".join(typing.get_args(hint))
            self.tell(_line(node), f"{whose}: unknown {key} {text!r} (one of: {known})")
            return None
        if hint is bool:
            if node.style is None and text in _TRUTH:
                return _TRUTH[text]
            expected = "true or false"
        elif hint is int:
            if node.style is None and _WHOLE.fullmatch(text):
                return int(text)
            expected = "a whole number"
        elif not text.strip() or (node.style is None and text in ("~", "null")):
            expected = "text"
        elif len(text) > LONGEST_TEXT:
            self.tell(_line(node), f"{whose}: {key}: longer than {LONGEST_TEXT} characters")
            return None
        elif not all(each.isprintable() or each == "\n" for each in text):
            self.tell(_line(node), f"{whose}: {key}: there is a character that cannot be seen")
            return None
        else:
            return text.strip()
        self.tell(_line(node), f"{whose}: {key}: expected {expected}, found {_found(node)}")
        return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _found(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "keys and values"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    text = str(node.value)
    return repr(text if len(text) <= 40 else text[:40] + "...") if text else "nothing"


def _stand_in(hint: Any) -> Any:
    """Something of this type, for what could not be read."""
    if typing.get_origin(hint) is Literal:
        return typing.get_args(hint)[0]
    if typing.get_origin(hint) is list:
        return []
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = typing.get_type_hints(hint)
        needed = (each.name for each in msgspec.structs.fields(hint) if each.required)
        return hint(**{name: _stand_in(hints[name]) for name in needed})
    return {str: "", int: 0, bool: False}.get(hint)
