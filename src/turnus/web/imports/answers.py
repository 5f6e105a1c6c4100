"""Questions as the wizard asks them, and the posted answers."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.http import QueryDict

from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.catalogue import catalogue
from turnus.fields.choices import choices_of
from turnus.imports.models import Import
from turnus.web.posted import day_in, number_in


def asked(of: Import, language: str, on: date) -> list[dict[str, Any]]:
    """Return the open questions with what may be answered; similar words are offered first."""
    fields = catalogue(RecordKind(of.record_kind))
    drawn = []
    for number, question in enumerate(of.questions):
        field = fields.get(question["path"])
        choices = choices_of(field, language) if field and question["kind"] == "word" else None
        pairs = [(str(stored), word) for stored, word in choices.items()] if choices else []
        pairs = sorted(pairs, key=partial(_unlike, question["word"]))
        drawn.append({
            **question,
            "name": f"answer-{number}",
            "field": fields.name(question["path"], language) if field else "",
            "choices": pairs,
            "on": on,
        })  # fmt: skip
    return drawn


def read_answers(questions: Sequence[Mapping[str, Any]], posted: QueryDict, on: date) -> dict[str, Any]:
    """Return the answers that were posted, by question key; unanswered questions are left out."""
    answers: dict[str, Any] = {}
    for number, question in enumerate(questions):
        name = f"answer-{number}"
        given = posted.get(name, "")
        if given.startswith("map:"):
            stored = given.removeprefix("map:")
            answers[question["key"]] = {"do": "map", "to": number_in(stored) or stored}
        elif given in question["options"]:
            day = day_in(posted.get(f"{name}-on")) or on
            answers[question["key"]] = {"do": given} | ({"on": day.isoformat()} if given == "copy" else {})
    return answers


def _unlike(word: str, pair: tuple[str, str]) -> bool:
    known, asked_for = fold(pair[1]), fold(word)
    return not (known.startswith(asked_for[:3]) or asked_for in known or known in asked_for)
