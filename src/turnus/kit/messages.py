"""A refusal or an issue as a sentence in the active language; `kit.sentences` has the sentences."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from turnus.core.issues import Issue
from turnus.kit import formats
from turnus.kit.errors import UserError
from turnus.kit.messages_about_imports import SENTENCES_ABOUT_IMPORTS
from turnus.kit.sentences.access import SENTENCES_ABOUT_ACCESS
from turnus.kit.sentences.backups import SENTENCES_ABOUT_BACKUPS
from turnus.kit.sentences.checks import SENTENCES_ABOUT_CHECKS
from turnus.kit.sentences.detection import SENTENCES_ABOUT_DETECTION
from turnus.kit.sentences.files import SENTENCES_ABOUT_FILES
from turnus.kit.sentences.operation import SENTENCES_ABOUT_OPERATION
from turnus.kit.sentences.records import SENTENCES_ABOUT_RECORDS
from turnus.kit.sentences.reports import SENTENCES_ABOUT_REPORTS
from turnus.kit.sentences.rows import SENTENCES_ABOUT_ROWS
from turnus.kit.sentences.setups import SENTENCES_ABOUT_SETUPS
from turnus.kit.sentences.subscriptions import SENTENCES_ABOUT_SUBSCRIPTIONS

#: Sentences by code. Values stand in braces; a test holds that every code has its sentence.
SENTENCES: Mapping[str, Promise] = {
    **SENTENCES_ABOUT_ACCESS,
    **SENTENCES_ABOUT_BACKUPS,
    **SENTENCES_ABOUT_CHECKS,
    **SENTENCES_ABOUT_DETECTION,
    **SENTENCES_ABOUT_FILES,
    **SENTENCES_ABOUT_IMPORTS,
    **SENTENCES_ABOUT_OPERATION,
    **SENTENCES_ABOUT_RECORDS,
    **SENTENCES_ABOUT_REPORTS,
    **SENTENCES_ABOUT_ROWS,
    **SENTENCES_ABOUT_SETUPS,
    **SENTENCES_ABOUT_SUBSCRIPTIONS,
}

#: Built-in fields that sentences name by their keys.
_FIELD_NAMES: Mapping[str, Promise] = {
    "name": _("name"),
    "title": _("title"),
    "reason": _("Reason"),
    "description": _("Description"),
    "plan": _("Plan"),
    "price": _("Price per period"),
    "started_on": _("First day"),
    "last_on": _("Last day"),
    "effective_on": _("Effective from"),
    "paused_on": _("Paused from"),
    "organization": _("Organization"),
    "person": _("Contact person"),
    "currency": _("Currency"),
    "booked_to": _("Paid until"),
    "terms": _("what was paid for and when"),
}
#: Values that are quoted as they were typed: they may be of any length.
_TYPED_VALUES = frozenset(
    {
        "code",
        "day",
        "days",
        "email",
        "key",
        "name",
        "pair",
        "period",
        "rate",
        "text",
        "zone",
    }
)
_QUOTED_LENGTH = 100


def say(problem: UserError | Issue) -> str:
    """Return the sentence for a refusal or an issue, in the active language."""
    params = {
        name: _value_in_words(name, value)
        for name, value in problem.params.items()
    }
    return sentence(str(problem.code), params)


def _value_in_words(name: str, value: object) -> object:
    """Return a value as a sentence shows it.

    Fields go by their names, days (`..._day`, an ISO date) as the language writes them.
    """
    if name == "field":
        return shortened(str(_FIELD_NAMES.get(str(value), value)))
    if name in _TYPED_VALUES:
        return shortened(str(value))
    if name.endswith("_day") and isinstance(value, str):
        language = (get_language() or "en")[:2]
        return formats.day(date.fromisoformat(value), language)
    return value


def shortened(text: str) -> str:
    """Return at most a hundred letters of a text that somebody typed, for a sentence to quote."""
    return text if len(text) <= _QUOTED_LENGTH else f"{text[:_QUOTED_LENGTH]}…"


def quoted(words: Iterable[str]) -> str:
    """Return words as a list inside a sentence, in the quotation marks of the active language."""
    return ", ".join(gettext("“{word}”").format(word=word) for word in words)


def sentence(code: str, params: Mapping[str, object]) -> str:
    """Return the sentence for a code with its values; a code without one shows itself."""
    template = SENTENCES.get(code)
    if template is None:
        return code
    return str(template).format_map(_Values(params))


class _Values(dict[str, object]):
    """Values of a sentence; a missing one shows as nothing rather than failing the message."""

    def __missing__(self, key: str) -> str:
        return ""
