"""The words of choices (options, users, stages, ...): found in both languages, shown in one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from turnus.accounts.models import Currency, Team, User
from turnus.core.cadence import Cadence
from turnus.core.cadence_words import Certainty, guess_cadence
from turnus.core.fields import KINDS, FieldKind
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.field import Field
from turnus.fields.models import FieldOption, Label
from turnus.fields.words import Words

#: The stored form of a choice: the id of a row, or a word.
Choice = int | str


@dataclass(frozen=True, slots=True)
class ChoiceWords:
    """What a fixed choice is called: the word that is shown, and others that mean it."""

    shown: Words
    aliases: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        """Every word that means the choice, in every language."""
        return [*self.shown.values(), *self.aliases]


def _called(word: Promise, *aliases: str) -> ChoiceWords:
    return ChoiceWords(Words(word), aliases)


#: Words of the fixed choices (pipedrive.md: Words of choices).
STATUS_WORDS: Mapping[str, ChoiceWords] = {
    "open": _called(pgettext_lazy("field", "Open")),
    "won": _called(pgettext_lazy("field", "Won")),
    "lost": _called(pgettext_lazy("field", "Lost")),
}
VISIBILITY_WORDS: Mapping[str, ChoiceWords] = {
    "owner": _called(
        pgettext_lazy("field", "Item owner"),
        "Owner only",
        "Owner",
        "Nur Besitzer",
        "Artikelbesitzer",
    ),
    "team": _called(
        pgettext_lazy("field", "Owner's team"),
        "Item owner's visibility group",
        "Team",
    ),
    "everyone": _called(
        pgettext_lazy("field", "All users"),
        "Entire company",
        "Everyone",
        "Alle",
        "Gesamtes Unternehmen",
    ),
}
SEQUENCE_WORDS: Mapping[str, ChoiceWords] = {
    "first": _called(pgettext_lazy("field", "First deal of its contact")),
    "repeat": _called(pgettext_lazy("field", "Repeat deal")),
}
STATE_WORDS: Mapping[str, ChoiceWords] = {
    "active": _called(pgettext_lazy("field", "Active")),
    "paused": _called(pgettext_lazy("field", "Paused")),
    "ended": _called(pgettext_lazy("field", "Ended"), "Canceled", "Gekündigt"),
}
RENEWAL_WORDS: Mapping[str, ChoiceWords] = {
    "book": _called(pgettext_lazy("field", "Book as won")),
    "open": _called(pgettext_lazy("field", "Open a renewal deal")),
    "remind": _called(pgettext_lazy("field", "Only remind")),
}
#: Rows of a file of subscriptions; source of the stored words: `core.revenue.steps.StepKind`.
ENTRY_WORDS: Mapping[str, ChoiceWords] = {
    "subscription": _called(pgettext_lazy("field", "Subscription"), "Abo"),
    "price": _called(
        pgettext_lazy("field", "Price change"),
        "Price",
        "New price",
        "Preis",
        "Neuer Preis",
    ),
    "plan": _called(
        pgettext_lazy("field", "Plan change"),
        "Plan",
        "New plan",
        "Neuer Plan",
    ),
    "pause": _called(pgettext_lazy("field", "Pause"), "Paused", "Pausiert"),
    "resume": _called(
        pgettext_lazy("field", "Resume"),
        "Resumed",
        "Fortgesetzt",
        "Wiederaufnahme",
    ),
    "skip": _called(
        pgettext_lazy("field", "Term skipped"),
        "Skipped",
        "Term left out",
        "Left out",
        "Übersprungen",
        "Abschnitt übersprungen",
        "Abschnitt ausgelassen",
        "Ausgelassen",
    ),
}
_WORDED = {
    FieldKind.SUBSCRIPTION_ENTRY: ENTRY_WORDS,
    FieldKind.SUBSCRIPTION_STATE: STATE_WORDS,
    FieldKind.RENEWAL_WAY: RENEWAL_WORDS,
    FieldKind.STATUS: STATUS_WORDS,
    FieldKind.VISIBILITY: VISIBILITY_WORDS,
    FieldKind.SEQUENCE: SEQUENCE_WORDS,
}


@dataclass(frozen=True, slots=True)
class KnownChoices:
    """Choices of one field in memory: stored form -> word to show, folded word -> stored form."""

    names: Mapping[Choice, str]
    by_word: Mapping[str, Choice]
    #: Folded words that more than one choice is called by.
    ambiguous: frozenset[str] = frozenset()

    def find(self, word: str) -> Choice | None:
        """Return the stored form of what people call `word`; None if nobody does."""
        return self.by_word.get(fold(word))

    def is_ambiguous(self, word: str) -> bool:
        """Return whether people call more than one choice `word`."""
        return fold(word) in self.ambiguous

    def name(self, stored: Choice) -> str:
        """Return the word for a stored form; a choice that is gone is shown by its number."""
        return self.names.get(stored, f"#{stored}")

    def items(self) -> list[tuple[Choice, str]]:
        """Return stored forms and words in display order."""
        return list(self.names.items())


def known(
    pairs: Iterable[tuple[Choice, str]], *more: tuple[str, Choice]
) -> KnownChoices:
    """Return choices from (stored, word) pairs in display order; `more` are found as well.

    A word that means two choices finds none: the person has to say which.
    """
    names = dict(pairs)
    by_word: dict[str, Choice] = {}
    ambiguous: set[str] = set()
    for stored, word in names.items():
        key = fold(word)
        if key in by_word:
            ambiguous.add(key)
        by_word[key] = stored
    for word, stored in more:
        by_word.setdefault(fold(word), stored)
    for key in ambiguous:
        del by_word[key]
    return KnownChoices(names, by_word, frozenset(ambiguous))


def choices_of(field: Field, language: str) -> KnownChoices | None:
    """Return the choices of `field` (one query); None for kinds with none, or too many."""
    if field.kind in _WORDED:
        return _worded(_WORDED[field.kind], language)
    if KINDS[field.kind].has_options:
        options = FieldOption.objects.filter(field=field.custom_id)
        return known(options.values_list("pk", "name"))
    read = _READERS.get(field.kind)
    return read(field.record) if read else None


def _worded(words: Mapping[str, ChoiceWords], language: str) -> KnownChoices:
    shown: dict[Choice, str] = {}
    further: list[tuple[str, Choice]] = []
    for stored, choice_words in words.items():
        shown[stored] = choice_words.shown[language]
        further += [(word, stored) for word in choice_words.all]
    further += [(stored, stored) for stored in words]
    return known(shown.items(), *further)


def _users(_record: RecordKind) -> KnownChoices:
    """Return the users; those who are gone have a name, and are not found."""
    active: dict[Choice, str] = {}
    gone: dict[Choice, str] = {}
    emails: list[tuple[str, Choice]] = []
    users = User.objects.values_list("pk", "name", "email", "is_active")
    for pk, name, email, is_active in users:
        if is_active:
            active[pk] = name
            emails.append((email, pk))
        else:
            gone[pk] = name
    found = known(active.items(), *emails)
    return replace(found, names={**active, **gone})


def _labels(record: RecordKind) -> KnownChoices:
    labels = Label.objects.filter(record_kind=str(record))
    return known(labels.values_list("pk", "name"))


def _teams(_record: RecordKind) -> KnownChoices:
    return known(Team.objects.values_list("pk", "name"))


def _currencies(_record: RecordKind) -> KnownChoices:
    active = Currency.objects.filter(is_active=True)
    codes = active.values_list("code", flat=True)
    return known((code, code) for code in codes)


def _stages(_record: RecordKind) -> KnownChoices:
    # Reached by name: stages belong to a higher package.
    stages = apps.get_model("sales", "Stage").objects
    in_order = stages.order_by("pipeline__position", "position")
    names: dict[Choice, str] = {}
    names_with_pipeline: dict[Choice, str] = {}
    behind_pipeline: dict[Choice, str] = {}
    pipelines: set[str] = set()
    for pk, name, pipeline in in_order.values_list(
        "pk", "name", "pipeline__name"
    ):
        names[pk] = name
        names_with_pipeline[pk] = f"{name} ({pipeline})"
        behind_pipeline[pk] = f"{pipeline} - {name}"
        pipelines.add(pipeline)
    more = [(word, pk) for pk, word in names_with_pipeline.items()]
    more += [(word, pk) for pk, word in behind_pipeline.items()]
    stage_choices = known(names.items(), *more)
    if len(pipelines) > 1:
        return replace(stage_choices, names=names_with_pipeline)
    return stage_choices


def _pipelines(_record: RecordKind) -> KnownChoices:
    return known(
        apps.get_model("sales", "Pipeline").objects.values_list("pk", "name")
    )


@dataclass(frozen=True, slots=True)
class PlanChoices(KnownChoices):
    """Plans, found by name, else by words for a cadence that has one meaning and one plan."""

    #: Cadence in its stored form -> the first plan that has it.
    by_cadence: Mapping[str, Choice] = field(default_factory=dict)

    def find(self, word: str) -> Choice | None:
        """Return the plan that people call `word`."""
        plan = self.by_word.get(fold(word))
        if plan is not None:
            return plan
        cadence = guess_cadence(word).cadence
        return self.by_cadence.get(str(cadence))

    def is_ambiguous(self, word: str) -> bool:
        """Return whether the words have more than one meaning, such as "bimonthly"."""
        if fold(word) in self.ambiguous:
            return True
        return guess_cadence(word).certainty is Certainty.AMBIGUOUS


def _plans(_record: RecordKind) -> KnownChoices:
    # Reached by name: plans belong to a higher package.
    plans = apps.get_model("revenue", "Plan").objects
    names: dict[Choice, str] = {}
    active: list[tuple[str, Choice]] = []
    for pk, name, cadence, is_active in plans.values_list(
        "pk", "name", "cadence", "is_active"
    ):
        names[pk] = name
        if is_active:
            active.append((cadence, pk))
    by_cadence = dict(reversed(active))
    # Words say no days of the month: they mean a plan that has none, else the first one that has.
    by_words: dict[str, Choice] = {}
    for cadence, plan_id in by_cadence.items():
        bare = Cadence.parse(cadence).bare
        by_words[str(bare)] = plan_id
    found = known(names.items())
    return PlanChoices(
        found.names, found.by_word, found.ambiguous, by_words | by_cadence
    )


_READERS = {
    FieldKind.PLAN: _plans,
    FieldKind.USER: _users,
    FieldKind.LABELS: _labels,
    FieldKind.TEAM: _teams,
    FieldKind.CURRENCY: _currencies,
    FieldKind.STAGE: _stages,
    FieldKind.PIPELINE: _pipelines,
}
