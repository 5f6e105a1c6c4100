"""A spreadsheet of years of won deals -> plain facts, with nothing set up: no database is asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from turnus.core.detection.facts import Sold
from turnus.core.fields import Notation
from turnus.core.tables import Row
from turnus.detection.files.deals import Deals, DealSheet, Ways
from turnus.detection.files.fields import columns_of
from turnus.detection.files.notation_proofs import (
    Proof,
    proof_of_dates,
    proof_of_numbers,
)
from turnus.detection.files.reading_options import ReadingOptions, with_answers
from turnus.detection.files.row_outcomes import RowRemark
from turnus.detection.files.terminal_text import REASONS, why_unreadable
from turnus.imports.files import NOTATION_ROWS, notations_of
from turnus.imports.questions import choice_of
from turnus.kit.errors import UserError
from turnus.kit.input_files import check_input
from turnus.kit.messages import quoted
from turnus.sheets.opening import open_table
from turnus.sheets.reading import FileSource


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """The file as it stands, for whoever writes rows like its own."""

    sheet: DealSheet
    #: Deal -> its row.
    rows: Mapping[int, Row]
    #: How the columns of moments and amounts are written.
    notations: Mapping[str, Notation]
    #: What proved it where the column alone did not.
    proofs: Sequence[Proof]

    @property
    def source(self) -> FileSource:
        """What the file is."""
        return self.sheet.source

    @property
    def headings(self) -> tuple[str, ...]:
        """Its headings."""
        return self.sheet.table.headings

    @property
    def columns(self) -> Mapping[str, int]:
        """Path of a field -> its column."""
        return self.sheet.columns


@dataclass(frozen=True, slots=True)
class FileHistory:
    """The won deals of a file, why each other row was skipped, and notes on the rows read."""

    sold: tuple[Sold, ...]
    #: Reason -> numbers of the rows, as the spreadsheet shows them.
    skipped_rows: Mapping[str, Sequence[int]]
    row_count: int
    origin: FileOrigin
    #: What is wrong with the unreadable rows, which the options skip.
    unreadable: Sequence[RowRemark]
    notes: Sequence[RowRemark]

    @property
    def skipped_counts(self) -> dict[str, int]:
        """How many rows were skipped, by reason."""
        return {
            reason: len(rows) for reason, rows in self.skipped_rows.items()
        }

    @property
    def currencies(self) -> list[str]:
        """The currencies of the deals, the most common first."""
        return [
            code
            for code, _ in Counter(
                deal.currency for deal in self.sold
            ).most_common()
        ]


def read_history(
    path: Path,
    *,
    currency: str,
    zone: ZoneInfo,
    as_of: date,
    how: ReadingOptions | None = None,
) -> FileHistory:
    """Return the won deals in `path`, up to and including `as_of`.

    Amounts without a currency are in `currency`.

    Raises UserError where the file is no spreadsheet, lacks a required column, or has rows
    that cannot be read: each with its reason, unless the options skip them.
    """
    how = how or ReadingOptions()
    sheet = _opened(path, how)
    answers = how.answers_for(sheet.heading("won_at"), sheet.heading("value"))
    _refuse_doubtful_encoding(sheet, how)
    ways = Ways(currency, zone, as_of, answers)
    notations = notations_of(
        sheet.rows[:NOTATION_ROWS], list(sheet.columns.values())
    )
    proofs = _proofs(sheet, ways, notations)
    notations |= {proof.index: proof.notation for proof in proofs}
    deals = Deals(sheet, ways, notations).take(sheet.rows)
    _check(deals, how)
    written = {path: deals.notation_of(path) for path in ("won_at", "value")}
    outcomes = deals.outcomes
    return FileHistory(
        tuple(deals.sold.values()),
        dict(outcomes.skipped),
        len(sheet.rows),
        FileOrigin(sheet, deals.row_of, written, proofs),
        outcomes.unreadable(),
        outcomes.notes(),
    )


def _opened(path: Path, how: ReadingOptions) -> DealSheet:
    check_input(path)
    source, table = open_table(path, with_answers(how.choices, how.answers))
    columns = columns_of(table.headings, how.plan_heading)
    return DealSheet(source, table, columns, list(table.rows))


def _proofs(
    sheet: DealSheet, ways: Ways, notations: Mapping[int, Notation]
) -> list[Proof]:
    """Return what the file proves about columns whose format is open and was not chosen."""
    found: list[Proof | None] = []
    if not choice_of(ways.answers, f"numbers:{sheet.heading('value')}"):
        found.append(
            proof_of_numbers(sheet, notations[sheet.columns["value"]])
        )
    if not choice_of(ways.answers, f"dates:{sheet.heading('won_at')}"):
        by_now = {
            **notations,
            **{proof.index: proof.notation for proof in found if proof},
        }
        index, sample = sheet.columns["won_at"], sheet.rows[:NOTATION_ROWS]

        def sold_if(notation: Notation) -> Sequence[Sold]:
            return list(
                Deals(sheet, ways, {**by_now, index: notation})
                .take(sample)
                .sold.values()
            )

        found.append(proof_of_dates(sheet, notations[index], sold_if))
    return [proof for proof in found if proof is not None]


def _refuse_doubtful_encoding(sheet: DealSheet, how: ReadingOptions) -> None:
    is_settled = how.choices.encoding or choice_of(how.answers, "encoding")
    reading = sheet.table.reading
    if reading.is_encoding_doubtful and not is_settled:
        raise UserError(
            "history.encoding_doubtful",
            encoding=reading.encoding,
            words=quoted(reading.encoding_samples),
        )


def _check(deals: Deals, how: ReadingOptions) -> None:
    """Refuse a file with unreadable rows, unless the options skip them, or without deals."""
    outcomes, count = deals.outcomes, deals.outcomes.unreadable_count
    if count and not how.skips_unreadable:
        details = "\n".join(
            f"  {line}" for line in why_unreadable(outcomes.unreadable())
        )
        raise UserError("history.unreadable", count=count, details=details)
    if deals.sold:
        return
    if not deals.sheet.rows:
        raise UserError("history.no_rows")
    reasons = sorted(outcomes.skipped.items(), key=lambda pair: -len(pair[1]))
    counts = ", ".join(
        f"{len(rows)} {REASONS[reason]}" for reason, rows in reasons
    )
    raise UserError(
        "history.no_won", rows=len(deals.sheet.rows), reasons=counts
    )
