"""Reads the keys of one mapping of a set-up file as values of a kind, and notes what is wrong."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Generic, TypeVar

from turnus.core.texts import is_storable
from turnus.kit.errors import UserError
from turnus.setup.nodes import ListNode, MapNode, TextNode, YamlNode
from turnus.setup.problems import Problems

T = TypeVar("T")

_YES = frozenset({"true", "yes", "on"})
_NO = frozenset({"false", "no", "off"})
#: Longer texts are no numbers and no days.
_LONGEST = 40
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """A value with the line that it stands on."""

    value: T
    line: int


class MapReader:
    """One mapping at a place such as `plans`, of which only the `known` keys are read."""

    def __init__(
        self,
        node: YamlNode,
        place: str,
        problems: Problems,
        known: Collection[str],
    ) -> None:
        self.line = node.line
        self.place = place
        self.problems = problems
        self._nodes: dict[str, YamlNode] = {}
        self._lines: dict[str, int] = {}
        self._is_mapping = isinstance(node, MapNode)
        if not isinstance(node, MapNode):
            self._refuse_node(node, place, "mapping")
            return
        for entry in node.entries:
            if entry.key not in known:
                error = unknown_key(entry.key, known)
                problems.add(entry.line, self._at(entry.key), error)
            else:
                self._nodes[entry.key] = entry.value
                self._lines[entry.key] = entry.line

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def line_of(self, key: str) -> int:
        """Return the line of a key; that of the mapping where the key is missing."""
        return self._lines.get(key, self.line)

    def node(self, key: str) -> YamlNode | None:
        """Return what stands under a key; None if it is not there."""
        return self._nodes.get(key)

    def refuse(self, key: str, error: UserError) -> None:
        """Note that the value of a key is wrong."""
        self.problems.add(self.line_of(key), self._at(key), error)

    def required(self, key: str) -> str:
        """Return the text of a key that must be there; empty, with a problem, if it is not."""
        if key not in self._nodes:
            if self._is_mapping:
                self.refuse(key, UserError("apply.missing", key=key))
            return ""
        return self.text(key) or ""

    def text(self, key: str) -> str | None:
        """Return the text of a key; None if it is not there."""
        node = self._nodes.get(key)
        return None if node is None else self._text(node, self._at(key))

    def written(self, key: str) -> Written[str] | None:
        """Return the text of a key with its line; None if it is not there."""
        text = self.text(key)
        return None if text is None else Written(text, self.line_of(key))

    def nullable(self, key: str) -> Written[str | None] | None:
        """Return the text of a key, or None that stands there; None if the key is not there."""
        node = self._nodes.get(key)
        if node is None:
            return None
        if isinstance(node, TextNode) and node.text is None:
            return Written(None, node.line)
        text = self._text(node, self._at(key))
        return None if text is None else Written(text, node.line)

    def texts(self, key: str) -> tuple[Written[str], ...] | None:
        """Return the list of texts of a key; None if it is not there."""
        if key not in self._nodes:
            return None
        written = []
        for node in self._items(key):
            text = self._text(node, self._at(key))
            if text is not None:
                written.append(Written(text, node.line))
        self._refuse_twice(key, written)
        return tuple(written)

    def maps(self, key: str, known: Collection[str]) -> Iterator["MapReader"]:
        """Yield the mappings in the list of a key."""
        for node in self._items(key):
            yield MapReader(node, self._at(key), self.problems, known)

    def map(self, key: str, known: Collection[str]) -> "MapReader | None":
        """Return the mapping of a key; None if it is not there, or nothing is in it."""
        node = self._nodes.get(key)
        is_blank = isinstance(node, TextNode) and node.text is None
        if node is None or is_blank:
            return None
        return MapReader(node, self._at(key), self.problems, known)

    def flag(self, key: str) -> bool | None:
        """Return whether a key says yes; None if it is not there."""
        text = self.text(key)
        if text is None:
            return None
        word = text.lower()
        if word not in _YES | _NO:
            self.refuse(key, expected("flag", text))
            return None
        return word in _YES

    def number(self, key: str, *, most: int) -> int | None:
        """Return the whole number of a key, from 0 to `most`; None if it is not there."""
        text = self.text(key)
        return None if text is None else self._number(key, text, most)

    def nullable_number(
        self, key: str, *, most: int
    ) -> Written[int | None] | None:
        """Return the whole number of a key, or None that stands there; None without the key."""
        written = self.nullable(key)
        if written is None or written.value is None:
            return None if written is None else Written(None, written.line)
        number = self._number(key, written.value, most)
        return None if number is None else Written(number, written.line)

    def word(self, key: str, words: Collection[str]) -> str | None:
        """Return which of the `words` stands under a key; None if the key is not there."""
        text = self.text(key)
        if text is None:
            return None
        if text not in words:
            self.refuse(key, unknown_word(text, words))
            return None
        return text

    def day(self, key: str) -> date | None:
        """Return the day of a key; None if it is none, which is a problem."""
        text = self.required(key)
        try:
            return date.fromisoformat(text)
        except ValueError:
            if key in self._nodes:
                self.refuse(key, expected("day", text))
            return None

    def decimal(self, key: str) -> Decimal | None:
        """Return the number of a key; None if it is none, which is a problem."""
        text = self.required(key)
        try:
            return Decimal(text[:_LONGEST])
        except InvalidOperation:
            if key in self._nodes:
                self.refuse(key, expected("number", text))
            return None

    def _number(self, key: str, text: str, most: int) -> int | None:
        is_number = text.isdecimal() and text.isascii()
        if not is_number or len(text) > _LONGEST or int(text) > most:
            error = UserError(
                "apply.number_range", most=most, text=text[:_QUOTED]
            )
            self.refuse(key, error)
            return None
        return int(text)

    def _items(self, key: str) -> Sequence[YamlNode]:
        node = self._nodes.get(key)
        is_blank = isinstance(node, TextNode) and node.text is None
        if node is None or is_blank:
            return ()
        if not isinstance(node, ListNode):
            self._refuse_node(node, self._at(key), "list")
            return ()
        return node.items

    def _text(self, node: YamlNode, place: str) -> str | None:
        if not isinstance(node, TextNode) or node.text is None:
            self._refuse_node(node, place, "text")
            return None
        if not is_storable(node.text):
            error = UserError("apply.unstorable")
            self.problems.add(node.line, place, error)
            return None
        return node.text

    def _refuse_twice(self, key: str, written: list[Written[str]]) -> None:
        lines: dict[str, int] = {}
        for each in written:
            if each.value in lines:
                error = UserError(
                    "apply.name_twice",
                    name=each.value,
                    before=lines[each.value],
                )
                self.problems.add(each.line, self._at(key), error)
            lines.setdefault(each.value, each.line)

    def _refuse_node(self, node: YamlNode, place: str, wanted: str) -> None:
        self.problems.add(node.line, place, expected(wanted, shown(node)))

    def _at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key


def expected(wanted: str, found: str) -> UserError:
    """Return the refusal of a value of another kind than `wanted`."""
    return UserError(f"apply.expected_{wanted}", text=found[:_QUOTED])


def shown(node: YamlNode) -> str:
    """Return a node as messages quote it."""
    if isinstance(node, MapNode):
        return "{…}"
    if isinstance(node, ListNode):
        return "[…]"
    return "null" if node.text is None else node.text


def unknown_key(key: str, known: Collection[str]) -> UserError:
    """Return the refusal of an unknown key: with the nearest known one, else with all of them."""
    near = _nearest(key, known)
    if near:
        return UserError("apply.key_near", key=key[:_QUOTED], near=near)
    listed = ", ".join(known)
    return UserError("apply.key_unknown", key=key[:_QUOTED], listed=listed)


def unknown_word(word: str, known: Collection[str]) -> UserError:
    """Return the refusal of an unknown word: with the nearest known one, else with all of them."""
    near = _nearest(word, known)
    if near:
        return UserError("apply.word_near", text=word[:_QUOTED], near=near)
    if not known:
        return UserError("apply.word_none", text=word[:_QUOTED])
    listed = ", ".join(known)
    return UserError("apply.word_unknown", text=word[:_QUOTED], listed=listed)


def _nearest(word: str, known: Collection[str]) -> str:
    """Return the known word that was probably meant; empty if none is like it."""
    near = get_close_matches(word[:_QUOTED], list(known), n=1)
    return near[0] if near else ""
