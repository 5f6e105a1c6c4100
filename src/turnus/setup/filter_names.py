"""How a set-up file names what a filter compares with: by names and emails, never by numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property

from turnus.accounts.models import User
from turnus.core.fields import LINK_KINDS, NUMBER_KINDS, FieldKind
from turnus.core.folding import fold
from turnus.core.money import E4
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.choices import Choice, choices_of
from turnus.fields.field import Field
from turnus.kit.errors import UserError
from turnus.sales.models import Stage
from turnus.setup.map_reader import expected, unknown_word
from turnus.setup.words import stage_word

#: Conditions compare stored numbers, which count millionths; amounts count ten-thousandths.
_MILLIONTHS = 1_000_000
_UNITS: Mapping[FieldKind, int] = {
    FieldKind.NUMBER: _MILLIONTHS,
    FieldKind.MONEY: E4,
}
_CUSTOM = "custom."
#: More digits no stored number has.
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class ChoiceNames:
    """The names of the choices of one field, both ways; a name of two choices is none."""

    by_choice: Mapping[Choice, str]
    by_name: Mapping[str, Choice]


@dataclass
class FilterNames:
    """The names of fields and of their choices, in one kind of list.

    A path is as in `fields.catalog`, but that a custom field goes by its name: `custom.Abo`.
    """

    record: RecordKind
    _choices: dict[str, ChoiceNames] = field(default_factory=dict)

    @cached_property
    def catalog(self) -> Catalog:
        """The fields of the list."""
        return catalog(self.record)

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Path -> how the file names the field."""
        return {path: self._word(path) for path in self.catalog.by_path}

    @cached_property
    def _paths(self) -> Mapping[str, str]:
        return {word: path for path, word in self.words.items()}

    def _word(self, path: str) -> str:
        found = self.catalog[path]
        if not found.is_custom:
            return path
        return path.removesuffix(found.key) + _CUSTOM + found.name("en")

    def path(self, word: str) -> str:
        """Return the path of a field; refuses with `apply.word_…` where there is none."""
        path = self._paths.get(word) or self.catalog.find(word)
        if path is None:
            raise unknown_word(word, sorted(self._paths))
        return path

    def stored(self, found: Field, text: str) -> Choice:
        """Return the stored form of a value of a condition; refuses what is none."""
        if found.kind in LINK_KINDS:
            raise UserError("apply.filter_contact")
        if found.kind in NUMBER_KINDS:
            return _stored_number(found.kind, text)
        names = self._names(found)
        if names is None:
            return text
        choice = names.by_name.get(fold(text))
        if choice is None:
            raise unknown_word(text, list(names.by_choice.values()))
        return choice

    def written(self, found: Field, stored: Choice) -> str | None:
        """Return how the file writes a value of a condition; None if only a number names it."""
        if found.kind in LINK_KINDS:
            return None
        if found.kind in NUMBER_KINDS:
            return _written_number(found.kind, stored)
        names = self._names(found)
        if names is None:
            return str(stored)
        word = names.by_choice.get(stored)
        is_told = word is not None and names.by_name.get(fold(word)) == stored
        return word if is_told else None

    def _names(self, found: Field) -> ChoiceNames | None:
        key = f"{found.record}.{found.key}"
        if key not in self._choices:
            names = _names_of(found)
            if names is None:
                return None
            self._choices[key] = names
        return self._choices[key]


def _names_of(found: Field) -> ChoiceNames | None:
    """Return the names of the choices of a field; None if it has none."""
    if found.kind is FieldKind.USER:
        return _choice_names(User.objects.values_list("pk", "email"))
    if found.kind is FieldKind.STAGE:
        stages = Stage.objects.select_related("pipeline")
        return _choice_names(
            (stage.pk, stage_word(stage.pipeline.name, stage.name))
            for stage in stages
        )
    known = choices_of(found, "en")
    if known is None:
        return None
    # A choice that is a word goes by that word, in whatever language the screens are.
    return _choice_names(
        (stored, stored if isinstance(stored, str) else name)
        for stored, name in known.items()
    )


def _choice_names(pairs: Iterable[tuple[Choice, str]]) -> ChoiceNames:
    by_choice = dict(pairs)
    counts = Counter(fold(name) for name in by_choice.values())
    by_name = {}
    for choice, name in by_choice.items():
        if counts[fold(name)] == 1:
            by_name[fold(name)] = choice
    return ChoiceNames(by_choice, by_name)


def _stored_number(kind: FieldKind, text: str) -> int:
    try:
        number = Decimal(text[:_LONGEST_NUMBER]) * _UNITS.get(kind, 1)
    except InvalidOperation:
        raise expected("number", text) from None
    if not number.is_finite() or number != number.to_integral_value():
        raise expected("number", text)
    return int(number)


def _written_number(kind: FieldKind, stored: Choice) -> str:
    number = Decimal(stored) / _UNITS.get(kind, 1)
    return f"{number:f}"
