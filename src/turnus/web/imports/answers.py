"""Questions as the wizard asks them, and the posted answers."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django.http import QueryDict

from turnus.accounts.models import User
from turnus.core.fields import LINK_KINDS
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.catalogue import catalogue
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.imports.existing import EXISTING
from turnus.imports.models import Import
from turnus.imports.named import contact_called, may_see, similar_contacts
from turnus.imports.parts import target_field, target_name
from turnus.imports.questions import ANSWERS, QuestionKind
from turnus.web.posted import day_in, number_in

#: Fields whose names may be taken for contacts that are here.
_NAMED = frozenset({"organisation", "person", "name"})


def asked(of: Import, language: str, on: date, by: User) -> list[dict[str, Any]]:
    """Return the open questions with what may be answered; similar words are offered first."""
    fields = catalogue(RecordKind(of.record_kind))
    drawn = []
    for number, question in enumerate(of.questions):
        field = target_field(question["path"], fields)
        drawn.append({
            **question,
            "name": f"answer-{number}",
            "field": target_name(question["path"], fields, language) if field else "",
            "choices": _choices(field, question["word"], language, by) if field and question["kind"] == "word" else [],
            "is_contact": field is not None and field.kind in LINK_KINDS,
            "on": on,
            "where": _where(question),
        })  # fmt: skip
    return drawn


def _where(question: Mapping[str, Any]) -> str:
    """Return the first rows that a question is about; an ellipsis for those that are not counted up."""
    more = " …" if question["count"] > len(question["rows"]) else ""
    return ", ".join(map(str, question["rows"])) + more


def _choices(field: Field, word: str, language: str, by: User) -> list[tuple[str, str]]:
    if field.kind in LINK_KINDS:
        return [(str(pk), name) for pk, name in similar_contacts(field.kind, word, by)]
    choices = choices_of(field, language)
    pairs = [(str(stored), said) for stored, said in choices.items()] if choices else []
    return sorted(pairs, key=partial(_unlike, word))


def read_answers(of: Import, posted: QueryDict, on: date, by: User) -> dict[str, Any]:
    """Return the answers that were posted, by question key; unanswered questions are left out."""
    fields = catalogue(RecordKind(of.record_kind))
    answers: dict[str, Any] = _names_apart(posted)
    for number, question in enumerate(of.questions):
        name = f"answer-{number}"
        given = posted.get(name, "")
        field = target_field(question["path"], fields)
        if field is not None and field.kind in LINK_KINDS and given != "skip":
            contact = _contact(field, given.removeprefix("map:"), posted.get(f"{name}-contact", ""), by)
            if contact is not None:
                answers[question["key"]] = {"do": "map", "to": contact}
        elif given.startswith("map:"):
            stored = given.removeprefix("map:")
            answers[question["key"]] = {"do": "map", "to": number_in(stored) or stored}
        elif given in question["options"]:
            day = day_in(posted.get(f"{name}-on")) or on
            answers[question["key"]] = {"do": given} | ({"on": day.isoformat()} if given == "copy" else {})
    earlier = of.answers.get(EXISTING, {})
    rows = _row_choices(earlier.get("rows", {}), posted)
    if EXISTING in answers or rows != earlier.get("rows", {}):
        answers[EXISTING] = {**earlier, **answers.get(EXISTING, {}), "rows": rows}
    return answers


def _row_choices(earlier: Mapping[str, Any], posted: QueryDict) -> dict[str, Any]:
    """Return what is answered for single rows, earlier and now; one that is posted blank goes with all the others."""
    rows = dict(earlier)
    for name, choice in posted.items():
        word, _, number = name.partition("-")
        if word != "row" or not number.isdigit():
            continue
        rows.pop(number, None)
        if choice in ANSWERS[QuestionKind.EXISTING]:
            rows[number] = str(choice)
    return rows


def _names_apart(posted: QueryDict) -> dict[str, Any]:
    """Return the answers to notes that a name was taken for another one: it means somebody else."""
    named = (key for key in posted.getlist("apart") if key.partition(":")[0] in _NAMED and key.partition(":")[2])
    return {key: {"do": "create"} for key in named}


def _contact(field: Field, chosen: str, typed: str, by: User) -> int | None:
    """Return the contact that was chosen, or typed by name; None if it is none that the person may see."""
    if typed.strip():
        return contact_called(field.kind, typed, by)
    return int(chosen) if chosen.isdigit() and may_see(field.kind, int(chosen), by) else None


def _unlike(word: str, pair: tuple[str, str]) -> bool:
    known, asked_for = fold(pair[1]), fold(word)
    return not (known.startswith(asked_for[:3]) or asked_for in known or known in asked_for)
