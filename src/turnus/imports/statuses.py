"""The status of rows that name none: from won times or stages, as a person answered."""

from datetime import date, datetime

from turnus.core.folding import fold
from turnus.core.issues import IssueCode, Severity
from turnus.core.tables import Row
from turnus.imports.questions import QuestionKind, Subject, choice_of
from turnus.imports.read_row import ReadRow
from turnus.imports.rows import RowReader, is_future

#: Stages that say how a deal ended. Sources: HubSpot's and Salesforce's default pipelines.
_CLOSING_WORDS = {
    "won": (
        "closed won",
        "closedwon",
        "won",
        "gewonnen",
        "abgeschlossen und gewonnen",
        "geschlossen gewonnen",
        "abgeschlossen gewonnen",
        "deal won",
    ),
    "lost": (
        "closed lost",
        "closedlost",
        "lost",
        "verloren",
        "abgeschlossen und verloren",
        "geschlossen verloren",
        "abgeschlossen verloren",
        "deal lost",
    ),
}
_STATUS_OF = {
    word: status for status, words in _CLOSING_WORDS.items() for word in words
}
_PUNCTUATION = str.maketrans(dict.fromkeys("-_–(),:/", " "))


class Statuses:
    """Reads rows of deals, and asks where a row ended without saying how."""

    def __init__(self, reader: RowReader, on: date) -> None:
        self.reader = reader
        self.on = on
        self.answer = choice_of(reader.answers, "status")
        self.are_ids_foreign = choice_of(reader.answers, "unknown_ids") == "new"
        self.status_index = _index_of(reader, "status")
        self.stage_index = _index_of(reader, "stage")
        self.has_expected_day = reader.heading_of("expected_close_on") is not None
        #: What may be answered, as far as rows gave reason for it.
        self.options: dict[str, None] = {}

    def read(self, row: Row) -> ReadRow:
        """Return the row as the reader has it, with a status that follows from something else."""
        read = (
            self.reader.read(row)
            if self._names_status(row)
            else self._without_status(row)
        )
        self._expect_close(read)
        return read

    def _names_status(self, row: Row) -> bool:
        if self.status_index is None:
            return False
        cell = row.cells[self.status_index]
        return cell is not None and str(cell).strip() != ""

    def _without_status(self, row: Row) -> ReadRow:
        stage = None if self.stage_index is None else row.cells[self.stage_index]
        told = status_told(str(stage)) if stage is not None else None
        if told is not None and self.answer != "open" and self._is_no_stage(str(stage)):
            row = _without(
                row, self.stage_index
            )  # it is no stage, but a status: asked about as one
        read = self.reader.read(row)
        if read.is_empty or (
            read.values.get("id") is not None and not self.are_ids_foreign
        ):
            return read
        if self.answer:
            self._apply(read, told)
        else:
            self._ask(read, told)
        return read

    def _is_no_stage(self, word: str) -> bool:
        stages = next(
            (
                column.choices
                for column in self.reader.columns
                if column.path == "stage"
            ),
            None,
        )
        return stages is None or stages.find(word) is None

    def _ask(self, read: ReadRow, told: str | None) -> None:
        options = (["dated", "won"] if self._dated(read) else []) + (
            ["stage"] if told else []
        )
        if not options:
            return
        self.options |= dict.fromkeys(options)
        heading = self.reader.heading_of("stage" if told else _dated_path(read))
        about = Subject(heading or "")
        question = self.reader.questions.ask(
            "status", QuestionKind.STATUS, read.number, about
        )
        question.options = (*self.options, "open")
        read.is_waiting = True
        read.add(IssueCode.STATUS_NOT_SAID, Severity.QUESTION, heading)

    def _apply(self, read: ReadRow, told: str | None) -> None:
        if self.answer == "won":
            read.values["status"] = "won"
        elif self.answer == "dated" and self._dated(read):
            read.values["status"] = self._dated(read)
        elif self.answer == "stage" and told:
            read.values["status"] = told
            read.add(
                IssueCode.STATUS_FROM_STAGE,
                Severity.WARNING,
                self.reader.heading_of("stage"),
                status=told,
            )
        else:
            read.values["status"] = "open"

    def _dated(self, read: ReadRow) -> str | None:
        """Return the status that a won, lost or closing day stands for, None without one."""
        values = read.values
        if values.get("won_at") is not None:
            return "won"
        if values.get("lost_at") is not None:
            return "lost"
        closed = values.get("closed_at")
        return "won" if closed is not None and not is_future(closed, self.on) else None

    def _expect_close(self, read: ReadRow) -> None:
        """Take the day of closing of an open deal for the day on which it is expected."""
        closed = read.values.get("closed_at")
        if (
            closed is None
            or self.has_expected_day
            or read.values.get("status") not in {None, "open"}
        ):
            return
        if read.is_waiting or read.values.get("id") is not None:
            return
        read.values.pop("closed_at")
        read.values["expected_close_on"] = (
            closed.date() if isinstance(closed, datetime) else closed
        )


def status_told(stage: str) -> str | None:
    """Return `won` or `lost` where a stage says so (`Closed Won`, `closedlost`), else None."""
    return _STATUS_OF.get(fold(stage.translate(_PUNCTUATION)))


def _dated_path(read: ReadRow) -> str:
    return next(
        (path for path in ("won_at", "lost_at") if read.values.get(path) is not None),
        "closed_at",
    )


def _index_of(reader: RowReader, path: str) -> int | None:
    return next((one.index for one in reader.columns if one.target == path), None)


def _without(row: Row, index: int | None) -> Row:
    cells = [None if at == index else cell for at, cell in enumerate(row.cells)]
    return Row(row.number, cells, row.issues)
