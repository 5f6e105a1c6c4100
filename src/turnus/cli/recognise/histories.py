"""A spreadsheet of years of won deals -> plain facts, with nothing set up: no database is asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from turnus.cli.inputs import check_input
from turnus.cli.recognise.words import REASONS
from turnus.core.fields import FieldKind as Kind
from turnus.core.fields import Notation, ParseError, guess_notation, parser_for
from turnus.core.mapping import guess, heading_key
from turnus.core.money import Money
from turnus.core.recognise.facts import Sold
from turnus.core.records import RecordKind
from turnus.core.tables import Row, Table
from turnus.fields.builtin import BUILTIN
from turnus.fields.catalogue import LINKS, Catalogue
from turnus.fields.choices import STATUS_WORDS, known
from turnus.imports.targets import heading_names
from turnus.kit.errors import UserError
from turnus.sheets import reading

#: What people call the field that the help page tells them to add (reference 1.2; the rest is what they write).
_PLAN_WORDS = (
    "Plan", "Abo-Plan", "Abo", "Abonnement", "Abomodell", "Subscription plan", "Subscription", "Turnus", "Intervall", "Interval", "Zahlungsweise",
    "Abonnement beginnen: Plan", "Begin a subscription: plan", "Abrechnung", "Abrechnungsintervall", "Billing", "Billing period", "Billing interval", "Frequency", "Recurrence",
)  # fmt: skip
_IDS = {
    "organisation.id": ("Organization - ID", "Organisation - ID", "Deal - Organization ID", "Deal - Organisation ID"),
    "person.id": ("Person - ID", "Deal - Person ID", "Deal - Contact person ID", "Kontaktperson - ID"),
    "deal.id": ("Deal - ID", "ID", "Deal ID", "Deal-ID"),
}
_KINDS = {"won_at": Kind.MOMENT, "value": Kind.MONEY, "status": Kind.STATUS}
#: So many rows tell how a column is written.
_SAMPLE = 5000


@dataclass(frozen=True, slots=True)
class Origin:
    """The file as it stands, for whoever writes rows like its own."""

    source: reading.Source
    headings: tuple[str, ...]
    #: Path of a field -> its column.
    columns: Mapping[str, int]
    #: Deal -> its row.
    rows: Mapping[int, Row]
    #: How the columns of moments and amounts are written.
    notations: Mapping[str, Notation]


@dataclass(frozen=True, slots=True)
class History:
    """The won deals of a file, and why each other row was left out: rows by reason."""

    sold: tuple[Sold, ...]
    left_out: Mapping[str, int]
    row_count: int
    origin: Origin

    @property
    def currencies(self) -> list[str]:
        """The currencies of the deals, the most common first."""
        return [code for code, _ in Counter(deal.currency for deal in self.sold).most_common()]


class _LeftOut(Exception):  # noqa: N818 (it says what happens to the row)
    """A row that is no readable won deal; the argument says why."""


def read_history(path: Path, *, currency: str, zone: ZoneInfo, plan_heading: str = "", as_of: date) -> History:
    """Return the won deals in `path`, up to and including `as_of`; amounts without a currency are in `currency`.

    Raises UserError where the file is no spreadsheet, or lacks what no deal can do without.
    """
    check_input(path)
    source = reading.inspect(path)
    table = reading.read(source)
    columns = _columns(table, plan_heading)
    rows = list(table.rows)
    reader = _Reader(columns, rows, currency=currency, zone=zone, as_of=as_of)
    left_out: Counter[str] = Counter()
    sold: dict[int, Sold] = {}
    row_of: dict[int, Row] = {}
    for row in rows:
        try:
            deal = reader.deal(row)
        except _LeftOut as reason:
            left_out[str(reason)] += 1
            continue
        if deal.deal in sold:
            left_out["twice"] += 1
        sold[deal.deal], row_of[deal.deal] = deal, row
    if not sold:
        raise _none(rows, left_out)
    origin = Origin(source, table.headings, columns, row_of, reader.notations)
    return History(tuple(sold.values()), dict(left_out), len(rows), origin)


def _none(rows: Sequence[Row], left_out: Counter[str]) -> UserError:
    if not rows:
        return UserError("history.no_rows")
    reasons = ", ".join(f"{count} {REASONS[reason]}" for reason, count in left_out.most_common())
    return UserError("history.no_won", rows=len(rows), reasons=reasons)


def _columns(table: Table, plan_heading: str) -> dict[str, int]:
    names = {"plan": [plan_heading] if plan_heading else _prefixed(_PLAN_WORDS), **_IDS, **_names()}
    paths = guess(table.headings, names)
    columns = {path: index for index, path in enumerate(paths) if path}
    for path, code in (("won_at", "history.no_dates"), ("value", "history.no_values")):
        if path not in columns:
            raise UserError(code, headings=", ".join(table.headings))
    if not columns.keys() & {"organisation", "person", "organisation.id", "person.id"}:
        raise UserError("history.no_customers", headings=", ".join(table.headings))
    if plan_heading and heading_key(plan_heading) not in map(heading_key, table.headings):
        raise UserError("history.no_column", heading=plan_heading, headings=", ".join(table.headings))
    return columns


def _names() -> dict[str, list[str]]:
    by_path = {one.key: one for one in BUILTIN[RecordKind.DEAL]}
    for link, kind in LINKS[RecordKind.DEAL].items():
        by_path |= {f"{link}.{one.key}": one for one in BUILTIN[kind]}
    return heading_names(Catalogue(RecordKind.DEAL, by_path))


def _prefixed(words: Sequence[str]) -> list[str]:
    return [*(f"Deal - {word}" for word in words), *words]


class _Reader:
    """Reads rows; each column's notation is taken from its own cells."""

    def __init__(
        self, columns: Mapping[str, int], rows: Sequence[Row], *, currency: str, zone: ZoneInfo, as_of: date
    ) -> None:
        self.columns, self.currency, self.zone, self.as_of = columns, currency, zone, as_of
        statuses = known(
            (), *((word, key) for key, by in STATUS_WORDS.items() for words in by.values() for word in words)
        )
        self.notations = {path: self._notation(path, rows) for path in _KINDS if path in columns}
        self.parsers = {
            path: parser_for(_KINDS[path], notation=notation, choices=statuses, currency=currency)
            for path, notation in self.notations.items()
        }

    def deal(self, row: Row) -> Sold:
        """Return the row's deal; raises _LeftOut with the reason where it is none."""
        if "status" in self.columns and self._parsed("status", row) != "won":
            raise _LeftOut("not_won")
        won_on, minute = self._won(row)
        money = self._parsed("value", row)
        if not isinstance(money, Money):
            raise _LeftOut("no_value")
        facts = {path: self._text(path, row) for path in ("organisation", "person", "organisation.id", "person.id")}
        if not any(facts.values()):
            raise _LeftOut("no_customer")
        return Sold(
            deal=self._id(row), won_on=won_on, minute=minute, value_e4=money.amount_e4,
            currency=self._text("currency", row).upper() or money.currency, title=self._text("title", row),
            plan=self._text("plan", row), organisation=facts["organisation"], person=facts["person"],
            organisation_id=facts["organisation.id"], person_id=facts["person.id"],
        )  # fmt: skip

    def _won(self, row: Row) -> tuple[date, int | None]:
        won = self._parsed("won_at", row)
        if not isinstance(won, date):
            raise _LeftOut("no_date")
        minute = None
        if isinstance(won, datetime):
            won = won.astimezone(self.zone) if won.tzinfo else won
            minute = won.hour * 60 + won.minute
            won = won.date()
        if won > self.as_of:
            raise _LeftOut("later")
        return won, minute

    def _parsed(self, path: str, row: Row) -> Any:
        try:
            return self.parsers[path](row.cells[self.columns[path]])
        except ParseError:
            raise _LeftOut(f"unreadable_{path}") from None

    def _text(self, path: str, row: Row) -> str:
        cell = row.cells[self.columns[path]] if path in self.columns else None
        if cell is None:
            return ""
        return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()

    def _id(self, row: Row) -> int:
        text = self._text("deal.id", row)
        # A row without a number in a file with numbers must not take the number of another one.
        return int(text) if text.isdecimal() else -row.number if "deal.id" in self.columns else row.number

    def _notation(self, path: str, rows: Sequence[Row]) -> Notation:
        index = self.columns[path]
        return guess_notation(text for row in rows[:_SAMPLE] if isinstance(text := row.cells[index], str))
