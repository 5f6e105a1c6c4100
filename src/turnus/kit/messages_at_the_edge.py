"""The words for what nobody means: letters, days, lengths and numbers out of bounds (decision 0036)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES_AT_THE_EDGE: Mapping[str, Any] = {
    "argument.unreadable": _("What is given for {name} is not text in the terminal's encoding."),
    "database.collision": _(
        "Somebody else changed the same at this moment, and nothing of yours was saved. Look at the page again, then try once more."
    ),
    "database.value": _("One of the values cannot be stored. Nothing was saved."),
    "day.too_far": _("{given_day} is too far away. Days lie between {first_day} and {last_day}."),
    "filter.too_far": _("A period in a filter can reach a hundred years from today at most."),
    "filter.too_large": _(
        "This filter is too large. It can have {conditions} conditions, {values} values, {depth} groups inside each other "
        "and {letters} characters in a text."
    ),
    "language.unknown": _("There is no language “{code}”. Choose en or de."),
    "run.undone": _("This was undone already."),
    "search.too_long": _("Search for {limit} characters at most."),
    "text.too_long": _("{field}: the text has {length} characters; at most {limit} fit."),
    "text.unreadable": _(
        "The text holds a character that cannot be stored (for example a NUL). Remove it and send it again."
    ),
    "field.linked": _("“{field}” belongs to another record ({record}). Change it there."),
    "row.date_too_far": _("“{text}” is too far away. Is the year right?"),
}
