"""Filters as trees of conditions: kept as JSON, matched in memory, said in words; compiled to queries by `listing`."""

from turnus.core.filters.describing import Phrase, PhraseCode, describe
from turnus.core.filters.matching import FieldGoneError, Scene, gone_fields, matches
from turnus.core.filters.periods import RelativeDay, RelativePeriod, RelativeSpan, Unit, resolve_day, resolve_period
from turnus.core.filters.tree import (
    EVERYTHING,
    All,
    AnyOf,
    Between,
    Condition,
    FilterError,
    FilterTooFarError,
    FilterTooLargeError,
    Me,
    Node,
    Not,
    conditions_of,
    from_json,
    from_text,
    to_json,
)

__all__ = [
    "EVERYTHING",
    "All",
    "AnyOf",
    "Between",
    "Condition",
    "FieldGoneError",
    "FilterError",
    "FilterTooFarError",
    "FilterTooLargeError",
    "Me",
    "Node",
    "Not",
    "Phrase",
    "PhraseCode",
    "RelativeDay",
    "RelativePeriod",
    "RelativeSpan",
    "Scene",
    "Unit",
    "conditions_of",
    "describe",
    "from_json",
    "from_text",
    "gone_fields",
    "matches",
    "resolve_day",
    "resolve_period",
    "to_json",
]
