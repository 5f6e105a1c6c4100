"""What the filter builder's templates draw: groups and conditions as plain rows."""

from dataclasses import dataclass, field
from typing import Any

from turnus.core.fields import (
    CHOICE_KINDS,
    DATE_KINDS,
    LINK_KINDS,
    SET_KINDS,
    TIME_KINDS,
    FieldKind,
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
from turnus.fields.catalog import Catalog
from turnus.fields.choices import choices_of
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
    """Draws a tree for one person."""

    def __init__(self, catalog: Catalog, speaker: Speaker, inputs: Inputs) -> None:
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
            group, parts = ("any" if isinstance(node, AnyOf) else "all"), node.parts
        elif isinstance(node, Not):
            group, parts = (
                "none",
                node.part.parts if isinstance(node.part, AnyOf) else (node.part,),
            )
        return DrawnNode(
            path,
            group,
            [self.draw(part, f"{path}.{number}") for number, part in enumerate(parts)],
        )

    def _condition(self, node: Condition, path: str) -> DrawnNode:
        known = self.catalog.get(node.field)
        kind = known.kind if known else FieldKind.TEXT
        drawn = DrawnNode(
            path,
            field_path=node.field,
            gone_field="" if known else former_name(node.field),
        )
        drawn.operators = [
            (str(one), str(OPERATORS[str(one)]), one is node.operator)
            for one in operators_of(kind)
        ]
        if node.operator in NO_VALUE:
            return drawn
        drawn.is_between = node.operator == "between"
        if node.operator in {"in_period", "not_in_period"}:
            return self._period(drawn, node.value)
        if kind in CHOICE_KINDS | SET_KINDS and known is not None:
            return self._choice(drawn, node, known)
        drawn.entry = (
            "day" if kind in DATE_KINDS else "time" if kind in TIME_KINDS else "text"
        )
        if known is not None and kind in LINK_KINDS:
            drawn.suggestions = self.inputs.names(known)
        if node.operator in MANY and drawn.entry == "text" and kind not in LINK_KINDS:
            drawn.entry = "texts"
        return self._plain(drawn, node)

    def _plain(self, drawn: DrawnNode, node: Condition) -> DrawnNode:
        value, known = node.value, self.catalog.get(node.field)
        if isinstance(value, RelativeDay):
            drawn.mode, drawn.count = "ago", -value.count
        drawn.units = _units(value)
        if isinstance(value, Between):
            drawn.value, drawn.until = (
                self._text(node, value.start),
                self._text(node, value.end),
            )
        elif isinstance(value, tuple):
            texts = [self._text(node, one) for one in value]
            is_link = known is not None and known.kind in LINK_KINDS
            drawn.value = "; ".join(texts) if is_link else listing_text(texts)
        elif isinstance(value, str | int):
            drawn.value = self._text(node, value)
        return drawn

    def _text(self, node: Condition, stored: Any) -> str:
        known = self.catalog.get(node.field)
        if known is not None and known.kind in DATE_KINDS | TIME_KINDS:
            return str(stored)
        return self.speaker.name(node.field, stored)

    def _period(self, drawn: DrawnNode, value: Any) -> DrawnNode:
        drawn.entry, drawn.mode = "period", "named"
        if isinstance(value, RelativeSpan):
            drawn.mode, drawn.count = (
                ("last" if value.count < 0 else "next"),
                abs(value.count),
            )
        elif isinstance(value, Between):
            drawn.mode, drawn.start, drawn.until = (
                "days",
                str(value.start),
                str(value.end),
            )
        chosen = str(value) if isinstance(value, RelativePeriod) else "last_month"
        drawn.options = [
            (word, str(said), word == chosen) for word, said in PERIODS.items()
        ]
        drawn.units = _units(value)
        return drawn

    def _choice(self, drawn: DrawnNode, node: Condition, known: Any) -> DrawnNode:
        chosen = node.value if isinstance(node.value, tuple) else (node.value,)
        choices = choices_of(known, self.speaker.language)
        pairs = choices.items() if choices else []
        drawn.options = [
            (str(stored), word, stored in chosen) for stored, word in pairs
        ]
        if known.kind is FieldKind.USER:
            is_me = any(isinstance(one, Me) for one in chosen)
            drawn.options.insert(0, ("me", self.speaker.me, is_me))
        drawn.entry = "choices" if node.operator in MANY else "choice"
        return drawn


def _units(value: Any) -> list[tuple[str, str, bool]]:
    chosen = str(getattr(value, "unit", "days"))
    return [(word, str(said), word == chosen) for word, said in UNITS.items()]
