"""Sentences about records, their fields and values, lists and filters."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_RECORDS: Mapping[str, Promise] = {
    "bulk.nothing": _(
        "Nothing was changed: you may not change any of the selected records."
    ),
    "contact.bills_others": _(
        "Other organizations are billed through this one. Change that first."
    ),
    "contact.bills_with_itself": _(
        "An organization cannot be billed through itself, not even by way of others."
    ),
    "contact.has_deals": _(
        "This contact has deals. Delete or move them first."
    ),
    "contact.not_found": _(
        "There is no contact called “{name}”. Check the spelling."
    ),
    "contact.payer_trashed": _(
        "The organization that this one is billed through is in the trash. Restore it first."
    ),
    "contact.several": _(
        "{count} contacts are called “{name}”. Choose one from the list."
    ),
    "contact.unknown": _("This contact does not exist, or you cannot see it."),
    "currency.invalid": _(
        "“{code}” is not a three-letter currency code such as EUR."
    ),
    "currency.not_used": _(
        "Your company does not use the currency “{code}”. Its currencies: {codes}."
    ),
    "day.invalid": _("“{day}” is not a day. Write it like 2025-06-30."),
    "day.too_far": _(
        "{given_day} is too far away. Enter a day from {first_day} to {last_day}."
    ),
    "deal.contact_missing": _(
        "A deal needs a contact person or an organization."
    ),
    "deal.contact_trashed": _(
        "The deal's contact is in the trash. Restore it first."
    ),
    "deal.line_without_name": _("Each line needs a name."),
    "deal.lost_at_needs_status": _("Only a lost deal has a lost time."),
    "deal.stamp_admin_only": _(
        "Only admins may change the won or lost time of a closed deal."
    ),
    "deal.won_at_needs_status": _("Only a won deal has a won time."),
    "field.changed_meanwhile": _(
        "Someone else changed “{field}” in the meantime. Nothing was saved."
    ),
    "field.kind_unknown": _("There is no field type “{kind}”."),
    "field.linked": _(
        "“{field}” belongs to another record ({record}). Change it there."
    ),
    "field.options_missing": _(
        "Enter at least one option, each on its own line."
    ),
    "field.required": _("Please fill in: {field}."),
    "field.unknown": _("There is no field “{field}” here."),
    "filter.broken": _("This filter is broken (at {place})."),
    "filter.field_gone": _(
        "The filter uses the field “{field}”, which no longer exists. Change the filter; without "
        "that condition it would match too much."
    ),
    "filter.gone": _(
        "This filter no longer exists, or it is not shared with you. Choose another one."
    ),
    "filter.too_far": _(
        "A period in a filter can be at most a hundred years from today."
    ),
    "filter.too_large": _(
        "This filter is too large. It can have {conditions} conditions, {values} values, {depth} "
        "nested groups and {letters} characters of text."
    ),
    "filter.unknown": _("There is no filter called “{name}”."),
    "name.taken": _("The name “{name}” is already in use."),
    "pipeline.has_deals": _(
        "This pipeline has {count} deals. Move or delete them first."
    ),
    "pipeline.last": _("The last pipeline cannot be deleted."),
    "probability.range": _("A probability must be between 0 and 100 percent."),
    "rate.file": _(
        "{file} has no reference rates of the European Central Bank in line {line}. Take its XML "
        "or CSV file, or the ZIP that holds it."
    ),
    "rate.invalid": _("“{rate}” is not an exchange rate."),
    "rate.pair_invalid": _(
        "“{pair}” is not an exchange rate. Write it like --rate CHF=0.95"
    ),
    "record.changed_meanwhile": _(
        "Someone else changed this in the meantime. Nothing was saved."
    ),
    "run.undone": _("This has already been undone."),
    "run.unknown": _("There is no import with the number {run}."),
    "search.too_long": _("A search can have at most {limit} characters."),
    "span.start_missing": _("The start is missing."),
    "stage.gone": _("This stage no longer exists."),
    "stage.has_deals": _(
        "This stage has {count} deals. Choose where to move them."
    ),
    "stage.last": _("A pipeline needs at least one stage."),
    "stage.none": _("There is no pipeline with stages yet."),
    "text.too_long": _(
        "{field}: the text has {length} characters; at most {limit} are allowed."
    ),
    "text.unreadable": _(
        "The text contains a character that cannot be stored, such as a NUL. Remove it and try "
        "again."
    ),
    "undo.conflict": _(
        "Not undone, because it was changed, is in use, or its earlier value "
        "is gone: {kind} {id} {cell}"
    ),
    "undo.done": _(
        "Undone: {trashed} records moved to the trash, {restored} restored."
    ),
    "undo.stays": _("What was added in the settings stays: {words}."),
    "value.invalid": _("“{text}” is not a valid value here."),
    "value.refused": _("{field}: {reason}"),
}
