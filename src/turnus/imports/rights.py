"""What an import may do: nothing that the importer may not do in the application."""

from collections.abc import Iterable, Mapping

from turnus.accounts.access import Permission, may
from turnus.accounts.models import User
from turnus.core.fields import FieldKind
from turnus.core.issues import Issue, IssueCode
from turnus.fields.builtin import CURRENCY
from turnus.fields.catalog import Catalog
from turnus.imports.field_parts import target_field
from turnus.imports.plan import PlannedRow, Verdict
from turnus.imports.questions import (
    Question,
    QuestionKind,
    StoredAnswers,
    choice_of,
)
from turnus.kit.errors import UserError

_CREATE = "create"
#: What a word can become -> the right that the settings ask for to add one.
_NEEDED: Mapping[FieldKind, Permission] = {
    FieldKind.STAGE: Permission.PIPELINES,
    FieldKind.OPTION: Permission.CUSTOM_FIELDS,
    FieldKind.OPTIONS: Permission.CUSTOM_FIELDS,
    FieldKind.LABELS: Permission.CUSTOM_FIELDS,
    FieldKind.CURRENCY: Permission.COMPANY,
}
#: The moments of closed deals, which reports count by.
_CLOSED_AT = ("won_at", "lost_at")


def right_to_add(path: str, fields: Catalog, by: User) -> Permission | None:
    """Return the right that `by` lacks to let the import add a word to a field; None for none."""
    field = CURRENCY if path == CURRENCY.key else target_field(path, fields)
    needed = None if field is None else _NEEDED.get(field.kind)
    return None if needed is None or may(by, needed) else needed


def allowed_answers(
    answers: StoredAnswers, fields: Catalog, by: User
) -> dict[str, object]:
    """Return the answers without those that would add what `by` may not add.

    These words are asked about again.
    """
    return {
        key: answer
        for key, answer in answers.items()
        if not _is_denied(answers, key, fields, by)
    }


def refuse_denied(answers: StoredAnswers, fields: Catalog, by: User) -> None:
    """Refuse answers that would add what `by` may not add."""
    for key in answers:
        if _is_denied(answers, key, fields, by):
            raise UserError("access.import_adds", word=key.partition(":")[2])


def _is_denied(
    answers: StoredAnswers, key: str, fields: Catalog, by: User
) -> bool:
    return (
        choice_of(answers, key) == _CREATE
        and right_to_add(key.partition(":")[0], fields, by) is not None
    )


def offer_allowed(
    questions: Iterable[Question], fields: Catalog, by: User
) -> None:
    """Offer to add a word only to whoever may, and say which right it takes."""
    for question in questions:
        if (
            question.kind is not QuestionKind.WORD
            or _CREATE not in question.options
        ):
            continue
        lacking = right_to_add(question.path, fields, by)
        if lacking is not None:
            question.options = tuple(
                option for option in question.options if option != _CREATE
            )
            question.needs = str(lacking)


def moves_closed(row: PlannedRow) -> bool:
    """Return whether a row moves the won or lost time of a deal that has one."""
    return any(
        None not in row.changes.get(column, (None,)) for column in _CLOSED_AT
    )


def deny_closed(rows: Iterable[PlannedRow], by: User) -> None:
    """Turn rows into problems that move the time of a closed deal, unless `by` is an admin."""
    if by.is_admin:
        return
    for row in rows:
        if row.verdict is Verdict.UPDATE and moves_closed(row):
            row.verdict = Verdict.PROBLEM
            row.issues.append(
                Issue(IssueCode.CLOSED_TIME_DENIED, row=row.number)
            )
