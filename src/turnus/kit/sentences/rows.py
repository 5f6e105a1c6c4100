"""Sentences about rows of a file."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_ROWS: Mapping[str, Promise] = {
    "row.amount_fine": _("{amount} has more decimals than {currency} allows."),
    "row.amount_rounded": _("“{text}” has too many decimals and is rounded."),
    "row.arrived": _(
        "What this row would add has been added since the check. Check the file again."
    ),
    "row.bills_with_itself": _(
        "The organization would be billed through itself, by way of others."
    ),
    "row.blank_currency": _(
        "Blank, unlike in other rows: your company's currency {currency} is used."
    ),
    "row.blank_lost_time": _(
        "Blank, unlike in other rows: lost on the day of the import."
    ),
    "row.blank_owner": _("Blank, unlike in other rows: you become the owner."),
    "row.blank_paid_until": _(
        "Blank, unlike in other rows: paid until today."
    ),
    "row.blank_stage": _(
        "Blank, unlike in other rows: the first stage is used."
    ),
    "row.blank_status": _(
        "Blank, unlike in other rows: the deal will be open."
    ),
    "row.blank_value": _("Blank, unlike in other rows: the deal counts as 0."),
    "row.blank_won_time": _(
        "Blank, unlike in other rows: won on the day of the import."
    ),
    "row.cell_merged": _(
        "The cell is merged with others; their value is used."
    ),
    "row.closed_time_denied": _(
        "The deal is closed, and only an admin can change its won or lost time. Remove the time "
        "from this row, or let an admin import it."
    ),
    "row.contact_missing": _(
        "Both the contact person and the organization are missing. Fill in one of them."
    ),
    "row.contacts_alike": _(
        "{count} contacts are called “{name}”. The oldest one is used."
    ),
    "row.credit_alone": _(
        "This negative deal ends no subscription: it counts as a single credit."
    ),
    "row.credit_ends": _(
        "It refunds the price of “{subscription}”. If it ends the subscription, the last day is "
        "{last_day}."
    ),
    "row.credit_reduces": _(
        "It refunds part of the price of “{subscription}”. If it lowers the price, it costs "
        "{after} instead of {before} from {due_day} on."
    ),
    "row.currency_unknown": _("“{text}” is not one of your currencies."),
    "row.cut": _(
        "The file ends in this row, after {found} of {expected} cells. Copy or download it again, "
        "or complete the row."
    ),
    "row.date_ambiguous": _("“{text}” could be two different days."),
    "row.date_in_future": _("The date is in the future."),
    "row.date_invalid": _(
        "“{text}” is not a date. Write it like 14.11.2018 or 2018-11-14."
    ),
    "row.date_means_none": _(
        "Programs write “{text}” when there is no day. Do you mean this day?"
    ),
    "row.date_too_far": _("“{text}” is too far away. Is the year right?"),
    "row.date_weekday": _(
        "“{text}”: the day of the week does not match the date."
    ),
    "row.days_invalid": _(
        "“{text}” does not name two days of the month. Write them like 10/25 or 15/31."
    ),
    "row.days_without_plan": _(
        "Two days of the month only fit a plan that recurs twice a month."
    ),
    "row.digits_lost": _(
        "A spreadsheet program has shortened the number to “{text}”. Its last digits are lost."
    ),
    "row.elsewhere": _(
        "The row names a different subscription from the one above it. Move it below its own."
    ),
    "row.email_invalid": _("“{text}” is not an email address."),
    "row.empty_word": _(
        "“{text}” means that there is no value. The cell counts as blank."
    ),
    "row.encoding": _(
        "This row was read as {encoding}, unlike the rest of the file."
    ),
    "row.end_before_start": _("The last day is before the first day."),
    "row.entry_unknown": _(
        "“{text}” is no kind of row. Write subscription, price change, plan change, pause, "
        "resume or term skipped."
    ),
    "row.error_cell": _("The cell contains a spreadsheet error ({text})."),
    "row.formula_without_result": _(
        "The cell contains a formula without a result. Open the file in a spreadsheet program and "
        "save it."
    ),
    "row.hidden": _("The spreadsheet hides this row."),
    "row.long": _(
        "The row has {found} cells, but there are only {expected} headings. Is there an extra "
        "separator?"
    ),
    "row.lost_time_ignored": _(
        "The lost time is ignored, because the deal is not lost."
    ),
    "row.multiple_currencies": _("The row names two different currencies."),
    "row.number_ambiguous": _("“{text}” could be two different numbers."),
    "row.number_invalid": _("“{text}” is not a number."),
    "row.number_not_whole": _("“{text}” is not a whole number."),
    "row.number_shown": _("The cell shows “{text}”. This number is used."),
    "row.option_unknown": _("“{text}” is not one of the options."),
    "row.orphan": _(
        "There is no subscription above this row. Move it below its subscription."
    ),
    "row.other_currency": _(
        "The subscription is in {currency}. A price change cannot change the currency."
    ),
    "row.out_of_range": _("“{text}” is too large or too small."),
    "row.owner_unknown": _("“{text}” is not one of the users."),
    "row.person_elsewhere": _(
        "Matched to “{name}” of another organization, who has the same email or phone."
    ),
    "row.phone_invalid": _("“{text}” is not a phone number and is ignored."),
    "row.plan_ignored": _(
        "No subscription is started: only a new won deal starts one."
    ),
    "row.plan_unknown": _(
        "“{text}” is neither a plan nor a cadence such as monthly or every two weeks."
    ),
    "row.quote_unclosed": _(
        'A quote (") opens in line {line} of the file and is not closed at the end of its cell. '
        "The line was read as is."
    ),
    "row.record_changed": _(
        "The record or its contact has changed since the check. Check the row again."
    ),
    "row.record_denied": _("You may not change this record."),
    "row.record_differs": _(
        "The record with ID {id} is “{name}”, which does not look like this row."
    ),
    "row.record_here": _("It already exists: deal {id}, “{title}”."),
    "row.record_not_found": _(
        "There is no record with ID {id} that you may change."
    ),
    "row.required_missing": _("Please fill in: {field}."),
    "row.short": _(
        "The row ends after {found} of {expected} cells. The others count as blank."
    ),
    "row.stage_unknown": _("There is no stage “{text}”."),
    "row.status_from_stage": _("The status comes from the stage in the file."),
    "row.status_not_said": _(
        "It is unclear whether the deal is won, lost or open."
    ),
    "row.status_unknown": _(
        "“{text}” is not a status. Write open, won or lost."
    ),
    "row.step_after_end": _("The day is after the subscription's last day."),
    "row.step_before_start": _("The day is before the subscription starts."),
    "row.step_no_term": _(
        "No term starts on this day. Enter the first day of the term to skip."
    ),
    "row.step_not_booked": _(
        "The terms up to this day are not paid yet. Enter a day in a paid term, or the next due "
        "day."
    ),
    "row.step_paused_already": _("The subscription is already paused."),
    "row.subscription_differs": _(
        "Subscription {id} already exists, with a different value: {field}. Files do not change "
        "that. Change it on the subscription's page, or remove the row; for another subscription, "
        "use another name and no ID."
    ),
    "row.subscription_here": _("Subscription {id} already exists, unchanged."),
    "row.subscription_like": _(
        "This customer already has a similar subscription: {id}, “{name}”."
    ),
    "row.subscription_not_yours": _(
        "You may not change subscription {id}. Remove it from the file, or ask its owner."
    ),
    "row.taken_for": _("“{said}” was matched to “{name}”."),
    "row.term_booked": _(
        "“{subscription}” of this customer has already booked this period: {first_day} to "
        "{last_day}."
    ),
    "row.term_due": _(
        "“{subscription}” of this customer is due for this period: {first_day} to {last_day}. No "
        "won deal books it yet."
    ),
    "row.term_taken": _(
        "Row {row} of this file already books this period. Add this deal beside it, or skip it."
    ),
    "row.terms_too_many": _(
        "The subscription would have more than {limit} terms. Choose a later start."
    ),
    "row.text_cut": _(
        "The text was cut at export, because it was too long for an XLSX cell. It is ignored; CSV "
        "holds it in full."
    ),
    "row.time_invalid": _("“{text}” is not a time of day."),
    "row.too_long": _(
        "The text has {length} characters; at most {limit} are allowed."
    ),
    "row.total": _("The row looks like a total line."),
    "row.twice": _("Duplicate of row {row}."),
    "row.with_others": _(
        "It is skipped together with row {row}, which has a problem."
    ),
    "row.won_time_ignored": _(
        "The won time is ignored, because the deal is not won."
    ),
    "row.word_ambiguous": _("“{text}” could mean more than one choice."),
    "row.year_guessed": _(
        "The year of “{text}” is read as {year}. If that is wrong, write it with four digits."
    ),
}
