"""An import from the command line: the same steps as in the browser, carried out here and now."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypedDict

from django.db import connections

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.accounts.queries import company, first_admin, user_by_email
from turnus.accounts.words import PERMISSION_NAMES
from turnus.cli.import_summary import (
    column_lines,
    interruption_words,
    missing_lines,
    question_line,
    reading_lines,
    refusal_lines,
    total_lines,
)
from turnus.core.fields import LINK_KINDS
from turnus.core.folding import fold
from turnus.core.issues import Issue
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices
from turnus.fields.catalog import catalog
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.imports.actions import (
    choose_import_columns,
    continue_import,
    discard_import,
    give_answers,
    keep_import,
    request_check,
    request_import,
)
from turnus.imports.checking import check
from turnus.imports.contact_words import contact_called
from turnus.imports.dry_run import MemoryKeeper
from turnus.imports.field_parts import named_target, target_field
from turnus.imports.files import count_of
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan_storage import unpack
from turnus.imports.preparing import new_import, set_answers, set_columns
from turnus.imports.queries import (
    NEVER_CARRIED_OUT,
    standing_of,
    unfinished_of_file,
)
from turnus.imports.questions import StoredAnswers, StoredQuestion
from turnus.imports.state_words import state_words
from turnus.imports.won_months import WonMonth, won_months
from turnus.jobs.worker import run_until_done
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.kit.input_files import check_input
from turnus.kit.messages import say, sentence

Draw = Callable[[int, int], None]
#: So often a plan is made anew because others write the same records at the same time.
_MOST_CHECKS = 3


@dataclass(frozen=True, slots=True)
class ImportSource:
    """A file and what its rows are; `choices` say how it is to be read."""

    path: Path
    kind: str
    choices: ReadingChoices


@dataclass(frozen=True, slots=True)
class SkippedColumns:
    """Columns that a person skips: by heading, or all that fill no field."""

    headings: Sequence[str] = ()
    skips_others: bool = False


class RowReport(TypedDict):
    """A row of the file in the report: what happens to it, and why."""

    row: int
    verdict: str
    codes: list[str]
    messages: list[str]


class Importing:
    """One file on its way in."""

    def __init__(
        self, of: Import, *, by: User, keeper: MemoryKeeper | None = None
    ) -> None:
        self.of = of
        self.by = by
        self.kind = RecordKind(of.record_kind)
        #: Where a dry run has its plan, in place of the database.
        self.keeper = keeper

    @classmethod
    def beginning(
        cls,
        source: ImportSource,
        *,
        email: str | None,
        is_dry: bool,
        is_again: bool,
    ) -> "Importing":
        """Return a new import; refused while one of the same file is unfinished, unless wanted."""
        check_input(source.path)
        by = user_by_email(email) if email else first_admin()
        require(by, Permission.IMPORT)
        name = source.path.name
        of = new_import(
            by=by,
            kind=RecordKind(source.kind),
            path=source.path,
            name=name,
            choices=source.choices,
        )
        of.is_again = is_again
        if is_dry:
            return cls(of, by=by, keeper=MemoryKeeper())
        other = _unfinished_beside(of)
        if other is not None:
            raise UserError(
                "import.same_file_unfinished", **_standing_params(other)
            )
        keep_import(of, by=by, at=clock.now())
        return cls(of, by=by)

    @classmethod
    def unfinished(cls, run: int, *, email: str | None) -> "Importing":
        """Return the import with the number of its run."""
        by = user_by_email(email) if email else first_admin()
        of = (
            Import.objects.select_related("run__by").filter(run_id=run).first()
        )
        if of is None:
            raise UserError("import.run_unknown", run=run)
        return cls(of, by=by)

    def prepare(
        self,
        *,
        mapping: Mapping[str, object],
        answers: StoredAnswers,
        skipped: SkippedColumns,
        on: date | None,
    ) -> None:
        """Apply the given answers, which may change how the file is read, and then the columns."""
        if answers:
            self._give(self._with_ids(answers))
        columns = list(self.of.columns)
        fields = catalog(self.kind)
        for heading, word in mapping.items():
            path = named_target(str(word), fields) if word else None
            if word and path is None:
                raise UserError("field.unknown", field=str(word))
            columns[self._index(heading)] = path
        for heading in skipped.headings:
            columns[self._index(heading)] = None
        ignored = set(skipped.headings)
        ignored.update(
            heading for heading, word in mapping.items() if not word
        )
        if skipped.skips_others:
            pairs = zip(self.of.headings, columns, strict=True)
            ignored.update(heading for heading, path in pairs if path is None)
        if self.keeper is None:
            choose_import_columns(
                of=self.of, by=self.by, columns=columns, on=on, ignored=ignored
            )
        else:
            set_columns(self.of, columns=columns, on=on, ignored=ignored)

    def _give(self, answers: StoredAnswers) -> None:
        if self.keeper is None:
            give_answers(of=self.of, by=self.by, answers=answers)
        else:
            set_answers(self.of, answers, self.by)

    def _index(self, heading: str) -> int:
        if heading not in self.of.headings:
            raise UserError("import.heading_unknown", heading=heading)
        return int(self.of.headings.index(heading))

    def check(self, draw: Draw) -> None:
        """Make the plan."""
        if self.keeper is None:
            request_check(of=self.of, by=self.by, at=clock.now())
            self._wait("imports.check", draw)
        else:
            self.keeper.draw = draw
            check(self.of, at=clock.now(), keeper=self.keeper)
        if self.of.state == Import.State.FAILED:
            raise UserError(
                self.of.error.get("code", "sheet.broken"),
                **self.of.error.get("params", {}),
            )

    @property
    def may_carry_out(self) -> bool:
        """Whether everything that keeps the plan from being carried out has been said."""
        return not (self.of.has_open_questions or self.of.unsaid_sheets)

    @property
    def changes_something(self) -> bool:
        """Whether the plan brings or changes records."""
        return bool(self.of.totals.get("new") or self.of.totals.get("update"))

    def carry_out(self, draw: Draw) -> None:
        """Carry out the plan, if it changes anything; one that no longer fits is made anew."""
        for _ in range(_MOST_CHECKS):
            if not (self.may_carry_out and self.changes_something):
                return
            request_import(
                of=self.of,
                by=self.by,
                at=clock.now(),
                is_again=self.of.is_again,
                was_shown=False,
            )
            self._finish(draw)
            if self.of.state != Import.State.CHECKED:
                return
            moved = self.of.error
            self.check(draw)
        raise UserError(moved["code"], **moved["params"])

    def go_on(self, draw: Draw) -> None:
        """Go on where an import was broken off; a plan that was only checked is carried out."""
        if self.of.state == Import.State.CHECKING:
            continue_import(of=self.of, by=self.by, at=clock.now())
            self._wait("imports.check", draw)
        if self.of.state == Import.State.CHECKED:
            self.carry_out(draw)
        elif self.of.state == Import.State.IMPORTING:
            continue_import(of=self.of, by=self.by, at=clock.now())
            self._finish(draw)
        elif self.of.state != Import.State.DONE:
            raise UserError(
                "import.not_to_continue",
                run=self.of.run_id,
                state=state_words(self.of),
            )

    def _finish(self, draw: Draw) -> None:
        self._wait("imports.commit", draw)
        if self.of.state in {Import.State.UNDOING, Import.State.UNDONE}:
            raise UserError(
                "import.not_to_continue",
                run=self.of.run_id,
                state=state_words(self.of),
            )

    def interrupted(self) -> str:
        """Return what stands when the command has to end; a plan not yet begun is discarded."""
        if self.keeper is not None:
            return interruption_words(self.of)
        connections.close_all()  # the statement at hand may have been cut off
        of = Import.objects.select_related("run__by").get(pk=self.of.pk)
        if of.state in NEVER_CARRIED_OUT:
            discard_import(of=of, by=self.by, at=clock.now())
        return interruption_words(of)

    @property
    def questions(self) -> list[StoredQuestion]:
        """Open questions."""
        return list(self.of.questions) if self.of.has_open_questions else []

    @property
    def is_complete(self) -> bool:
        """Whether everything with content went in, or would, or was left out by a person's word."""
        are_totals_unsaid = (
            count_of(self.of.reading, "total_rows")
            and "reads_totals" not in self.of.choices
        )
        is_in = self.may_carry_out and not self.of.totals.get("problem")
        return is_in and not self.of.unsaid_columns and not are_totals_unsaid

    def report(self) -> dict[str, object]:
        """Return totals, questions, how the file was read and each row's verdict as JSON."""
        of = self.of
        counts = {
            key: value
            for key, value in of.totals.items()
            if isinstance(value, int)
        }
        months = won_months(of, self.by)
        return {
            "file": of.file_name,
            # A dry run has none.
            "run": of.run_id,
            "state": of.state,
            "is_complete": self.is_complete,
            "reading": {
                **of.reading,
                "choices": of.choices,
                "sheet": of.sheet,
            },
            "columns": dict(zip(of.headings, of.columns, strict=True)),
            "left_out": of.left_out,
            "missing": of.totals.get("missing", []),
            "totals": counts,
            "notes": of.totals.get("notes", {}),
            "won": [_month_as_json(month) for month in months],
            "questions": of.questions,
            "rows": list(self._rows(self._blocks())),
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
        blocks = self._blocks()
        refused_blocks = (
            block for block in blocks if block.counts.get("problem")
        )
        for row in self._rows(refused_blocks):
            if row["verdict"] == "problem":
                yield f"{row['row']}: {' '.join(row['messages'])}"
        yield from refusal_lines(self.of)
        for month in won_months(self.of, self.by):
            yield from _month_lines(month)
        yield from self._run_lines()

    def _run_lines(self) -> Iterator[str]:
        """Yield how to undo what was done, or what a dry run would meet."""
        other = None if self.keeper is None else _unfinished_beside(self.of)
        if other is not None:
            yield sentence(
                "import.same_file_unfinished", _standing_params(other)
            )
        if self.of.state == Import.State.DONE:
            yield sentence("import.done", {"run": self.of.run_id})

    def _blocks(self) -> Iterable[PlanBlock]:
        return (
            self.of.blocks.order_by("number").iterator()
            if self.keeper is None
            else self.keeper.blocks
        )

    def _rows(self, blocks: Iterable[PlanBlock]) -> Iterator[RowReport]:
        for block in blocks:
            for row in unpack(block.rows):
                yield RowReport(
                    row=row.number,
                    verdict=str(row.verdict),
                    codes=[str(issue.code) for issue in row.issues],
                    messages=[_message(issue) for issue in row.issues],
                )

    def _question(self, question: StoredQuestion) -> str:
        """Return a question: its key, the number of rows, their money, the possible answers."""
        sums = [
            f"{Money(amount_e4, code).amount:,.2f} {code}"
            for code, amount_e4 in question["sums"].items()
        ]
        options = ", ".join(question["options"])
        about = "; ".join([str(question["count"]), *sums, options])
        line = f"? {self._key(question)}  ({about})"
        needed = question.get("needs")
        if not needed:
            return line
        right = str(PERMISSION_NAMES[Permission(needed)])
        return f"{line} {sentence('import.needs_right', {'right': right})}"

    def _key(self, question: StoredQuestion) -> str:
        """Return the question's key as people write it: with the name of a custom field."""
        field = catalog(self.kind).get(question["path"])
        if field is None or not field.is_custom or not question["word"]:
            return question["key"]
        return f"{field.name('en')}:{question['word']}"

    def _with_ids(self, answers: StoredAnswers) -> dict[str, object]:
        """Let answers name choices by their words: {"do": "map", "to": "Angebot gemacht"}."""
        fields = catalog(self.kind)
        with_ids: dict[str, object] = {}
        for key, answer in answers.items():
            name, colon, word = key.partition(":")
            path = fields.find(name) or name
            field = target_field(path, fields)
            place = f"{path}{colon}{word}"
            with_ids[place] = answer
            if colon and field is not None:
                with_ids[place] = self._with_id(answer, field)
        return with_ids

    def _with_id(self, answer: object, field: Field) -> object:
        """Return an answer that says by its stored value what a word of `field` is to be."""
        choice = answer.get("to") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(choice, str):
            return answer
        stored = self._stored(field, choice)
        if stored is None:
            raise UserError("value.invalid", text=choice)
        return {**answer, "to": stored}

    def _stored(self, field: Field, word: str) -> int | str | None:
        if field.kind in LINK_KINDS:
            return contact_called(field.kind, word, self.by)
        choices = choices_of(field, company().language)
        return choices.find(fold(word)) if choices else None

    def _wait(self, name: str, draw: Draw) -> None:
        run_until_done(name, lambda: self._draw(draw), import_id=self.of.pk)
        self.of.refresh_from_db()
        self._draw(draw)

    def _draw(self, draw: Draw) -> None:
        progress, total = Import.objects.values_list(
            "progress", "row_count"
        ).get(pk=self.of.pk)
        draw(min(progress, total or progress), total or progress)


def _month_lines(month: WonMonth) -> Iterator[str]:
    values = {
        "month": f"{month.start:%Y-%m}",
        "before": f"{month.before.amount:,.2f} {month.before.currency}",
        "after": f"{month.after.amount:,.2f} {month.after.currency}",
    }
    yield sentence("import.won", values)
    if month.without:
        codes = ", ".join(month.without)
        yield "  " + sentence("import.won_without", {"codes": codes})


def _month_as_json(month: WonMonth) -> dict[str, str]:
    return {
        "month": f"{month.start:%Y-%m}",
        "before": str(month.before.amount),
        "after": str(month.after.amount),
        "currency": month.after.currency,
    }


def _message(issue: Issue) -> str:
    return f"{issue.column}: {say(issue)}" if issue.column else say(issue)


def _unfinished_beside(of: Import) -> Import | None:
    """Return an unfinished import of the same file; None without one, or if both are wanted."""
    return None if of.is_again else unfinished_of_file(of)


def _standing_params(of: Import) -> dict[str, int]:
    standing = standing_of(of)
    return {
        "run": of.run_id,
        "done": standing.done_count,
        "rows": standing.row_count,
    }
