"""The words of choices: options, users, stages, labels, statuses; found in both languages, shown in one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps

from turnus.accounts.models import Currency, Team, User
from turnus.core.fields import FieldKind
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.field import Field
from turnus.fields.models import FieldOption, Label

#: Words of the fixed choices in every language; the first of each language is shown. Source: reference 1.1, 1.2.
STATUS_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "open": {"en": ("Open",), "de": ("Offen",)},
    "won": {"en": ("Won",), "de": ("Gewonnen",)},
    "lost": {"en": ("Lost",), "de": ("Verloren",)},
}
VISIBILITY_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "owner": {"en": ("Item owner", "Owner only", "Owner"), "de": ("Besitzer", "Nur Besitzer", "Artikelbesitzer")},
    "team": {"en": ("Owner's team", "Item owner's visibility group"), "de": ("Team des Besitzers", "Team")},
    "everyone": {
        "en": ("All users", "Entire company", "Everyone"),
        "de": ("Alle Benutzer", "Alle", "Gesamtes Unternehmen"),
    },
}

SEQUENCE_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "first": {"en": ("First deal of its contact",), "de": ("Erster Deal des Kontakts",)},
    "repeat": {"en": ("Repeat deal",), "de": ("Wiederholter Deal",)},
}
_WORDED = {
    FieldKind.STATUS: STATUS_WORDS,
    FieldKind.VISIBILITY: VISIBILITY_WORDS,
    FieldKind.SEQUENCE: SEQUENCE_WORDS,
}


@dataclass(frozen=True, slots=True)
class KnownChoices:
    """Choices of one field, kept in memory: stored form -> word to show, folded word -> stored form."""

    names: Mapping[Any, str]
    by_word: Mapping[str, Any]
    #: Folded words that more than one choice is called by.
    ambiguous: frozenset[str] = frozenset()

    def find(self, word: str) -> Any:
        """Return the stored form of what people call `word`; None if nobody does."""
        return self.by_word.get(fold(word))

    def name(self, stored: Any) -> str:
        """Return the word for a stored form; a choice that is gone is shown by its number."""
        return self.names.get(stored, f"#{stored}")

    def items(self) -> list[tuple[Any, str]]:
        """Return stored forms and words in display order."""
        return list(self.names.items())


def known(pairs: Iterable[tuple[Any, str]], *more: tuple[str, Any]) -> KnownChoices:
    """Return choices from (stored, word) pairs in display order, with `more` (word, stored) that are found as well.

    A word that means two choices finds none: the person has to say which.
    """
    names = dict(pairs)
    by_word: dict[str, Any] = {}
    for stored, word in names.items():
        key = fold(word)
        by_word[key] = None if key in by_word else stored
    for word, stored in more:
        by_word.setdefault(fold(word), stored)
    ambiguous = frozenset(word for word, stored in by_word.items() if stored is None)
    return KnownChoices(names, {word: one for word, one in by_word.items() if one is not None}, ambiguous)


def choices_of(field: Field, language: str) -> KnownChoices | None:
    """Return the choices of `field`, one query; None for kinds that have none or too many (persons, organisations)."""
    if field.kind in _WORDED:
        return _worded(_WORDED[field.kind], language)
    if field.kind in {FieldKind.OPTION, FieldKind.OPTIONS}:
        return known(FieldOption.objects.filter(field=field.custom_id).values_list("pk", "name"))
    read = _READERS.get(field.kind)
    return read(field.record) if read else None


def _worded(words: Mapping[str, Mapping[str, tuple[str, ...]]], language: str) -> KnownChoices:
    shown = [(stored, by_language[language][0]) for stored, by_language in words.items()]
    more = [(word, stored) for stored, by_language in words.items() for all_ in by_language.values() for word in all_]
    return known(shown, *more, *((stored, stored) for stored in words))


def _users(_record: RecordKind) -> KnownChoices:
    users = list(User.objects.values_list("pk", "name", "email", "is_active"))
    active = [(pk, name) for pk, name, _email, is_active in users if is_active]
    gone = [(pk, name) for pk, name, _email, is_active in users if not is_active]
    found = known(active, *((email, pk) for pk, _name, email, is_active in users if is_active))
    return replace(found, names={**found.names, **dict(gone)})


def _labels(record: RecordKind) -> KnownChoices:
    return known(Label.objects.filter(record_kind=str(record)).values_list("pk", "name"))


def _teams(_record: RecordKind) -> KnownChoices:
    return known(Team.objects.values_list("pk", "name"))


def _currencies(_record: RecordKind) -> KnownChoices:
    return known((code, code) for code in Currency.objects.filter(is_active=True).values_list("code", flat=True))


def _stages(_record: RecordKind) -> KnownChoices:
    # Reached by name: stages belong to a higher package.
    rows = list(apps.get_model("sales", "Stage").objects.order_by("pipeline__position", "position").values_list(
        "pk", "name", "pipeline__name"
    ))  # fmt: skip
    pipelines = {pipeline for _pk, _name, pipeline in rows}
    more = [(f"{name} ({pipeline})", pk) for pk, name, pipeline in rows]
    more += [(f"{pipeline} - {name}", pk) for pk, name, pipeline in rows]
    shown = known(((pk, name) for pk, name, _pipeline in rows), *more)
    if len(pipelines) <= 1:
        return shown
    return replace(shown, names={pk: f"{name} ({pipeline})" for pk, name, pipeline in rows})


def _pipelines(_record: RecordKind) -> KnownChoices:
    return known(apps.get_model("sales", "Pipeline").objects.values_list("pk", "name"))


_READERS = {
    FieldKind.USER: _users,
    FieldKind.LABELS: _labels,
    FieldKind.TEAM: _teams,
    FieldKind.CURRENCY: _currencies,
    FieldKind.STAGE: _stages,
    FieldKind.PIPELINE: _pipelines,
}
