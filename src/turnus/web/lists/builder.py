"""The filter builder: from a tree to the fields of a form, and back.

It works without JavaScript: every button posts, and the form is drawn again.

The form names its nodes by path: `0` is the root, `0.1` its second part. A group has
`<path>.group` (all, any, none), a condition
`<path>.field`, `.operator`, `.value` (several), `.until`, `.mode`, `.count`, `.unit`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from turnus.accounts.models import User
from turnus.contacts.queries import contacts_called
from turnus.core.fields import (
    CHOICE_KINDS,
    DATE_KINDS,
    KINDS,
    LINK_KINDS,
    NUMBER_KINDS,
    SET_KINDS,
    FieldKind,
    Notation,
    Operator,
    operators_of,
)
from turnus.core.fields.errors import ParseError
from turnus.core.filters import (
    All,
    AnyOf,
    Between,
    Condition,
    Me,
    Node,
    Not,
    PeriodUnit,
    RelativeDay,
    RelativePeriod,
    RelativeSpan,
    to_json,
)
from turnus.core.filters.tree import MAX_DEPTH, FilterValue
from turnus.fields.catalog import Catalog
from turnus.fields.queries import records_of
from turnus.kit.errors import UserError
from turnus.listing.compiling import refuse_gone_fields
from turnus.listing.trees import too_large, tree_in
from turnus.web.kinds import FACES
from turnus.web.parameters import ids_in, number_in

O = Operator  # noqa: E741 (tables read better with one letter)
#: Operators that take several choices.
MANY = frozenset({O.IS_ANY_OF, O.IS_NONE_OF, O.IS_ALL_OF})
NO_VALUE = frozenset({O.IS_EMPTY, O.IS_NOT_EMPTY})
#: What a condition compares with, where it is no list and no period.
SingleValue = str | int | Me
_PERIODIC = frozenset({O.IN_PERIOD, O.NOT_IN_PERIOD})
#: Kinds whose values are chosen, or found by name.
_CHOSEN = CHOICE_KINDS | SET_KINDS | LINK_KINDS
#: No group of a sensible filter has more parts; a form with more is not ours.
_MAX_PARTS = 200


@dataclass(frozen=True, slots=True)
class Posted:
    """A posted form with what its values mean to the person who posted it."""

    data: QueryDict
    user: User
    catalog: Catalog
    notation: Notation

    def node(self, path: str = "0") -> Node | None:
        """Return the node at `path`, None if the form has none; refuses groups nested too deep."""
        if path.count(".") > MAX_DEPTH:
            raise too_large()
        group = self.data.get(f"{path}.group")
        if group is None:
            return (
                self._condition(path) if f"{path}.field" in self.data else None
            )
        parts = tuple(self._parts(path))
        if group == "none":
            return Not(AnyOf(parts)) if parts else All(())
        return AnyOf(parts) if group == "any" else All(parts)

    def refuse_unreadable(self) -> None:
        """Refuse a typed value that cannot be read: its condition would hold for everything."""
        for name in self.data:
            path, _dot, part = name.rpartition(".")
            if part != "field":
                continue
            for text in self._unreadable_values(path):
                raise UserError("value.invalid", text=text)

    def _unreadable_values(self, path: str) -> Iterator[str]:
        """Yield what was typed as a value of the condition at `path`, and cannot be read."""
        field = self.catalog.get(self.data.get(f"{path}.field", ""))
        if field is None or field.kind in _CHOSEN:
            return
        operator = self.data.get(f"{path}.operator", "")
        if operator in NO_VALUE | _PERIODIC:
            return
        if self.data.get(f"{path}.mode") == "ago":
            return
        texts = self._values(path, is_list=operator in MANY)
        if operator == O.BETWEEN:
            texts.append(self.data.get(f"{path}.until", ""))
        for text in texts:
            if text.strip() and self._stored(text, field.kind) is None:
                yield text

    def _parts(self, path: str) -> Iterator[Node]:
        for number in range(_MAX_PARTS):
            part = self.node(f"{path}.{number}")
            if part is not None:
                yield part

    def _condition(self, path: str) -> Condition:
        field_path = self.data.get(f"{path}.field", "")
        field = self.catalog.get(field_path)
        if field is None:
            return Condition(field_path or "title", O.IS)
        operators = operators_of(field.kind)
        word = self.data.get(f"{path}.operator", "")
        operator = Operator(word) if word in set(operators) else operators[0]
        if operator in NO_VALUE:
            return Condition(field_path, operator)
        return Condition(
            field_path, operator, self._value(path, field.kind, operator)
        )

    def _value(
        self, path: str, kind: FieldKind, operator: Operator
    ) -> FilterValue:
        takes_several = operator in MANY
        is_text = kind not in _CHOSEN
        values = self._values(path, is_list=takes_several and is_text)
        if operator in _PERIODIC:
            return self._period(path, values)
        if kind in DATE_KINDS and self.data.get(f"{path}.mode") == "ago":
            return RelativeDay(-self._count(path), self._unit(path))
        if operator is O.BETWEEN:
            return self._between(path, values, kind)
        if takes_several and kind in LINK_KINDS:
            values = [
                name for text in values for name in self._names(text, kind)
            ]
        stored = self._all_stored(values, kind)
        if takes_several or kind in SET_KINDS:
            return tuple(stored) or None
        return stored[0] if stored else None

    def _between(
        self, path: str, values: list[str], kind: FieldKind
    ) -> Between | None:
        """Return the span that was typed, a blank end as an empty text; None for two of them."""
        start = self._end(values[0] if values else "", kind)
        end = self._end(self.data.get(f"{path}.until", ""), kind)
        return None if start == end == "" else Between(start, end)

    def _end(self, text: str, kind: FieldKind) -> str | int:
        """Return an end of a span in stored form; empty for a blank one, or one of no sense."""
        stored = self._stored(text, kind)
        return stored if isinstance(stored, str | int) else ""

    def _values(self, path: str, *, is_list: bool) -> list[str]:
        values = self.data.getlist(f"{path}.value")
        if is_list and values:
            values = listed_values(values[0])
        return [value for value in values if value.strip()]

    def _names(self, text: str, kind: FieldKind) -> list[str]:
        """Return the names in a text: the whole text if it is one, else its parts."""
        if self._contact(text, kind) is not None:
            return [text]
        return text.split(";" if ";" in text else ",")

    def _contact(self, name: str, kind: FieldKind) -> int | None:
        contacts = records_of(kind).present().visible_to(self.user)
        called = contacts_called(name, contacts)
        return called[0][0] if called else None

    def _period(
        self, path: str, values: list[str]
    ) -> RelativeSpan | Between | RelativePeriod:
        mode = self.data.get(f"{path}.mode", "named")
        if mode in {"last", "next"}:
            count = self._count(path)
            return RelativeSpan(
                -count if mode == "last" else count, self._unit(path)
            )
        if mode == "days":
            first = self.data.get(f"{path}.from", "")
            return Between(first, self.data.get(f"{path}.until", ""))
        names = set(map(str, RelativePeriod))
        if values and values[0] in names:
            return RelativePeriod(values[0])
        return RelativePeriod.LAST_MONTH

    def _count(self, path: str) -> int:
        number = number_in(self.data.get(f"{path}.count"))
        return 30 if number is None else min(number, 36_500)

    def _unit(self, path: str) -> PeriodUnit:
        word = self.data.get(f"{path}.unit", "days")
        return PeriodUnit(word) if word in set(PeriodUnit) else PeriodUnit.DAYS

    def _all_stored(
        self, texts: Iterable[str], kind: FieldKind
    ) -> list[SingleValue]:
        """Return typed values in stored form, without those that cannot be read."""
        stored = [self._stored(text, kind) for text in texts]
        return [value for value in stored if value is not None]

    def _stored(self, text: str, kind: FieldKind) -> SingleValue | None:
        """Return a typed value in stored form, None where it cannot be read."""
        if text == "me" and KINDS[kind].is_user:
            return Me()
        if kind in CHOICE_KINDS | SET_KINDS:
            number = number_in(text)
            return text if number is None else number
        if kind in LINK_KINDS:
            # A name of no contact that the person may see stays as typed: it is shown again, and
            # refused (`refuse_unknown`).
            return self._contact(text, kind) or text.strip() or None
        if kind in NUMBER_KINDS and not text.strip():
            return None
        try:
            return FACES[kind].compared.stored(text, self.notation)
        except (ParseError, OverflowError):
            return None


def with_open_ends(node: Node, catalog: Catalog) -> Node:
    """Return a filter in which a span with a blank end is open there, and says so.

    From 100 to nothing is at least 100.
    """
    if isinstance(node, All | AnyOf):
        parts = [with_open_ends(part, catalog) for part in node.parts]
        return type(node)(tuple(parts))
    if isinstance(node, Not):
        return Not(with_open_ends(node.part, catalog))
    field = catalog.get(node.field)
    if field is None or not isinstance(node.value, Between):
        return node
    return _opened_span(node, node.value, field.kind)


def _opened_span(node: Condition, span: Between, kind: FieldKind) -> Condition:
    has_start = span.start != ""
    has_end = span.end != ""
    if has_start == has_end:
        return node
    end = span.start if has_start else span.end
    if node.operator is O.NOT_IN_PERIOD:
        return Condition(node.field, O.BEFORE if has_start else O.AFTER, end)
    if O.AT_LEAST in operators_of(kind):
        from_start, to_end = O.AT_LEAST, O.AT_MOST
    else:
        from_start, to_end = O.ON_OR_AFTER, O.ON_OR_BEFORE
    return Condition(node.field, from_start if has_start else to_end, end)


def refuse_unknown(node: Node, catalog: Catalog) -> None:
    """Refuse a filter with a field that is gone, too many parts, or a name of no contact.

    Unfinished, its condition would hold for everything.
    """
    refuse_gone_fields(node, catalog)
    tree_in(to_json(node))
    _refuse_unknown_names(node, catalog)


def _refuse_unknown_names(node: Node, catalog: Catalog) -> None:
    if isinstance(node, All | AnyOf | Not):
        for part in (node.part,) if isinstance(node, Not) else node.parts:
            _refuse_unknown_names(part, catalog)
        return
    field = catalog.get(node.field)
    values = node.value if isinstance(node.value, tuple) else (node.value,)
    name = next((value for value in values if isinstance(value, str)), None)
    if name is not None and field is not None and field.kind in LINK_KINDS:
        raise UserError("contact.not_found", name=name)


def listed_values(text: str) -> list[str]:
    """Return the listed values: one a line; on a single line, between commas or semicolons."""
    lines = text.splitlines(keepends=True)
    if len(lines) == 1 and not lines[0].endswith("\n"):
        lines = re.split("[,;]", text)
    return [line.strip() for line in lines if line.strip()]


def listing_text(words: Sequence[str]) -> str:
    """Return the text that `listed_values` reads back; a lone value keeps its line end."""
    return "\n".join(words) + ("\n" if len(words) == 1 else "")


def changed(node: Node, action: str) -> Node:
    """Return the tree after a button: `add:0.1`, `group:0.1` (a group inside), `remove:0.1`."""
    verb, _, path = action.partition(":")
    steps = ids_in(path.split(".")[1:])
    return _at(node, steps, verb)


def _at(node: Node, steps: list[int], verb: str) -> Node:
    parts, rebuild = _opened(node)
    if not steps:
        new: dict[str, Node] = {
            "add": Condition("status", O.IS),
            "group": AnyOf((Condition("status", O.IS),)),
        }
        return rebuild((*parts, new[verb])) if verb in new else node
    place, *rest = steps
    if place >= len(parts):
        return node
    if not rest and verb == "remove":
        return rebuild(parts[:place] + parts[place + 1 :])
    part = _at(parts[place], rest, verb)
    return rebuild((*parts[:place], part, *parts[place + 1 :]))


def _opened(
    node: Node,
) -> tuple[tuple[Node, ...], Callable[[tuple[Node, ...]], Node]]:
    if isinstance(node, All | AnyOf):
        return node.parts, type(node)
    if isinstance(node, Not) and isinstance(node.part, AnyOf):
        return node.part.parts, lambda parts: Not(AnyOf(parts))
    return (), lambda _parts: node
