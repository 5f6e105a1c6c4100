"""The renewals of a period from a file of copied deals: what is written, what is skipped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from turnus.core.calendar import DateRange
from turnus.core.detection.decisions import decisions_of
from turnus.core.detection.facts import Detection, Sold
from turnus.core.detection.renewals import RenewalStanding, TermDue, terms_due
from turnus.detection.files.copied_rows import CopiedRows, language_of
from turnus.detection.files.detecting import Settings, detection_of
from turnus.detection.files.histories import FileHistory, read_history
from turnus.detection.files.reading_options import ReadingOptions
from turnus.kit.output_files import replacing
from turnus.sheets.writing import writer


@dataclass(frozen=True, slots=True)
class Renewals:
    """What is due in the period: the terms to write, and those that are skipped."""

    days: DateRange
    history: FileHistory
    detection: Detection
    written: Sequence[TermDue]
    skipped: Sequence[TermDue]
    #: Deal -> what the file says of it.
    sold: Mapping[int, Sold]

    @property
    def retitled(self) -> list[TermDue]:
        """The written terms whose title was brought forward."""
        return [
            term
            for term in self.written
            if term.title != self.sold[term.deal].title
        ]

    def customer(self, term: TermDue) -> str:
        """Return the name of a term's customer."""
        return self.detection.customers[
            self.detection.chains[term.chain].customer
        ]


def read_until_end_of(
    days: DateRange, path: Path, settings: Settings, *, how: ReadingOptions
) -> FileHistory:
    """Return the file's history, including deals won in advance: they pay for later terms."""
    known_on = max(settings.as_of, days.last_day)
    return read_history(
        path,
        currency=settings.currency or "EUR",
        zone=settings.zone,
        as_of=known_on,
        how=how,
    )


def renewals_of(
    history: FileHistory,
    settings: Settings,
    days: DateRange,
    *,
    also: frozenset[RenewalStanding],
    progress: Callable[[int, int], None],
) -> Renewals:
    """Return the unpaid terms of `days`, with those of the standings `also`; skip the others."""
    known_on = max([settings.as_of, *(deal.won_on for deal in history.sold)])
    detection = detection_of(history.sold, known_on, progress=progress)
    asked = _asked(detection, history.sold, known_on)
    if known_on > settings.as_of:
        # What is in question is so without the copies that were made ahead: they answer nothing.
        past = [deal for deal in history.sold if deal.won_on <= settings.as_of]
        before = detection_of(past, settings.as_of, progress=progress)
        asked |= _asked(before, past, settings.as_of)
    found = terms_due(
        detection,
        history.sold,
        days=days,
        as_of=settings.as_of,
        asked=asked,
        language=language_of(history.origin),
    )
    wanted = {RenewalStanding.DUE, *also}
    written = [term for term in found if term.standing in wanted]
    skipped = [term for term in found if term.standing not in wanted]
    sold = {deal.deal: deal for deal in history.sold}
    result = Renewals(days, history, detection, written, skipped, sold)
    written.sort(
        key=lambda term: (term.starts_on, result.customer(term), term.deal)
    )
    return result


def _asked(
    detection: Detection, sold: Sequence[Sold], as_of: date
) -> set[int]:
    """Return the deals in question, and the last ones of chains on which a decision depends.

    A chain whose price or rhythm hangs on a deal long ago is as doubtful as that deal.
    """
    asked = {question.deal for question in detection.questions}
    for decision in decisions_of(detection, sold, as_of=as_of):
        if decision.stake_e4:
            asked.update(
                chain.deals[-1] for chain in decision.readings[0].chains
            )
    return asked


def write_renewals(renewals: Renewals, path: Path) -> None:
    """Write the file in the way the input is written."""
    history, chains = renewals.history, renewals.detection.chains
    copied = CopiedRows(
        history,
        chains,
        renewals.written,
        is_workbook=path.suffix.lower() == ".xlsx",
    )
    delimiter = history.origin.source.delimiter or ","
    with (
        replacing(path) as draft,
        writer(draft, copied.headings, delimiter=delimiter) as file,
    ):
        for row in copied.rows():
            file.write_row(row)
