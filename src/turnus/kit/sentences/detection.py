"""Sentences about detecting subscriptions in copied deals."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_DETECTION: Mapping[str, Promise] = {
    "detection.closed": _(
        "This proposal is closed. Start a new one; your answers are kept."
    ),
    "detection.deal_unknown": _("This deal is no longer part of the history."),
    "detection.end_by_hand": _(
        "An answer cannot end a subscription. Confirm the subscription, then end it on its page."
    ),
    "detection.first_of_line": _(
        "The subscription already starts with this deal. Choose a later one."
    ),
    "detection.join_two": _(
        "Tick deals of at least two subscriptions; at most one of them may already exist."
    ),
    "detection.moved": _(
        "The proposal has changed since you opened it. Review it again."
    ),
    "detection.no_deals": _(
        "There is nothing to detect: no won deal that you may change is without a subscription."
    ),
    "detection.nothing_to_undo": _(
        "There is no answer about this customer to undo."
    ),
    "detection.unconfirmed": _(
        "This changes the MRR. Tick the box below to confirm."
    ),
    "detection.written": _("Undo the subscriptions of this proposal first."),
    "history.blank_currency": _(
        "The currency is missing here but not in other rows; {currency} is assumed."
    ),
    "history.blank_value": _("The value is missing; it counts as 0."),
    "history.dates_day_first": _(
        "{column}: dates are read with the day first, because then {fitting} of {distances} gaps "
        "between deals fit their plans, otherwise only {other}."
    ),
    "history.dates_month_first": _(
        "{column}: dates are read with the month first, because then {fitting} of {distances} gaps "
        "between deals fit their plans, otherwise only {other}."
    ),
    "history.encoding_doubtful": _(
        "The encoding of the file may not be {encoding}: {words}. Choose it with --encoding, for "
        "example cp1252, mac-roman or cp850."
    ),
    "history.equal_row": _(
        "This row is identical to one above it; both are counted."
    ),
    "history.no_column": _(
        "The file has no column “{heading}”. Its columns: {headings}."
    ),
    "history.no_customer": _(
        "Both the organization and the contact person are missing."
    ),
    "history.no_customers": _(
        "No column names the customer. Expected “Organization” or “Contact person”, found: "
        "{headings}."
    ),
    "history.no_date": _("The won time is missing."),
    "history.no_dates": _(
        "No column holds the days on which deals were won. Expected “Won time”, found: {headings}."
    ),
    "history.no_rows": _("The file has headings, but no rows."),
    "history.no_values": _(
        "No column holds the values of the deals. Expected “Value”, found: {headings}."
    ),
    "history.no_won": _(
        "None of the {rows} rows is a readable won deal: {reasons}."
    ),
    "history.numbers_english": _(
        "{column}: read with a decimal point, like the rest of the file: “{text}” has a thousands "
        "separator."
    ),
    "history.numbers_german": _(
        "{column}: read with a decimal comma, like the rest of the file: “{text}” has a thousands "
        "separator."
    ),
    "history.one_file": _(
        "Name a single file instead of {count}. Put all rows into one file first."
    ),
    "history.rates_missing": _(
        "There are also deals in {codes}. Enter what one unit of each is worth in {currency}, for "
        "example: {example}"
    ),
    "history.unreadable": _(
        "Nothing was computed, because some rows cannot be read: {count}.\n{details}\nCorrect "
        "them, or go on without them: --leave-out-unreadable"
    ),
    "mapping.options_open": _(
        "Choose a plan for each option, or mark it as not recurring: {options}."
    ),
}
