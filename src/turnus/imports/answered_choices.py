"""Choices of fields, with the words that answers map to them and those that will be created."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from turnus.core.fields import (
    FieldKind,
)
from turnus.core.folding import fold
from turnus.fields.choices import KnownChoices
from turnus.fields.field import Field
from turnus.imports.questions import (
    StoredAnswers,
    choice_of,
    target_answered,
)

#: Where the words of a field's choices are found, by field and language.
ChoicesOf = Callable[[Field, str], KnownChoices | None]

#: Unknown words that a person can let the import create.
CREATABLE = frozenset(
    {
        FieldKind.OPTION,
        FieldKind.OPTIONS,
        FieldKind.LABELS,
        FieldKind.STAGE,
        FieldKind.CURRENCY,
    }
)


class AnsweredChoices:
    """The choices of all fields of one file."""

    def __init__(self, answers: StoredAnswers, choices_of: ChoicesOf) -> None:
        """Take `choices_of`: what finds them in the database, or where there is none."""
        self.answers = answers
        self._choices_of = choices_of
        #: Choices that the import will create: negative number -> (path, word).
        self.new: dict[int, tuple[str, str]] = {}

    def known(self, field: Field) -> KnownChoices | None:
        """Return the choices that a field has by now; None for kinds without choices."""
        return self._choices_of(field, "en")

    def of(self, path: str, field: Field) -> KnownChoices | None:
        """Return the choices of the field at `path`, also those that answers name."""
        choices = self.known(field)
        if choices is None:
            return None
        return self._with_answers(path, field, choices)

    def _with_answers(
        self, path: str, field: Field, choices: KnownChoices
    ) -> KnownChoices:
        """Add the words that were mapped or are to be created, those with negative numbers."""
        by_word = dict(choices.by_word)
        for key in self.answers:
            answered_path, _, word = key.partition(":")
            if answered_path != path or not word:
                continue
            answer = choice_of(self.answers, key)
            if answer == "map":
                by_word[fold(word)] = cast(
                    "int", target_answered(self.answers, key)
                )
            elif answer == "create" and field.kind in CREATABLE:
                by_word[fold(word)] = self._stand_in(path, field, word)
        return replace(choices, names=dict(choices.names), by_word=by_word)

    def _stand_in(self, path: str, field: Field, word: str) -> int | str:
        """Return what stands for a choice until the import creates it; a currency has its code."""
        if field.kind is FieldKind.CURRENCY:
            return word.upper()
        number = -len(self.new) - 1
        self.new[number] = (path, word)
        return number
