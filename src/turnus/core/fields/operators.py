"""The operators of filters, and the ways in which fields compare."""

from collections.abc import Mapping
from enum import Enum, StrEnum


class Operator(StrEnum):
    """How a condition compares a field with its value."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    NOT_STARTS_WITH = "not_starts_with"
    ENDS_WITH = "ends_with"
    NOT_ENDS_WITH = "not_ends_with"
    IS_ANY_OF = "is_any_of"
    IS_NONE_OF = "is_none_of"
    IS_ALL_OF = "is_all_of"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    BETWEEN = "between"
    BEFORE = "before"
    ON_OR_BEFORE = "on_or_before"
    AFTER = "after"
    ON_OR_AFTER = "on_or_after"
    IN_PERIOD = "in_period"
    NOT_IN_PERIOD = "not_in_period"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"


O = Operator  # noqa: E741 (a table below reads better with one letter)
_EMPTY = (O.IS_EMPTY, O.IS_NOT_EMPTY)
_TEXT = (
    O.CONTAINS,
    O.NOT_CONTAINS,
    O.IS,
    O.IS_NOT,
    O.STARTS_WITH,
    O.NOT_STARTS_WITH,
    O.ENDS_WITH,
    O.NOT_ENDS_WITH,
    O.IS_ANY_OF,
    O.IS_NONE_OF,
    *_EMPTY,
)
_NUMBER = (
    O.IS,
    O.IS_NOT,
    O.LESS_THAN,
    O.AT_MOST,
    O.MORE_THAN,
    O.AT_LEAST,
    O.BETWEEN,
    *_EMPTY,
)
_DATE = (
    O.IN_PERIOD,
    O.NOT_IN_PERIOD,
    O.IS,
    O.IS_NOT,
    O.BEFORE,
    O.ON_OR_BEFORE,
    O.AFTER,
    O.ON_OR_AFTER,
    O.BETWEEN,
    *_EMPTY,
)
_TIME = (
    O.IS,
    O.IS_NOT,
    O.BEFORE,
    O.ON_OR_BEFORE,
    O.AFTER,
    O.ON_OR_AFTER,
    O.BETWEEN,
    *_EMPTY,
)
_CHOICE = (O.IS, O.IS_NOT, O.IS_ANY_OF, O.IS_NONE_OF, *_EMPTY)
_SET = (O.IS_ANY_OF, O.IS_NONE_OF, O.IS_ALL_OF, *_EMPTY)


class Comparison(Enum):
    """How the values of a kind compare: in memory and in SQL alike."""

    #: As folded text.
    TEXT = "text"
    #: As numbers in their stored form.
    NUMBER = "number"
    #: As days; a range by its first day.
    DAY = "day"
    #: By their day in the company's time zone.
    MOMENT = "moment"
    #: As times of day; a range by its start.
    TIME = "time"
    #: One choice out of known ones, by id or word.
    CHOICE = "choice"
    #: Several choices at once.
    CHOICES = "choices"
    #: The id of another record.
    LINK = "link"

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that a filter offers, the most usual first."""
        return _OPERATORS[self]


_OPERATORS: Mapping[Comparison, tuple[Operator, ...]] = {
    Comparison.TEXT: _TEXT,
    Comparison.NUMBER: _NUMBER,
    Comparison.DAY: _DATE,
    Comparison.MOMENT: _DATE,
    Comparison.TIME: _TIME,
    Comparison.CHOICE: _CHOICE,
    Comparison.CHOICES: _SET,
    Comparison.LINK: _CHOICE,
}
