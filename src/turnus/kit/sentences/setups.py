"""Sentences about set-up files: `turnus apply`."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_SETUPS: Mapping[str, Promise] = {
    "apply.anchor": _(
        "Anchors and aliases (& and *) are not read. Write the value out, in quotes if it begins "
        "with such a sign."
    ),
    "apply.cadence": _(
        "“{text}” is no cadence. Write one of {listed}, or 3m for every three months, 1m-last for "
        "the last day of each month, 2/m:1,15 for two days of each month."
    ),
    "apply.documents": _("The file has several documents. Only one is read."),
    "apply.expected_day": _(
        "Expected a day such as 2026-01-31, found “{text}”."
    ),
    "apply.expected_flag": _("Expected true or false, found “{text}”."),
    "apply.expected_list": _(
        "Expected a list, a line with “- ” for each entry, found “{text}”."
    ),
    "apply.expected_mapping": _(
        "Expected keys with values (“key: value”), found “{text}”."
    ),
    "apply.expected_number": _("Expected a number, found “{text}”."),
    "apply.expected_text": _("Expected a text, found “{text}”."),
    "apply.field_kind": _(
        "“{name}” is a field of the kind {before}, and the kind of a field cannot change. Give the "
        "new field another name."
    ),
    "apply.filter_contact": _(
        "A set-up file cannot name a contact in a filter."
    ),
    "apply.filter_groups": _(
        "Use only one of “all”, “any” and “not” here; put the others inside."
    ),
    "apply.filter_misfit": _(
        "The value does not go with the field and the operator “{operator}”."
    ),
    "apply.filter_unnamed": _(
        "A set-up file cannot name what it compares “{field}” with."
    ),
    "apply.filter_value": _("Expected {expected}."),
    "apply.key": _("A key must be a single word or text."),
    "apply.key_near": _("“{key}” is not known here. Did you mean “{near}”?"),
    "apply.key_twice": _("“{key}” is here twice; first on line {before}."),
    "apply.key_unknown": _("“{key}” is not known here. These are: {listed}."),
    "apply.missing": _("“{key}” is missing."),
    "apply.name_twice": _("“{name}” is here twice; first on line {before}."),
    "apply.no_options": _(
        "Fields of the kind {kind} have no options. Use the kind “option” or “options”."
    ),
    "apply.number_range": _(
        "Expected a whole number from 0 to {most}, found “{text}”."
    ),
    "apply.password_env": _(
        "The environment variable {name} is not set. Set it to the first password of this user."
    ),
    "apply.same_name": _(
        "Two things are called “{name}”, and a set-up file could not tell them apart. Rename one "
        "of them first."
    ),
    "apply.tag": _(
        "Tags are not read (“{text}”). Put a text that begins with “!” in quotes."
    ),
    "apply.too_deep": _("The file is nested more than {limit} deep."),
    "apply.too_large": _("The file has more than {limit} characters."),
    "apply.unreadable": _("{file} is not text in UTF-8."),
    "apply.unstorable": _("The text has characters that cannot be stored."),
    "apply.word_near": _("There is no “{text}” here. Did you mean “{near}”?"),
    "apply.word_none": _("There is no “{text}” here, nor anything else."),
    "apply.word_unknown": _("There is no “{text}” here. These are: {listed}."),
    "apply.yaml": _(
        "This is not YAML ({reason}). Indent by spaces, never by tabs."
    ),
}
