"""Show a report as a table, or as JSON.

examples:
  turnus report mrr --from 2018-01-01 --to 2018-12-31
  turnus report mrr --on 2018-03-10
  turnus report mrr --split plan --by quarter
  turnus report movements --as-known-on 2018-06-30 --json
  turnus report rates --figure nrr --at 2018-10-31 --json
  turnus report won --from 2018-01-01 --to 2018-12-31 --split owner

Reports: mrr, movements, rates, cohorts, bookings, forecast; won, lost, open (deals over time).
"""

import argparse
import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from turnus.cli.inputs import day
from turnus.cli.terminal import tell

if TYPE_CHECKING:
    from turnus.accounts.models import Company, User
    from turnus.core.calendar import DateRange, Period
    from turnus.core.filters import Node
    from turnus.core.records import RecordKind
    from turnus.reports.recurring.source import Source
    from turnus.reports.report import Report
    from turnus.reports.shape import Line, RevenueReport

_RECURRING = ("mrr", "movements", "rates", "cohorts", "bookings", "forecast")
_DEALS = ("won", "lost", "open")
#: Headings and cells of each line, and what a file of JSON says beside them.
_Table = tuple[list[str], list[list[Any]], dict[str, Any]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which report, of which days."""
    parser.add_argument(
        "name", choices=[*_RECURRING, *_DEALS], metavar="NAME", help="report (see below)"
    )
    parser.add_argument(
        "--from", dest="first", type=day, metavar="DAY", help="first day (default: a year ago)"
    )
    parser.add_argument(
        "--to", dest="last", type=day, metavar="DAY", help="last day (default: this month's)"
    )
    parser.add_argument(
        "--on", type=day, metavar="DAY", help="a single day, in place of --from and --to"
    )
    parser.add_argument(
        "--by",
        choices=["day", "month", "quarter", "year"],
        help="period of a line (default: month)",
    )
    parser.add_argument(
        "--split", metavar="FIELD", help="name or path of the field that splits each line"
    )
    parser.add_argument("--filter", metavar="NAME", help="saved filter (default: everything)")
    parser.add_argument(
        "--currency", metavar="CODE", help="currency of the figures (default: the company's)"
    )
    parser.add_argument(
        "--rates",
        choices=["booking", "constant", "today"],
        default="booking",
        help="exchange rates",
    )
    parser.add_argument(
        "--measure", choices=["customers", "revenue"], default="revenue", help="what cohorts count"
    )
    parser.add_argument(
        "--as-known-on", dest="known_on", type=day, metavar="DAY", help="only what was known then"
    )
    parser.add_argument(
        "--figure", metavar="CODE", help="open this figure (a code of the JSON): what it is made of"
    )
    parser.add_argument(
        "--at", type=day, metavar="DAY", help="of the line with this day (default: last)"
    )
    parser.add_argument("--part", metavar="NAME", help="of this part of the split")
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user whose rights apply (default: the first admin)",
    )


def run(given: argparse.Namespace) -> int:
    """Write the report."""
    from turnus.accounts.queries import company, first_admin, user_by_email

    by = user_by_email(given.email) if given.email else first_admin()
    if given.figure and given.name in _RECURRING:
        return _figure(given, *_asked(given, by, company()))
    if given.name in _DEALS:
        _refuse_unused(given)
    make = _recurring if given.name in _RECURRING else _deals
    headings, rows, more = make(given, by, company())
    if given.json:
        lines = [dict(zip(headings, row, strict=True)) for row in rows]
        tell(
            json.dumps({"report": given.name, **more, "lines": lines}, ensure_ascii=False, indent=2)
        )
        return 0
    for line in _aligned([headings, *rows]):
        tell(line)
    for note in more.get("withheld", ()):
        tell(f"! {note['currency']}: {note['on']}")
    return 0


def _refuse_unused(given: argparse.Namespace) -> None:
    """Refuse what reports of deals over time do not know, instead of passing it over."""
    from turnus.kit.errors import UserError

    options = {
        "--currency": given.currency,
        "--as-known-on": given.known_on,
        "--figure": given.figure,
    }
    for option, value in options.items():
        if value:
            raise UserError("report.option_unknown", option=option, report=given.name)


def _figure(given: argparse.Namespace, source: "Source", report: "RevenueReport") -> int:
    from turnus.cli.figures import as_json, as_table, opened_figure

    found = opened_figure(
        given.name, source, report, code=given.figure, at=given.at, part=given.part
    )
    if given.json:
        shown = {"report": given.name, "currency": report.currency, **as_json(found, source)}
        tell(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    for line in _aligned(list(as_table(found, source, _language()))):
        tell(line)
    return 0


def _recurring(given: argparse.Namespace, by: "User", owner: "Company") -> _Table:
    _source, report = _asked(given, by, owner)
    return _table(report, is_json=given.json)


def _asked(
    given: argparse.Namespace, by: "User", owner: "Company"
) -> "tuple[Source, RevenueReport]":
    from turnus.accounts.queries import rates
    from turnus.accounts.viewer import Viewer
    from turnus.core.records import RecordKind
    from turnus.fields.catalog import catalog
    from turnus.kit import clock
    from turnus.reports.asking import report_currency
    from turnus.reports.catalog import REPORTS
    from turnus.reports.recurring.source import Source, split_paths
    from turnus.reports.shape import Basis, Measure, RevenueParams

    on, fields = clock.today(owner.zone), catalog(RecordKind.SUBSCRIPTION)
    params = RevenueParams(
        _days(given, on),
        _period(given),
        _path(given.split, fields, split_paths(fields)),
        _tree(given, by, RecordKind.SUBSCRIPTION),
        report_currency(given.currency or "", owner.currency),
        Basis(given.rates),
        given.known_on,
        Measure(given.measure),
    )
    viewer = Viewer(by, on, owner.zone, owner.language, given.known_on)
    source = Source(viewer, params, fields, rates=rates())
    return source, REPORTS[given.name].report(source)


def _table(report: "RevenueReport", *, is_json: bool) -> _Table:
    """Return a report as texts: for JSON codes and plain numbers, for people words."""
    from turnus.reports.words import cell_text, cell_value, heading, part_name

    language = _language()
    more = {
        "currency": report.currency,
        "withheld": [
            {"currency": one.currency, "on": one.on.isoformat()} for one in report.withheld
        ],
    }
    if is_json:
        of_part = ["part", "part_name"] if report.is_split else []
        says_without = any(line.without for line in report.lines)
        without = ["without"] if says_without else []
        headings = ["start", "end", *of_part, *(one.code for one in report.columns), *without]
        rows = [
            [
                line.days.start.isoformat(),
                line.days.end.isoformat(),
                *([line.part, line.part_name] if of_part else []),
                *(_plain(cell_value(cell)) for cell in line.cells),
                *([list(line.without)] if says_without else []),
            ]
            for line in report.lines
        ]
        return headings, rows, more
    headings = ["", *([""] if report.is_split else []), *(heading(one) for one in report.columns)]
    rows = [
        [
            _line_name(report, line, language),
            *([part_name(line)] if report.is_split else []),
            *(
                cell_text(cell, one.unit, language)
                for one, cell in zip(report.columns, line.cells, strict=True)
            ),
        ]
        for line in report.lines
    ]
    return headings, rows, more


def _line_name(report: "RevenueReport", line: "Line", language: str) -> str:
    from django.utils.translation import gettext as _

    from turnus.reports.words import line_name

    name = line_name(report, line, language)
    return (
        f"{name} ({_('without %(codes)s') % {'codes': ', '.join(line.without)}})"
        if line.without
        else name
    )


def _language() -> str:
    from django.utils.translation import get_language

    return (get_language() or "en")[:2]


def _deals(given: argparse.Namespace, by: "User", owner: "Company") -> _Table:
    from turnus.accounts.queries import rates
    from turnus.accounts.viewer import Viewer
    from turnus.core.records import RecordKind
    from turnus.fields.catalog import catalog
    from turnus.kit import clock
    from turnus.reports.deals_over_time import ReportKind, deals_over_time, segment_paths
    from turnus.reports.report import Params

    on, fields = clock.today(owner.zone), catalog(RecordKind.DEAL)
    params = Params(
        _days(given, on),
        _period(given),
        _path(given.split, fields, segment_paths(fields)),
        _tree(given, by, RecordKind.DEAL),
    )
    viewer = Viewer(by, on, owner.zone, owner.language)
    return _deals_table(
        deals_over_time(ReportKind(given.name), params, fields, viewer=viewer, rates=rates())
    )


def _deals_table(report: "Report") -> _Table:
    from turnus.core.money import from_e4

    headings = ["start"]
    for segment in report.segments:
        name = segment.name or "deals"
        headings += [f"{name} #", f"{name} {report.currency}"]
    rows = [
        [
            line.start.isoformat(),
            *(str(cell) for one in line.figures for cell in (one.count, from_e4(one.value_e4))),
        ]
        for line in report.lines
    ]
    if report.beyond:
        cells = [str(cell) for one in report.beyond for cell in (one.count, from_e4(one.value_e4))]
        rows.append(["beyond", *cells])
    return headings, rows, {"currency": report.currency}


def _days(given: argparse.Namespace, on: date) -> "DateRange":
    from turnus.kit.errors import UserError
    from turnus.reports.asking import refuse_too_many_lines, report_days

    if given.on and (given.first or given.last):
        raise UserError("report.day_and_days")
    first, last = given.on or given.first, given.on or given.last
    days = report_days(given.name, first=first, last=last, on=on, known_on=given.known_on)
    refuse_too_many_lines(days, _period(given))
    return days


def _period(given: argparse.Namespace) -> "Period":
    from turnus.core.calendar import Period

    if given.by:
        return Period(given.by)
    return Period.DAY if given.on else Period.MONTH


def _path(word: str | None, fields: Any, usable: Sequence[str]) -> str:
    from turnus.kit.errors import UserError

    if not word:
        return ""
    path = fields.find(word)
    if path not in usable:
        raise UserError("field.unknown", field=word)
    return str(path)


def _tree(given: argparse.Namespace, by: "User", kind: "RecordKind") -> "Node":
    from turnus.core.filters import EVERYTHING
    from turnus.listing.queries import filter_named
    from turnus.listing.trees import tree_in

    return tree_in(filter_named(by, kind, given.filter).tree) if given.filter else EVERYTHING


def _plain(value: Any) -> Any:
    """Return a number as JSON takes it without loss: amounts and rates as text."""
    return value if value is None or isinstance(value, int) else str(value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose first column stands left, all others right."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
