"""A YAML text as plain nodes that know their lines: no tags, no anchors, no key twice.

Texts stay as they are written: what a value means depends on the key that it stands under, so that
`no` is a name where a name is expected.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from turnus.kit.errors import UserError
from turnus.setup.problems import Problems, SetupProblem, SetupRefusedError

#: Fifty currencies' rates of every day for ten years; all else takes a hundredth of it.
MAX_LETTERS = 10_000_000
#: libyaml where PyYAML has it: thirty times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: A filter may be nested fifty deep, each time by a key and a list.
_MAX_DEPTH = 120
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class TextNode:
    """A single value; None where nothing stands."""

    line: int
    text: str | None


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of values."""

    line: int
    items: tuple["YamlNode", ...]


@dataclass(frozen=True, slots=True)
class MapEntry:
    """A key with its value."""

    line: int
    key: str
    value: "YamlNode"


@dataclass(frozen=True, slots=True)
class MapNode:
    """Keys with their values, in the order of the file."""

    line: int
    entries: tuple[MapEntry, ...]


YamlNode = TextNode | ListNode | MapNode


def read_nodes(text: str, problems: Problems) -> YamlNode:
    """Return what a YAML text holds.

    A key that stands twice is a problem among others; raises SetupRefusedError for what cannot be
    read any further.
    """
    if len(text) > MAX_LETTERS:
        raise _refused(1, UserError("apply.too_large", limit=MAX_LETTERS))
    try:
        return _Builder(text, problems).document()
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise _refused(
            line, UserError("apply.yaml", reason=error.reason)
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = str(error.problem or error.context)
        raise _refused(
            mark.line + 1 if mark else 1,
            UserError("apply.yaml", reason=reason),
        ) from None


def _refused(line: int, error: UserError) -> SetupRefusedError:
    return SetupRefusedError([SetupProblem(line, "", error)])


class _Builder:
    """Builds nodes from the events of a parser, which reads no further than it is asked to."""

    def __init__(self, text: str, problems: Problems) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, _LOADER)
        self._problems = problems

    def document(self) -> YamlNode:
        """Return the one document; an empty text is an empty mapping."""
        node: YamlNode = MapNode(1, ())
        has_document = False
        for event in self._events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if has_document:
                raise _refused(_line(event), UserError("apply.documents"))
            has_document = True
            node = self._node(next(self._events), 0)
        is_blank = isinstance(node, TextNode) and node.text is None
        return MapNode(1, ()) if is_blank else node

    def _node(self, event: yaml.Event, depth: int) -> YamlNode:
        self._refuse_magic(event)
        if depth > _MAX_DEPTH:
            error = UserError("apply.too_deep", limit=_MAX_DEPTH)
            raise _refused(_line(event), error)
        if isinstance(event, yaml.ScalarEvent):
            is_null = not event.style and event.value in _NULLS
            return TextNode(_line(event), None if is_null else event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        return self._map(event, depth)

    def _refuse_magic(self, event: yaml.Event) -> None:
        """Refuse anchors, aliases and tags, by which a small file can mean something huge."""
        is_alias = isinstance(event, yaml.AliasEvent)
        if is_alias or getattr(event, "anchor", None) is not None:
            raise _refused(_line(event), UserError("apply.anchor"))
        tag = getattr(event, "tag", None)
        if tag is not None:
            error = UserError("apply.tag", text=str(tag))
            raise _refused(_line(event), error)

    def _list(self, start: yaml.Event, depth: int) -> ListNode:
        items: list[YamlNode] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, depth + 1))
        return ListNode(_line(start), tuple(items))

    def _map(self, start: yaml.Event, depth: int) -> MapNode:
        entries: dict[str, MapEntry] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, TextNode) or key.text is None:
                raise _refused(key.line, UserError("apply.key"))
            if key.text in entries:
                error = UserError(
                    "apply.key_twice",
                    key=key.text,
                    before=entries[key.text].line,
                )
                self._problems.add(key.line, key.text, error)
                continue
            entries[key.text] = MapEntry(key.line, key.text, value)
        return MapNode(_line(start), tuple(entries.values()))


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark else 1
