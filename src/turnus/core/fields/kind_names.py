"""The names of field kinds, as stored; what each kind can do is in `kinds`."""

from enum import StrEnum


class FieldKind(StrEnum):
    """What a field holds."""

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
