"""Words of operators, periods and phrases of filters, in whole sentences."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from turnus.accounts.models import User
from turnus.core.fields import LINK_KINDS
from turnus.core.filters import Condition, Node, Phrase, PhraseCode, describe
from turnus.core.filters.describing import ValueCode, ValuePhrase
from turnus.fields.catalog import Catalog
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.queries import former_name
from turnus.fields.words import notation_of
from turnus.listing.links import contact_name
from turnus.web.kinds import FACES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

OPERATORS: Mapping[str, "_StrPromise"] = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "not_contains": gettext_lazy("does not contain"),
    "starts_with": gettext_lazy("starts with"),
    "not_starts_with": gettext_lazy("does not start with"),
    "ends_with": gettext_lazy("ends with"),
    "not_ends_with": gettext_lazy("does not end with"),
    "is_any_of": gettext_lazy("is any of"),
    "is_none_of": gettext_lazy("is none of"),
    "is_all_of": gettext_lazy("has all of"),
    "less_than": gettext_lazy("is less than"),
    "at_most": gettext_lazy("is at most"),
    "more_than": gettext_lazy("is more than"),
    "at_least": gettext_lazy("is at least"),
    "between": gettext_lazy("is between"),
    "before": gettext_lazy("is before"),
    "on_or_before": gettext_lazy("is on or before"),
    "after": gettext_lazy("is after"),
    "on_or_after": gettext_lazy("is on or after"),
    "in_period": gettext_lazy("is in the period"),
    "not_in_period": gettext_lazy("is not in the period"),
    "is_empty": gettext_lazy("is empty"),
    "is_not_empty": gettext_lazy("is not empty"),
}
PERIODS: Mapping[str, "_StrPromise"] = {
    "today": gettext_lazy("today"),
    "yesterday": gettext_lazy("yesterday"),
    "tomorrow": gettext_lazy("tomorrow"),
    "this_week": gettext_lazy("this week"),
    "last_week": gettext_lazy("last week"),
    "next_week": gettext_lazy("next week"),
    "this_month": gettext_lazy("this month"),
    "last_month": gettext_lazy("last month"),
    "next_month": gettext_lazy("next month"),
    "this_quarter": gettext_lazy("this quarter"),
    "last_quarter": gettext_lazy("last quarter"),
    "next_quarter": gettext_lazy("next quarter"),
    "this_year": gettext_lazy("this year"),
    "last_year": gettext_lazy("last year"),
    "next_year": gettext_lazy("next year"),
}
UNITS: Mapping[str, "_StrPromise"] = {
    "days": gettext_lazy("days"),
    "weeks": gettext_lazy("weeks"),
    "months": gettext_lazy("months"),
    "years": gettext_lazy("years"),
}
#: Periods that end today.
LAST: Mapping[str, "_StrPromise"] = {
    "days": ngettext_lazy("the last day", "the last %(count)s days", "count"),
    "weeks": ngettext_lazy(
        "the last week", "the last %(count)s weeks", "count"
    ),
    "months": ngettext_lazy(
        "the last month", "the last %(count)s months", "count"
    ),
    "years": ngettext_lazy(
        "the last year", "the last %(count)s years", "count"
    ),
}
#: Periods that begin today.
NEXT: Mapping[str, "_StrPromise"] = {
    "days": ngettext_lazy("the next day", "the next %(count)s days", "count"),
    "weeks": ngettext_lazy(
        "the next week", "the next %(count)s weeks", "count"
    ),
    "months": ngettext_lazy(
        "the next month", "the next %(count)s months", "count"
    ),
    "years": ngettext_lazy(
        "the next year", "the next %(count)s years", "count"
    ),
}
#: Days counted back from today.
AGO: Mapping[str, "_StrPromise"] = {
    "days": ngettext_lazy("%(count)s day ago", "%(count)s days ago", "count"),
    "weeks": ngettext_lazy(
        "%(count)s week ago", "%(count)s weeks ago", "count"
    ),
    "months": ngettext_lazy(
        "%(count)s month ago", "%(count)s months ago", "count"
    ),
    "years": ngettext_lazy(
        "%(count)s year ago", "%(count)s years ago", "count"
    ),
}
#: Days counted on from today.
AHEAD: Mapping[str, "_StrPromise"] = {
    "days": ngettext_lazy("in %(count)s day", "in %(count)s days", "count"),
    "weeks": ngettext_lazy("in %(count)s week", "in %(count)s weeks", "count"),
    "months": ngettext_lazy(
        "in %(count)s month", "in %(count)s months", "count"
    ),
    "years": ngettext_lazy("in %(count)s year", "in %(count)s years", "count"),
}

#: No column holds a larger number.
_LARGEST_ID = 2**63 - 1


class Speaker:
    """Filters in words for one person, in one language; the names of choices are read once each.

    A contact that the person may not see has no name.
    """

    def __init__(self, catalog: Catalog, language: str, user: User) -> None:
        self.catalog = catalog
        self.language = language
        self.user = user
        self.notation = notation_of(language)
        self.choices: dict[str, KnownChoices | None] = {}

    @property
    def me(self) -> str:
        """The word for the person who looks."""
        return _("me")

    def sentence(self, node: Node) -> str:
        """Return the whole filter as a sentence."""
        return self._sentence(describe(node, self.name))

    def pieces(self, condition: Condition) -> tuple[str, str, str]:
        """Return field, comparison and value of one condition in words."""
        phrase = describe(condition, self.name)
        return self._field(phrase), operator_words(phrase), value_words(phrase)

    def name(self, path: str, stored: str | int) -> str:
        """Return a stored value of the field at `path` in words."""
        field = self.catalog.get(path)
        if field is None:
            return str(stored)
        if path not in self.choices:
            self.choices[path] = choices_of(field, self.language)
        choices = self.choices[path]
        if choices is not None:
            return choices.name(stored)
        if field.kind in LINK_KINDS:
            if not isinstance(stored, int) or abs(stored) > _LARGEST_ID:
                return str(stored)  # typed, and no contact is called so
            return str(contact_name(field.kind, stored, self.user))
        try:
            return FACES[field.kind].compared.words(stored, self.notation)
        except (ValueError, TypeError, ArithmeticError):
            # A filter may compare a field with anything, even with what it never holds.
            return str(stored)

    def _sentence(self, phrase: Phrase) -> str:
        if phrase.code is PhraseCode.CONDITION:
            return self._condition(phrase)
        if phrase.code is PhraseCode.EVERYTHING:
            return _("everything")
        if phrase.code is PhraseCode.NOT:
            return _("not (%(part)s)") % {
                "part": self._sentence(phrase.parts[0])
            }
        parts = [self._sentence(part) for part in phrase.parts]
        joint = _(" or ") if phrase.code is PhraseCode.ANY else _(" and ")
        joined = joint.join(parts)
        return (
            f"({joined})"
            if phrase.code is PhraseCode.ANY and len(parts) > 1
            else joined
        )

    def _condition(self, phrase: Phrase) -> str:
        values = {
            "field": self._field(phrase),
            "operator": operator_words(phrase),
            "value": value_words(phrase),
        }
        return (_("%(field)s %(operator)s %(value)s") % values).strip()

    def _field(self, phrase: Phrase) -> str:
        if phrase.field not in self.catalog:
            return _("%(field)s (no longer exists)") % {
                "field": former_name(phrase.field)
            }
        return self.catalog.name(phrase.field, self.language)


def operator_words(phrase: Phrase) -> str:
    """Return a condition's comparison in words, as they read before its value."""
    if phrase.value.code is ValueCode.SPAN:
        return _("is in") if phrase.operator == "in_period" else _("is not in")
    return str(OPERATORS.get(phrase.operator, phrase.operator))


def value_words(phrase: Phrase) -> str:
    """Return a condition's value in words, as they read after its comparison."""
    value = phrase.value
    if value.code is ValueCode.ME:
        return _("me")
    if value.code is ValueCode.LIST:
        return ", ".join(word or _("me") for word in value.words)
    if value.code is ValueCode.BETWEEN:
        return _("%(start)s and %(end)s") % {
            "start": value.words[0],
            "end": value.words[1],
        }
    if value.code is ValueCode.PERIOD:
        return str(PERIODS[value.words[0]])
    if value.code is ValueCode.SPAN:
        return _counted(LAST if value.count < 0 else NEXT, value)
    if value.code is ValueCode.DAY:
        return _day(value, is_alone=phrase.operator in {"is", "is_not"})
    return value.words[0] if value.words else ""


def _day(value: ValuePhrase, *, is_alone: bool) -> str:
    """Return a day counted from today; after "before" and the like it is called a day."""
    if not value.count:
        return str(PERIODS["today"])
    day = _counted(AGO if value.count < 0 else AHEAD, value)
    return day if is_alone else _("the day %(day)s") % {"day": day}


def _counted(words: Mapping[str, "_StrPromise"], value: ValuePhrase) -> str:
    count = abs(value.count)
    return str(words[value.unit] % {"count": count})
