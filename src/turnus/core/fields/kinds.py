"""The kinds of fields and the operators each of them allows in a filter."""

from enum import StrEnum


class FieldKind(StrEnum):
    """What a field holds. The first sixteen are for custom fields, the others built-in only."""

    TEXT = "text"
    LARGE_TEXT = "large_text"
    AUTOCOMPLETE = "autocomplete"
    NUMBER = "number"
    MONEY = "money"
    OPTION = "option"
    OPTIONS = "options"
    USER = "user"
    PERSON = "person"
    ORGANIZATION = "organization"
    PHONE = "phone"
    DATE = "date"
    DATE_RANGE = "date_range"
    TIME = "time"
    TIME_RANGE = "time_range"
    ADDRESS = "address"

    ID = "id"
    MOMENT = "moment"
    STATUS = "status"
    STAGE = "stage"
    PIPELINE = "pipeline"
    LABELS = "labels"
    VISIBILITY = "visibility"
    CURRENCY = "currency"
    PERCENT = "percent"
    EMAILS = "emails"
    PHONES = "phones"
    TEAM = "team"
    #: Whether a deal is the first one its contact won, or a repeat.
    SEQUENCE = "sequence"
    #: How a subscription recurs, where it stands, and what happens when a term is due.
    PLAN = "plan"
    SUBSCRIPTION_STATE = "subscription_state"
    RENEWAL_WAY = "renewal_way"
    #: What a row of a file of subscriptions is: one of them, or something that happened to it.
    SUBSCRIPTION_ENTRY = "subscription_entry"


K = FieldKind
CUSTOM_KINDS: tuple[FieldKind, ...] = tuple(FieldKind)[:16]
#: Compared as folded text.
TEXT_KINDS = frozenset(
    {K.TEXT, K.LARGE_TEXT, K.AUTOCOMPLETE, K.PHONE, K.ADDRESS, K.EMAILS, K.PHONES}
)
#: Compared as numbers in their stored form.
NUMBER_KINDS = frozenset({K.NUMBER, K.MONEY, K.PERCENT, K.ID})
#: Compared as days; a moment by its day in the company's time zone, a range by its first day.
DATE_KINDS = frozenset({K.DATE, K.MOMENT, K.DATE_RANGE})
TIME_KINDS = frozenset({K.TIME, K.TIME_RANGE})
#: One choice out of known ones, by id or word.
CHOICE_KINDS = frozenset(
    {
        K.OPTION,
        K.STATUS,
        K.STAGE,
        K.PIPELINE,
        K.VISIBILITY,
        K.CURRENCY,
        K.USER,
        K.TEAM,
        K.SEQUENCE,
        K.PLAN,
        K.SUBSCRIPTION_STATE,
        K.RENEWAL_WAY,
        K.SUBSCRIPTION_ENTRY,
    }
)
#: Several choices at once.
SET_KINDS = frozenset({K.OPTIONS, K.LABELS})
#: The id of another record.
LINK_KINDS = frozenset({K.PERSON, K.ORGANIZATION})


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


def operators_of(kind: FieldKind) -> tuple[Operator, ...]:
    """Return the operators that a filter offers for fields of `kind`, the most usual first."""
    groups = (
        (TEXT_KINDS, _TEXT),
        (NUMBER_KINDS, _NUMBER),
        (DATE_KINDS, _DATE),
        (TIME_KINDS, _TIME),
        (SET_KINDS, _SET),
    )
    return next((operators for kinds, operators in groups if kind in kinds), _CHOICE)
