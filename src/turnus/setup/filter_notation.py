"""Filters in a set-up file: the tree of `core.filters`, with names in place of numbers.

where:
all:
- {field: status, operator: is, value: won}
- {field: won_at, operator: in_period, value: {period: last_month}}
- {field: custom.Abo, operator: is_any_of, value: [Yearly, Monthly]}
"""

from collections.abc import Mapping
from dataclasses import dataclass

from turnus.core.fields import operators_of
from turnus.core.filters import (
    EVERYTHING,
    All,
    AnyOf,
    Between,
    Condition,
    FilterError,
    Me,
    Node,
    Not,
    RelativeDay,
    RelativePeriod,
    RelativeSpan,
    from_json,
)
from turnus.core.filters.matching import fits, is_unfinished
from turnus.core.filters.tree import FilterValue
from turnus.fields.field import Field
from turnus.kit.errors import UserError
from turnus.setup.filter_names import FilterNames
from turnus.setup.map_reader import expected, shown, unknown_word
from turnus.setup.nodes import ListNode, MapNode, TextNode, YamlNode
from turnus.setup.problems import Problems
from turnus.setup.yaml_values import YamlValue

_GROUPS = ("all", "any", "not")
_CONDITION_KEYS = ("field", "operator", "value")
#: Keys of values that no name stands in.
_WHOLE_NUMBERS = frozenset({"span", "ago"})


@dataclass(frozen=True, slots=True)
class FilterReader:
    """Reads the tree of one filter; what is wrong is noted with its line."""

    names: FilterNames
    problems: Problems
    place: str

    def tree(self, written: YamlNode | None) -> Node:
        """Return the tree; without one, that of all records."""
        is_blank = isinstance(written, TextNode) and written.text is None
        if written is None or is_blank:
            return EVERYTHING
        return self._node(written)

    def _node(self, written: YamlNode) -> Node:
        if not isinstance(written, MapNode):
            self._refuse(written, expected("mapping", shown(written)))
            return EVERYTHING
        values = {entry.key: entry.value for entry in written.entries}
        groups = [word for word in _GROUPS if word in values]
        known = _GROUPS if groups else _CONDITION_KEYS
        for entry in written.entries:
            if entry.key not in known:
                self.problems.add(
                    entry.line, self.place, unknown_word(entry.key, known)
                )
        if not groups:
            return self._condition(written, values)
        if len(values) > 1:
            self._refuse(written, UserError("apply.filter_groups"))
        word = groups[0]
        if word == "not":
            return Not(self._node(values["not"]))
        parts = self._parts(values[word])
        return All(parts) if word == "all" else AnyOf(parts)

    def _parts(self, written: YamlNode) -> tuple[Node, ...]:
        if not isinstance(written, ListNode):
            self._refuse(written, expected("list", shown(written)))
            return ()
        return tuple(self._node(item) for item in written.items)

    def _condition(
        self, written: MapNode, values: Mapping[str, YamlNode]
    ) -> Node:
        try:
            return self._checked(values)
        except UserError as error:
            self._refuse(written, error)
            return EVERYTHING

    def _checked(self, values: Mapping[str, YamlNode]) -> Node:
        path = self.names.path(_text(values, "field"))
        field = self.names.catalog[path]
        operator = _text(values, "operator")
        operators = [str(each) for each in operators_of(field.kind)]
        if operator not in operators:
            raise unknown_word(operator, operators)
        value = values.get("value")
        json = {
            "field": path,
            "operator": operator,
            "value": None if value is None else self._value(field, value),
        }
        try:
            condition = from_json(json)
        except FilterError as error:
            raise UserError(
                "apply.filter_value", expected=error.expected
            ) from None
        if not _goes_with(condition, field):
            raise UserError("apply.filter_misfit", operator=operator)
        return condition

    def _value(self, field: Field, written: YamlNode) -> object:
        """Return the JSON of a value, with the stored forms of what names stand for."""
        if isinstance(written, TextNode):
            text = written.text
            return None if text is None else self.names.stored(field, text)
        if isinstance(written, ListNode):
            return [self._value(field, item) for item in written.items]
        values = {entry.key: entry.value for entry in written.entries}
        if "from" in values or "until" in values:
            return {
                key: self._value(field, value) for key, value in values.items()
            }
        return {key: _word(key, value) for key, value in values.items()}

    def _refuse(self, written: YamlNode, error: UserError) -> None:
        self.problems.add(written.line, self.place, error)


def _goes_with(node: Node, field: Field) -> bool:
    """Return whether a condition can be asked of a field; an unfinished one holds for all."""
    if not isinstance(node, Condition) or is_unfinished(node):
        return True
    return fits(node, field.kind)


def _text(values: Mapping[str, YamlNode], key: str) -> str:
    node = values.get(key)
    if node is None:
        raise UserError("apply.missing", key=key)
    if not isinstance(node, TextNode) or node.text is None:
        raise expected("text", shown(node))
    return node.text


def _word(key: str, written: YamlNode) -> object:
    """Return a word of a value such as `{period: last_month}` or `{span: -30, unit: days}`."""
    text = written.text if isinstance(written, TextNode) else None
    if text is None:
        raise expected("text", shown(written))
    if key == "me":
        return text == "true"
    if key not in _WHOLE_NUMBERS:
        return text
    digits = text.removeprefix("-")
    is_number = digits.isdecimal() and digits.isascii() and len(digits) < 10
    if not is_number:
        raise expected("number", text)
    return int(text)


@dataclass(frozen=True, slots=True)
class FilterWriter:
    """Writes the trees of filters of one kind of list."""

    names: FilterNames

    def tree(self, node: Node) -> YamlValue:
        """Return a tree as the file has it; refuses what only a number could name."""
        if isinstance(node, All):
            return {"all": [self.tree(part) for part in node.parts]}
        if isinstance(node, AnyOf):
            return {"any": [self.tree(part) for part in node.parts]}
        if isinstance(node, Not):
            return {"not": self.tree(node.part)}
        field = self.names.catalog.get(node.field)
        if field is None:
            raise UserError("apply.filter_unnamed", field=node.field)
        written: dict[str, YamlValue] = {
            "field": self.names.words[node.field],
            "operator": str(node.operator),
        }
        if node.value is not None:
            written["value"] = self._value(field, node.value)
        return written

    def _value(self, field: Field, value: FilterValue) -> YamlValue:
        if isinstance(value, tuple):
            return [self._value(field, choice) for choice in value]
        if isinstance(value, Me):
            return {"me": True}
        if isinstance(value, RelativePeriod):
            return {"period": str(value)}
        if isinstance(value, RelativeSpan):
            return {"span": value.count, "unit": str(value.unit)}
        if isinstance(value, RelativeDay):
            return {"ago": -value.count, "unit": str(value.unit)}
        if isinstance(value, Between):
            return {
                "from": self._value(field, value.start),
                "until": self._value(field, value.end),
            }
        word = None if value is None else self.names.written(field, value)
        if word is None:
            raise UserError("apply.filter_unnamed", field=field.name("en"))
        return word
