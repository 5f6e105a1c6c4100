"""Questions as the wizard asks them, and the posted answers."""

from datetime import date
from functools import partial
from typing import Any

from django.http import QueryDict

from turnus.accounts.models import User
from turnus.core.fields import LINK_KINDS
from turnus.core.folding import fold
from turnus.core.issues import IssueCode
from turnus.core.records import RecordKind
from turnus.fields.catalogue import catalogue
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.imports.models import Import
from turnus.imports.named import contact_called, may_see, similar_contacts
from turnus.imports.parts import target_field, target_name
from turnus.imports.plan import PlannedRow
from turnus.imports.questions import ANSWERS, QuestionKind, choice_at
from turnus.web.posted import day_in, number_in

#: What a row says of a subscription -> the question that it raises, which may be answered for the row alone.
_BESIDE = {
    IssueCode.TERM_BOOKED: QuestionKind.COVERED,
    IssueCode.TERM_TAKEN: QuestionKind.COVERED,
    IssueCode.TERM_DUE: QuestionKind.DUE,
    IssueCode.CREDIT_ENDS: QuestionKind.CREDIT,
    IssueCode.CREDIT_REDUCES: QuestionKind.REDUCTION,
}
_ROW = "row-"


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
        })  # fmt: skip
    return drawn


def _choices(field: Field, word: str, language: str, by: User) -> list[tuple[str, str]]:
    if field.kind in LINK_KINDS:
        return [(str(pk), name) for pk, name in similar_contacts(field.kind, word, by)]
    choices = choices_of(field, language)
    pairs = [(str(stored), said) for stored, said in choices.items()] if choices else []
    return sorted(pairs, key=partial(_unlike, word))


def read_answers(of: Import, posted: QueryDict, on: date, by: User) -> dict[str, Any]:
    """Return the answers that were posted, by question key; unanswered questions are left out."""
    fields = catalogue(RecordKind(of.record_kind))
    answers: dict[str, Any] = {}
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
    return _with_rows(of, answers, posted)


def beside(of: Import, row: PlannedRow) -> dict[str, Any] | None:
    """Return how a row that stands beside a subscription may be answered by itself; None for other rows."""
    kind = next((kind for issue in row.issues if (kind := _BESIDE.get(issue.code)) is not None), None)
    if kind is None or of.state != Import.State.CHECKED:
        return None
    answer = choice_at(of.answers, kind, row.number)
    return {"kind": kind, "name": f"{_ROW}{kind}-{row.number}", "options": ANSWERS[kind], "answer": answer}


def _with_rows(of: Import, answers: dict[str, Any], posted: QueryDict) -> dict[str, Any]:
    """Return the answers with those for single rows, also those that were given before."""
    rows: dict[str, dict[str, str]] = {}
    for name, value in posted.items():
        kind, _dash, number = name.removeprefix(_ROW).rpartition("-")
        is_answer = kind in set(_BESIDE.values()) and str(value) in ANSWERS[QuestionKind(kind)]
        if name.startswith(_ROW) and number.isdigit() and is_answer:
            rows.setdefault(kind, {})[number] = str(value)
    for kind in set(_BESIDE.values()):
        before = of.answers.get(kind, {})
        alone = {**before.get("rows", {}), **rows.get(kind, {})}
        if alone and (kind in answers or kind in rows):
            answers[kind] = {**before, **answers.get(kind, {}), "rows": alone}
    return answers


def _contact(field: Field, chosen: str, typed: str, by: User) -> int | None:
    """Return the contact that was chosen, or typed by name; None if it is none that the person may see."""
    if typed.strip():
        return contact_called(field.kind, typed, by)
    return int(chosen) if chosen.isdigit() and may_see(field.kind, int(chosen), by) else None


def _unlike(word: str, pair: tuple[str, str]) -> bool:
    known, asked_for = fold(pair[1]), fold(word)
    return not (known.startswith(asked_for[:3]) or asked_for in known or known in asked_for)
