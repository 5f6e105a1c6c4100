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
    """The statuses of rows of deals; asks where a deal ended and nothing says how."""

    def __init__(self, reader: RowReader, on: date) -> None:
        self.reader = reader
        self.on = on
        self.answer = choice_of(reader.answers, "status")
        self.are_ids_foreign = (
            choice_of(reader.answers, "unknown_ids") == "new"
        )
        self.status_index = _index_of(reader, "status")
        self.stage_index = _index_of(reader, "stage")
        self.has_expected_day = (
            reader.heading_of("expected_close_on") is not None
        )
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
        stage = (
            None if self.stage_index is None else row.cells[self.stage_index]
        )
        of_stage = status_of_stage(str(stage)) if stage is not None else None
        may_be_status = of_stage is not None and self.answer != "open"
        if may_be_status and self._is_no_stage(str(stage)):
            # It is no stage, but a status: asked about as one.
            row = _without(row, self.stage_index)
        read = self.reader.read(row)
        names_deal = (
            read.values.get("id") is not None and not self.are_ids_foreign
        )
        if read.is_empty or names_deal:
            return read
        if self.answer:
            self._apply(read, of_stage)
        else:
            self._ask(read, of_stage)
        return read

    def _is_no_stage(self, word: str) -> bool:
        for column in self.reader.columns:
            if column.path == "stage":
                return (
                    column.choices is None or column.choices.find(word) is None
                )
        return True

    def _ask(self, read: ReadRow, of_stage: str | None) -> None:
        options = []
        if self._dated(read):
            options += ["dated", "won"]
        if of_stage:
            options.append("stage")
        if not options:
            return
        self.options |= dict.fromkeys(options)
        path = "stage" if of_stage else _dated_path(read)
        heading = self.reader.heading_of(path)
        about = Subject(heading or "")
        question = self.reader.questions.ask(
            "status", QuestionKind.STATUS, read.number, about
        )
        question.options = (*self.options, "open")
        read.is_waiting = True
        read.add(IssueCode.STATUS_NOT_SAID, Severity.QUESTION, heading)

    def _apply(self, read: ReadRow, of_stage: str | None) -> None:
        if self.answer == "won":
            read.values["status"] = "won"
        elif self.answer == "dated" and self._dated(read):
            read.values["status"] = self._dated(read)
        elif self.answer == "stage" and of_stage:
            read.values["status"] = of_stage
            heading = self.reader.heading_of("stage")
            read.add(
                IssueCode.STATUS_FROM_STAGE,
                Severity.WARNING,
                heading,
                status=of_stage,
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
        if closed is None or is_future(closed, self.on):
            return None
        return "won"

    def _expect_close(self, read: ReadRow) -> None:
        """Take the day of closing of an open deal for the day on which it is expected."""
        closed = read.values.get("closed_at")
        if closed is None or self.has_expected_day:
            return
        if read.values.get("status") not in {None, "open"}:
            return
        if read.is_waiting or read.values.get("id") is not None:
            return
        read.values.pop("closed_at")
        day = closed.date() if isinstance(closed, datetime) else closed
        read.values["expected_close_on"] = day


def status_of_stage(stage: str) -> str | None:
    """Return `won` or `lost` where a stage says so (`Closed Won`, `closedlost`), else None."""
    return _STATUS_OF.get(fold(stage.translate(_PUNCTUATION)))


def _dated_path(read: ReadRow) -> str:
    for path in ("won_at", "lost_at"):
        if read.values.get(path) is not None:
            return path
    return "closed_at"


def _index_of(reader: RowReader, path: str) -> int | None:
    for column in reader.columns:
        if column.target == path:
            return column.index
    return None


def _without(row: Row, index: int | None) -> Row:
    cells = list(row.cells)
    if index is not None:
        cells[index] = None
    return Row(row.number, cells, row.issues)
