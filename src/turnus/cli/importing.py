"""An import from the command line: the same steps as in the browser, carried out here and now."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from turnus.accounts.access import Permission
from turnus.accounts.queries import company, first_admin, user_by_email
from turnus.accounts.words import PERMISSION_NAMES
from turnus.cli.import_summary import (
    column_lines,
    missing_lines,
    question_line,
    reading_lines,
    refusal_lines,
    total_lines,
)
from turnus.cli.inputs import check_input
from turnus.core.fields import LINK_KINDS
from turnus.core.folding import fold
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices
from turnus.fields.catalogue import catalogue
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.imports.actions import choose_import_columns, give_answers, request_check, request_import, start_import
from turnus.imports.files import count_of
from turnus.imports.models import Import, PlanBlock
from turnus.imports.named import contact_called
from turnus.imports.parts import named_target, target_field
from turnus.imports.plan import unpack
from turnus.imports.won import won_months
from turnus.jobs.worker import run_until_done
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.kit.messages import say, sentence

Draw = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Columns that a person leaves out: by heading, or all that fill no field."""

    headings: Sequence[str] = ()
    leaves_out_others: bool = False


class Importing:
    """One file on its way in."""

    def __init__(self, *, path: Path, kind: str, choices: ReadingChoices, email: str | None) -> None:
        check_input(path)
        self.by = user_by_email(email) if email else first_admin()
        self.kind = RecordKind(kind)
        self.of: Import = start_import(
            by=self.by, at=clock.now(), kind=self.kind, path=path, name=path.name, choices=choices
        )

    def prepare(
        self, *, mapping: Mapping[str, Any], answers: Mapping[str, Any], ignored: LeftOut, on: date | None
    ) -> None:
        """Apply the given answers, which may change how the file is read, and then the columns."""
        if answers:
            give_answers(of=self.of, by=self.by, answers=self._with_ids(answers))
        columns = list(self.of.columns)
        fields = catalogue(self.kind)
        for heading, word in mapping.items():
            path = named_target(str(word), fields) if word else None
            if word and path is None:
                raise UserError("field.unknown", field=str(word))
            columns[self._index(heading)] = path
        for heading in ignored.headings:
            columns[self._index(heading)] = None
        said = {*ignored.headings, *(heading for heading, word in mapping.items() if not word)}
        if ignored.leaves_out_others:
            said.update(heading for heading, path in zip(self.of.headings, columns, strict=True) if path is None)
        choose_import_columns(of=self.of, by=self.by, columns=columns, on=on, ignored=said)

    def _index(self, heading: str) -> int:
        if heading not in self.of.headings:
            raise UserError("import.heading_unknown", heading=heading)
        return int(self.of.headings.index(heading))

    def check(self, draw: Draw) -> None:
        """Make the plan."""
        request_check(of=self.of, by=self.by, at=clock.now())
        self._wait("imports.check", draw)
        if self.of.state == Import.State.FAILED:
            raise UserError(self.of.error.get("code", "sheet.broken"), **self.of.error.get("params", {}))

    @property
    def may_carry_out(self) -> bool:
        """Whether everything that keeps the plan from being carried out has been said."""
        return not (self.of.has_open_questions or self.of.unsaid_sheets)

    def carry_out(self, draw: Draw) -> None:
        """Carry out the plan, if it changes anything."""
        if self.of.totals.get("new") or self.of.totals.get("update"):
            request_import(of=self.of, by=self.by, at=clock.now())
            self._wait("imports.commit", draw)

    @property
    def questions(self) -> list[dict[str, Any]]:
        """Open questions."""
        return list(self.of.questions) if self.of.has_open_questions else []

    @property
    def is_complete(self) -> bool:
        """Whether everything with content went in, or would, or was left out by a person's word."""
        are_totals_unsaid = count_of(self.of.reading, "total_rows") and "reads_totals" not in self.of.choices
        is_in = self.may_carry_out and not self.of.totals.get("problem")
        return is_in and not self.of.unsaid_columns and not are_totals_unsaid

    def report(self) -> dict[str, Any]:
        """Return totals, questions, how the file was read and each row's verdict as JSON."""
        return {
            "file": self.of.file_name,
            "run": self.of.run_id,
            "state": self.of.state,
            "is_complete": self.is_complete,
            "reading": {**self.of.reading, "choices": self.of.choices, "sheet": self.of.sheet},
            "columns": dict(zip(self.of.headings, self.of.columns, strict=True)),
            "left_out": self.of.left_out,
            "missing": self.of.totals.get("missing", []),
            "totals": {key: value for key, value in self.of.totals.items() if isinstance(value, int)},
            "notes": self.of.totals.get("notes", {}),
            "won": [
                {
                    "month": f"{one.start:%Y-%m}",
                    "before": str(one.before.amount),
                    "after": str(one.after.amount),
                    "currency": one.after.currency,
                }
                for one in won_months(self.of, self.by)
            ],
            "questions": self.of.questions,
            "rows": list(self._rows(self.of.blocks.all())),
        }

    def summary(self) -> Iterator[str]:
        """Yield what happened, for people."""
        yield from missing_lines(self.of)
        yield from reading_lines(self.of)
        yield from column_lines(self.of)
        yield from total_lines(self.of)
        for question in self.questions:
            about = question_line(self.of, question)
            if about:
                yield about
            yield self._question(question)
        for row in self._rows(self.of.blocks.filter(counts__has_key="problem")):
            if row["verdict"] == "problem":
                yield f"{row['row']}: {' '.join(row['messages'])}"
        yield from refusal_lines(self.of)
        for month in won_months(self.of, self.by):
            before, after = (f"{one.amount:,.2f} {one.currency}" for one in (month.before, month.after))
            values = {"month": f"{month.start:%Y-%m}", "before": before, "after": after}
            yield sentence("import.won", values)
            if month.without:
                yield "  " + sentence("import.won_without", {"codes": ", ".join(month.without)})
        if self.of.state == Import.State.DONE:
            yield sentence("import.done", {"run": self.of.run_id})

    def _rows(self, blocks: QuerySet[PlanBlock]) -> Iterator[dict[str, Any]]:
        for packed in blocks.order_by("number").values_list("rows", flat=True).iterator():
            for row in unpack(packed):
                yield {
                    "row": row.number,
                    "verdict": str(row.verdict),
                    "codes": [str(one.code) for one in row.issues],
                    "messages": [f"{one.column}: {say(one)}" if one.column else say(one) for one in row.issues],
                }

    def _question(self, question: Mapping[str, Any]) -> str:
        """Return a question with its key, how many rows it is about, their money, and what may be answered."""
        sums = [f"{Money(amount, code).amount:,.2f} {code}" for code, amount in question["sums"].items()]
        about = "; ".join([str(question["count"]), *sums, ", ".join(question["options"])])
        line = f"? {self._key(question)}  ({about})"
        if not question.get("needs"):
            return line
        right = str(PERMISSION_NAMES[Permission(question["needs"])])
        return f"{line} {sentence('import.needs_right', {'right': right})}"

    def _key(self, question: Mapping[str, Any]) -> str:
        """Return the question's key as a person would write it: with the name of a custom field, not its digits."""
        field = catalogue(self.kind).get(question["path"])
        is_named = field is not None and field.is_custom and question["word"]
        return f"{field.name('en')}:{question['word']}" if field and is_named else str(question["key"])

    def _with_ids(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Let answers name choices by their words: {"do": "map", "to": "Angebot gemacht"}."""
        fields = catalogue(self.kind)
        settled: dict[str, Any] = {}
        for said, answer in answers.items():
            word, found, rest = said.partition(":")
            path = fields.find(word) or word
            key = f"{path}{found}{rest}"
            field = target_field(path, fields)
            if found and isinstance(answer, dict) and isinstance(answer.get("to"), str) and field is not None:
                stored = self._stored(field, answer["to"])
                if stored is None:
                    raise UserError("value.invalid", text=answer["to"])
                settled[key] = {**answer, "to": stored}
            else:
                settled[key] = answer
        return settled

    def _stored(self, field: Field, word: str) -> Any:
        if field.kind in LINK_KINDS:
            return contact_called(field.kind, word, self.by)
        choices = choices_of(field, company().language)
        return choices.find(fold(word)) if choices else None

    def _wait(self, name: str, draw: Draw) -> None:
        run_until_done(name, self.of.pk, lambda: self._draw(draw))
        self.of.refresh_from_db()
        self._draw(draw)

    def _draw(self, draw: Draw) -> None:
        progress, total = Import.objects.values_list("progress", "row_count").get(pk=self.of.pk)
        draw(min(progress, total or progress), total or progress)
