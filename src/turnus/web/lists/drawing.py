"""What the filter builder's templates draw: groups and conditions as plain rows."""

from dataclasses import dataclass, field
from typing import cast

from turnus.core.fields import (
    CHOICE_KINDS,
    DATE_KINDS,
    KINDS,
    LINK_KINDS,
    SET_KINDS,
    TIME_KINDS,
    FieldKind,
    Operator,
    operators_of,
)
from turnus.core.filters import (
    All,
    AnyOf,
    Between,
    Condition,
    Me,
    Node,
    Not,
    RelativeDay,
    RelativePeriod,
    RelativeSpan,
)
from turnus.core.filters.tree import FilterValue
from turnus.fields.catalog import Catalog
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.fields.queries import former_name
from turnus.web.inputs import Inputs
from turnus.web.lists.builder import MANY, NO_VALUE, listing_text
from turnus.web.words import OPERATORS, PERIODS, UNITS, Speaker


@dataclass(slots=True)
class DrawnNode:
    """A group (`group` is all, any or none, with `parts`) or a condition."""

    path: str
    group: str = ""
    parts: list["DrawnNode"] = field(default_factory=list)
    field_path: str = ""
    #: What the field was called that no longer exists; empty for others.
    gone_field: str = ""
    operators: list[tuple[str, str, bool]] = field(default_factory=list)
    #: The kind of input: none, text, texts (one a line), choice, choices, day, period, time.
    entry: str = "none"
    value: str = ""
    until: str = ""
    start: str = ""
    mode: str = ""
    count: int = 30
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    units: list[tuple[str, str, bool]] = field(default_factory=list)
    is_between: bool = False
    #: Names that the type-ahead offers.
    suggestions: tuple[str, ...] = ()


class Drawer:
    """The drawing of a filter's tree, for one person."""

    def __init__(
        self, catalog: Catalog, speaker: Speaker, inputs: Inputs
    ) -> None:
        self.catalog = catalog
        self.speaker = speaker
        self.inputs = inputs

    def draw(self, node: Node, path: str = "0") -> DrawnNode:
        """Return the drawn tree."""
        if isinstance(node, Condition):
            return self._condition(node, path)
        group = "all"
        parts: tuple[Node, ...] = ()
        if isinstance(node, All | AnyOf):
            group = "any" if isinstance(node, AnyOf) else "all"
            parts = node.parts
        elif isinstance(node, Not):
            group = "none"
            parts = (
                node.part.parts
                if isinstance(node.part, AnyOf)
                else (node.part,)
            )
        drawn = [
            self.draw(part, f"{path}.{number}")
            for number, part in enumerate(parts)
        ]
        return DrawnNode(path, group, drawn)

    def _condition(self, node: Condition, path: str) -> DrawnNode:
        filtered = self.catalog.get(node.field)
        kind = filtered.kind if filtered else FieldKind.TEXT
        gone_field = "" if filtered else former_name(node.field)
        drawn = DrawnNode(path, field_path=node.field, gone_field=gone_field)
        drawn.operators = [
            (
                str(operator),
                str(OPERATORS[str(operator)]),
                operator is node.operator,
            )
            for operator in operators_of(kind)
        ]
        if node.operator in NO_VALUE:
            return drawn
        drawn.is_between = node.operator == "between"
        if node.operator in {"in_period", "not_in_period"}:
            return self._period(drawn, node.value)
        if kind in CHOICE_KINDS | SET_KINDS and filtered is not None:
            return self._choice(drawn, node, filtered)
        drawn.entry = _entry_of(kind, node.operator)
        if filtered is not None and kind in LINK_KINDS:
            drawn.suggestions = self.inputs.names(filtered)
        return self._plain(drawn, node)

    def _plain(self, drawn: DrawnNode, node: Condition) -> DrawnNode:
        value = node.value
        if isinstance(value, RelativeDay):
            drawn.mode = "ago"
            drawn.count = -value.count
        drawn.units = _units(value)
        if isinstance(value, Between):
            drawn.value = self._text(node, value.start)
            drawn.until = self._text(node, value.end)
        elif isinstance(value, tuple):
            drawn.value = self._list_text(node, value)
        elif isinstance(value, str | int):
            drawn.value = self._text(node, value)
        return drawn

    def _text(self, node: Condition, stored: str | int) -> str:
        filtered = self.catalog.get(node.field)
        if filtered is not None and filtered.kind in DATE_KINDS | TIME_KINDS:
            return str(stored)
        if stored == "":  # the blank end of a span
            return ""
        return self.speaker.name(node.field, stored)

    def _list_text(
        self, node: Condition, values: tuple[str | int | Me, ...]
    ) -> str:
        filtered = self.catalog.get(node.field)
        texts = [
            self._text(node, cast("str | int", value)) for value in values
        ]
        is_link = filtered is not None and filtered.kind in LINK_KINDS
        return "; ".join(texts) if is_link else listing_text(texts)

    def _period(self, drawn: DrawnNode, value: FilterValue) -> DrawnNode:
        drawn.entry = "period"
        drawn.mode = "named"
        if isinstance(value, RelativeSpan):
            drawn.mode = "last" if value.count < 0 else "next"
            drawn.count = abs(value.count)
        elif isinstance(value, Between):
            drawn.mode = "days"
            drawn.start = str(value.start)
            drawn.until = str(value.end)
        chosen = (
            str(value) if isinstance(value, RelativePeriod) else "last_month"
        )
        drawn.options = [
            (code, str(words), code == chosen)
            for code, words in PERIODS.items()
        ]
        drawn.units = _units(value)
        return drawn

    def _choice(
        self, drawn: DrawnNode, node: Condition, filtered: Field
    ) -> DrawnNode:
        chosen = node.value if isinstance(node.value, tuple) else (node.value,)
        choices = choices_of(filtered, self.speaker.language)
        pairs = choices.items() if choices else []
        drawn.options = [
            (str(stored), word, stored in chosen) for stored, word in pairs
        ]
        if KINDS[filtered.kind].is_user:
            is_me = any(isinstance(value, Me) for value in chosen)
            drawn.options.insert(0, ("me", self.speaker.me, is_me))
        drawn.entry = "choices" if node.operator in MANY else "choice"
        return drawn


def _entry_of(kind: FieldKind, operator: Operator) -> str:
    if kind in DATE_KINDS:
        return "day"
    if kind in TIME_KINDS:
        return "time"
    is_list = operator in MANY and kind not in LINK_KINDS
    return "texts" if is_list else "text"


def _units(value: FilterValue) -> list[tuple[str, str, bool]]:
    chosen = str(getattr(value, "unit", "days"))
    return [
        (code, str(words), code == chosen) for code, words in UNITS.items()
    ]
