"""Questions as the wizard asks them, and the posted answers."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TypedDict

from django.http import QueryDict

from turnus.accounts.access import Permission
from turnus.accounts.models import User
from turnus.accounts.words import PERMISSION_NAMES
from turnus.core.fields import LINK_KINDS
from turnus.core.folding import fold
from turnus.core.issues import IssueCode
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.imports.contact_words import (
    contact_called,
    may_see,
    similar_contacts,
)
from turnus.imports.existing_answers import EXISTING
from turnus.imports.field_parts import target_field, target_name
from turnus.imports.models import Import
from turnus.imports.plan import PlannedRow
from turnus.imports.questions import (
    ANSWERS,
    QuestionKind,
    StoredQuestion,
    choice_at,
)
from turnus.kit.messages import sentence
from turnus.web.imports.wording import (
    answered_in_words,
    choices_for,
    choices_in_short,
    choices_offered,
    sentence_of,
)
from turnus.web.parameters import day_in, number_in

#: Fields whose names may be taken for contacts that are here.
_NAMED = frozenset({"organization", "person", "name"})
#: The issue of a row beside a subscription -> the question that can be answered for the row.
_BESIDE = {
    IssueCode.TERM_BOOKED: QuestionKind.COVERED,
    IssueCode.TERM_TAKEN: QuestionKind.COVERED,
    IssueCode.TERM_DUE: QuestionKind.DUE,
    IssueCode.CREDIT_ENDS: QuestionKind.CREDIT,
    IssueCode.CREDIT_REDUCES: QuestionKind.REDUCTION,
}
_ROW = "row-"


#: An answer as it is stored with the import.
Answer = dict[str, object]


class DrawnQuestion(StoredQuestion):
    """A question for the template."""

    number: int
    name: str
    field: str
    sentence: str
    said: list[tuple[str, str]]
    choices: list[tuple[str, str]]
    is_contact: bool
    on: date
    where: str


class RowAnswer(TypedDict):
    """The choices for a single row: option, words for its button, all its words."""

    name: str
    options: list[tuple[str, str, str]]
    answer: str


def asked(
    of: Import, language: str, on: date, by: User
) -> list[DrawnQuestion]:
    """Return the open questions with what may be answered; similar words are offered first."""
    fields = catalog(RecordKind(of.record_kind))
    samples = of.reading.get("encoding_samples", [])
    questions: list[StoredQuestion] = of.questions
    drawn: list[DrawnQuestion] = []
    for number, question in enumerate(questions):
        field = target_field(question["path"], fields)
        name = target_name(question["path"], fields, language) if field else ""
        rows = _where(question)
        sentence_asked = sentence_of(
            question, language, field=name, rows=rows, samples=samples
        )
        choices: list[tuple[str, str]] = []
        if field is not None and question["kind"] == QuestionKind.WORD:
            choices = _choices(field, question["word"], language, by)
        drawn.append(
            {
                **question,
                "number": number + 1,
                "name": f"answer-{number}",
                "field": name,
                "sentence": sentence_asked,
                "said": choices_offered(question),
                "choices": choices,
                "needs": _needed(question),
                "is_contact": field is not None and field.kind in LINK_KINDS,
                "on": on,
                "where": rows,
            }
        )
    return drawn


def _needed(question: StoredQuestion) -> str:
    """Return the name of the right that adding the word needs; empty if none is lacking."""
    needs = question.get("needs")
    return (
        sentence(
            "import.needs_right",
            {"right": str(PERMISSION_NAMES[Permission(needs)])},
        )
        if needs
        else ""
    )


def keyed(questions: list[DrawnQuestion]) -> DrawnQuestion | None:
    """Return the question that number keys answer: the first with choices; None if none has."""
    return next((question for question in questions if question["said"]), None)


def answered(of: Import, language: str) -> list[dict[str, str]]:
    """Return the questions that have an answer: key, what it was about, what was answered."""
    fields = catalog(RecordKind(of.record_kind))
    open_keys = (
        {question["key"] for question in of.questions}
        if of.has_open_questions
        else set()
    )
    drawn = []
    for key, answer in of.answers.items():
        if key in open_keys or not isinstance(answer, dict):
            continue
        path = key.partition(":")[0]
        name = (
            target_name(path, fields, language)
            if target_field(path, fields)
            else ""
        )
        subject, said = answered_in_words(key, answer, language, field=name)
        drawn.append({"key": key, "subject": subject, "said": said})
    return drawn


def _where(question: StoredQuestion) -> str:
    """Return the first rows that a question is about; an ellipsis stands for the others."""
    more = " …" if question["count"] > len(question["rows"]) else ""
    return ", ".join(map(str, question["rows"])) + more


def _choices(
    field: Field, word: str, language: str, by: User
) -> list[tuple[str, str]]:
    if field.kind in LINK_KINDS:
        return [
            (str(pk), name)
            for pk, name in similar_contacts(field.kind, word, by)
        ]
    choices = choices_of(field, language)
    pairs = (
        [(str(stored), said) for stored, said in choices.items()]
        if choices
        else []
    )
    return sorted(pairs, key=partial(_unlike, word))


def read_answers(
    of: Import, posted: QueryDict, on: date, by: User
) -> dict[str, Answer]:
    """Return the answers that were posted, by question key; unanswered questions are left out."""
    fields = catalog(RecordKind(of.record_kind))
    answers: dict[str, Answer] = _names_apart(posted)
    for number, question in enumerate(of.questions):
        name = f"answer-{number}"
        given = posted.get(name, "")
        field = target_field(question["path"], fields)
        if field is not None and field.kind in LINK_KINDS and given != "skip":
            contact = _contact(
                field,
                given.removeprefix("map:"),
                posted.get(f"{name}-contact", ""),
                by,
            )
            if contact is not None:
                answers[question["key"]] = {"do": "map", "to": contact}
        elif given.startswith("map:"):
            stored = given.removeprefix("map:")
            answers[question["key"]] = {
                "do": "map",
                "to": number_in(stored) or stored,
            }
        elif given in question["options"]:
            answers[question["key"]] = _with_details(given, name, posted, on)
    earlier = of.answers.get(EXISTING, {})
    rows = _row_choices(earlier.get("rows", {}), posted)
    if EXISTING in answers or rows != earlier.get("rows", {}):
        answers[EXISTING] = {
            **earlier,
            **answers.get(EXISTING, {}),
            "rows": rows,
        }
    return _with_rows(of, answers, posted)


def beside(of: Import, row: PlannedRow) -> RowAnswer | None:
    """Return the choices for a single row beside a subscription; None for other rows."""
    kind = next(
        (
            kind
            for issue in row.issues
            if (kind := _BESIDE.get(issue.code)) is not None
        ),
        None,
    )
    if kind is None or of.state != Import.State.CHECKED:
        return None
    short = choices_in_short(kind)
    words = choices_for(kind)
    return {
        "name": f"{_ROW}{kind}-{row.number}",
        "options": [
            (option, short[option], words[option]) for option in ANSWERS[kind]
        ],
        "answer": choice_at(of.answers, kind, row.number),
    }


def _with_rows(
    of: Import, answers: dict[str, Answer], posted: QueryDict
) -> dict[str, Answer]:
    """Return the answers with those for single rows, also those that were given before."""
    rows: dict[str, dict[str, str]] = {}
    for name, value in posted.items():
        kind, _dash, number = name.removeprefix(_ROW).rpartition("-")
        is_answer = (
            kind in set(_BESIDE.values())
            and str(value) in ANSWERS[QuestionKind(kind)]
        )
        if name.startswith(_ROW) and number.isdecimal() and is_answer:
            rows.setdefault(kind, {})[number] = str(value)
    for kind in set(_BESIDE.values()):
        before = of.answers.get(kind, {})
        alone = {**before.get("rows", {}), **rows.get(kind, {})}
        if alone and (kind in answers or kind in rows):
            answers[kind] = {**before, **answers.get(kind, {}), "rows": alone}
    return answers


def _with_details(
    choice: str, name: str, posted: QueryDict, on: date
) -> Answer:
    """Return an answer with what belongs to it: the day of copies, another encoding."""
    if choice == "copy":
        day = day_in(posted.get(f"{name}-on")) or on
        return {"do": choice, "on": day.isoformat()}
    if choice == "other":
        return {"do": choice, "to": posted.get(f"{name}-to", "")}
    return {"do": choice}


def _row_choices(
    earlier: Mapping[str, object], posted: QueryDict
) -> dict[str, object]:
    """Return the answers for single rows, earlier and now; a blank one follows all others."""
    rows = dict(earlier)
    for name, choice in posted.items():
        word, _, number = name.partition("-")
        if word != "row" or not number.isdecimal():
            continue
        rows.pop(number, None)
        if choice in ANSWERS[QuestionKind.EXISTING]:
            rows[number] = str(choice)
    return rows


def _names_apart(posted: QueryDict) -> dict[str, Answer]:
    """Return the answers to notes that a name was taken for another one: it means somebody else."""
    answers: dict[str, Answer] = {}
    for key in posted.getlist("apart"):
        field, _colon, name = key.partition(":")
        if field in _NAMED and name:
            answers[key] = {"do": "create"}
    return answers


def _contact(field: Field, chosen: str, typed: str, by: User) -> int | None:
    """Return the contact that was chosen or typed by name; None if the person may not see it."""
    if typed.strip():
        return contact_called(field.kind, typed, by)
    contact = number_in(chosen)
    return (
        contact
        if contact is not None and may_see(field.kind, contact, by)
        else None
    )


def _unlike(word: str, pair: tuple[str, str]) -> bool:
    known, asked_for = fold(pair[1]), fold(word)
    return not (
        known.startswith(asked_for[:3])
        or asked_for in known
        or known in asked_for
    )
