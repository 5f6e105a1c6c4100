"""Questions as the wizard asks them, and what was answered; `answer_form` reads the answers."""

from functools import partial
from typing import TypedDict

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
from turnus.imports.contact_words import similar_contacts
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
from turnus.web.imports.answer_form import (
    ROW,
    AnswerForm,
    Entries,
    input_name,
)
from turnus.web.imports.wording import (
    answered_in_words,
    choices_for,
    choices_in_short,
    choices_offered,
    sentence_of,
)

#: The issue of a row beside a subscription -> the question that can be answered for the row.
_BESIDE = {
    IssueCode.TERM_BOOKED: QuestionKind.COVERED,
    IssueCode.TERM_TAKEN: QuestionKind.COVERED,
    IssueCode.TERM_DUE: QuestionKind.DUE,
    IssueCode.CREDIT_ENDS: QuestionKind.CREDIT,
    IssueCode.CREDIT_REDUCES: QuestionKind.REDUCTION,
}


class DrawnQuestion(StoredQuestion):
    """A question for the template."""

    number: int
    name: str
    field: str
    sentence: str
    said: list[tuple[str, str]]
    choices: list[tuple[str, str]]
    is_contact: bool
    where: str
    entries: Entries


class RowAnswer(TypedDict):
    """The choices for a single row: option, words for its button, all its words."""

    name: str
    options: list[tuple[str, str, str]]
    answer: str


def asked(
    of: Import, form: AnswerForm, language: str, by: User
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
                "name": input_name(number),
                "field": name,
                "sentence": sentence_asked,
                "said": choices_offered(question),
                "choices": choices,
                "needs": _needed(question),
                "is_contact": field is not None and field.kind in LINK_KINDS,
                "where": rows,
                "entries": form.entries(number),
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
        "name": f"{ROW}{kind}-{row.number}",
        "options": [
            (option, short[option], words[option]) for option in ANSWERS[kind]
        ],
        "answer": choice_at(of.answers, kind, row.number),
    }


def _unlike(word: str, pair: tuple[str, str]) -> bool:
    known, asked_for = fold(pair[1]), fold(word)
    return not (
        known.startswith(asked_for[:3])
        or asked_for in known
        or known in asked_for
    )
