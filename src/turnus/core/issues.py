"""What is wrong with a row or a value, in no human language; `kit.messages` has the words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """What an issue means for its row."""

    #: The row cannot go in.
    PROBLEM = "problem"
    #: The row waits for an answer.
    QUESTION = "question"
    #: The row goes in; the person should know.
    WARNING = "warning"


class IssueCode(StrEnum):
    """Every kind of thing that can be wrong; the value is the key of its message."""

    AMOUNT_FINE = "row.amount_fine"
    AMOUNT_ROUNDED = "row.amount_rounded"
    BILLS_WITH_ITSELF = "row.bills_with_itself"
    BLANK_CURRENCY = "row.blank_currency"
    BLANK_LOST_TIME = "row.blank_lost_time"
    BLANK_OWNER = "row.blank_owner"
    BLANK_PAID_UNTIL = "row.blank_paid_until"
    BLANK_STAGE = "row.blank_stage"
    BLANK_STATUS = "row.blank_status"
    BLANK_VALUE = "row.blank_value"
    BLANK_WON_TIME = "row.blank_won_time"
    CELL_MERGED = "row.cell_merged"
    CONTACT_MISSING = "row.contact_missing"
    CONTACTS_ALIKE = "row.contacts_alike"
    CREDIT_ALONE = "row.credit_alone"
    CREDIT_ENDS = "row.credit_ends"
    CREDIT_REDUCES = "row.credit_reduces"
    CURRENCY_UNKNOWN = "row.currency_unknown"
    DAYS_INVALID = "row.days_invalid"
    DAYS_WITHOUT_PLAN = "row.days_without_plan"
    DATE_AMBIGUOUS = "row.date_ambiguous"
    DATE_IN_FUTURE = "row.date_in_future"
    DATE_INVALID = "row.date_invalid"
    DATE_MEANS_NONE = "row.date_means_none"
    DATE_TOO_FAR = "row.date_too_far"
    DATE_WEEKDAY = "row.date_weekday"
    DIGITS_LOST = "row.digits_lost"
    EMAIL_INVALID = "row.email_invalid"
    EMPTY_WORD = "row.empty_word"
    END_BEFORE_START = "row.end_before_start"
    ENTRY_UNKNOWN = "row.entry_unknown"
    ERROR_CELL = "row.error_cell"
    FORMULA_WITHOUT_RESULT = "row.formula_without_result"
    LOST_TIME_IGNORED = "row.lost_time_ignored"
    MULTIPLE_CURRENCIES = "row.multiple_currencies"
    NUMBER_AMBIGUOUS = "row.number_ambiguous"
    NUMBER_INVALID = "row.number_invalid"
    NUMBER_NOT_WHOLE = "row.number_not_whole"
    NUMBER_SHOWN = "row.number_shown"
    OPTION_UNKNOWN = "row.option_unknown"
    OTHER_CURRENCY = "row.other_currency"
    OUT_OF_RANGE = "row.out_of_range"
    OWNER_UNKNOWN = "row.owner_unknown"
    PHONE_INVALID = "row.phone_invalid"
    PERSON_ELSEWHERE = "row.person_elsewhere"
    PLAN_IGNORED = "row.plan_ignored"
    PLAN_UNKNOWN = "row.plan_unknown"
    QUOTE_UNCLOSED = "row.quote_unclosed"
    RECORD_CHANGED = "row.record_changed"
    RECORD_DIFFERS = "row.record_differs"
    RECORD_DENIED = "row.record_denied"
    CLOSED_TIME_DENIED = "row.closed_time_denied"
    RECORD_HERE = "row.record_here"
    RECORD_NOT_FOUND = "row.record_not_found"
    REQUIRED_MISSING = "row.required_missing"
    ROW_ARRIVED = "row.arrived"
    ROW_CUT = "row.cut"
    ROW_ELSEWHERE = "row.elsewhere"
    ROW_ENCODING = "row.encoding"
    ROW_HIDDEN = "row.hidden"
    ROW_LONG = "row.long"
    ROW_ORPHAN = "row.orphan"
    ROW_SHORT = "row.short"
    ROW_TOTAL = "row.total"
    ROW_TWICE = "row.twice"
    ROW_WITH_OTHERS = "row.with_others"
    STAGE_UNKNOWN = "row.stage_unknown"
    STATUS_FROM_STAGE = "row.status_from_stage"
    STATUS_NOT_SAID = "row.status_not_said"
    STATUS_UNKNOWN = "row.status_unknown"
    STEP_AFTER_END = "row.step_after_end"
    STEP_BEFORE_START = "row.step_before_start"
    STEP_NO_TERM = "row.step_no_term"
    STEP_NOT_BOOKED = "row.step_not_booked"
    STEP_PAUSED_ALREADY = "row.step_paused_already"
    SUBSCRIPTION_DIFFERS = "row.subscription_differs"
    SUBSCRIPTION_HERE = "row.subscription_here"
    SUBSCRIPTION_LIKE = "row.subscription_like"
    SUBSCRIPTION_NOT_YOURS = "row.subscription_not_yours"
    TAKEN_FOR = "row.taken_for"
    TERM_BOOKED = "row.term_booked"
    TERM_DUE = "row.term_due"
    TERM_TAKEN = "row.term_taken"
    TERMS_TOO_MANY = "row.terms_too_many"
    TEXT_CUT = "row.text_cut"
    TIME_INVALID = "row.time_invalid"
    TOO_LONG = "row.too_long"
    WON_TIME_IGNORED = "row.won_time_ignored"
    WORD_AMBIGUOUS = "row.word_ambiguous"
    YEAR_GUESSED = "row.year_guessed"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong.

    `row` is the row's number as the spreadsheet shows it (the heading is row 1), None outside
    files. `column` is the heading as the person wrote it, or a field key outside files. `params`
    fill the message.
    """

    code: IssueCode
    severity: Severity = Severity.PROBLEM
    row: int | None = None
    column: str | None = None
    params: Mapping[str, str | int] = field(default_factory=dict)
