"""Show a report as a table, or as JSON.

examples:
  turnus report mrr --from 2018-01-01 --to 2018-12-31
  turnus report mrr --on 2018-03-10
  turnus report mrr --split plan --by quarter
  turnus report movements --as-known-on 2018-06-30 --json
  turnus report rates --from 2018-01-01 --to 2018-12-31 --figure nrr --at 2018-10-31 --json
  turnus report won --from 2018-01-01 --to 2018-12-31 --split owner
"""

import argparse
import json
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from turnus.cli.inputs import day
from turnus.cli.terminal import tell
from turnus.reports.names import report_names

if TYPE_CHECKING:
    from turnus.accounts.models import User
    from turnus.core.calendar import DateRange, Period
    from turnus.core.filters import Node
    from turnus.fields.catalog import Catalog
    from turnus.reports.definition import Definition
    from turnus.reports.recurring.source import Source
    from turnus.reports.shape import Params

SourceT = TypeVar("SourceT")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags: which report, of which days."""
    names = report_names()
    parser.add_argument(
        "name", choices=names, metavar="NAME", help=", ".join(names)
    )
    _add_days(parser)
    _add_choices(parser)
    _add_figure(parser)
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user whose rights apply (default: the first admin)",
    )


def _add_days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="first",
        type=day,
        metavar="DAY",
        help="first day (default: a year ago)",
    )
    parser.add_argument(
        "--to",
        dest="last",
        type=day,
        metavar="DAY",
        help="last day (default: this month's)",
    )
    parser.add_argument(
        "--on",
        type=day,
        metavar="DAY",
        help="a single day, in place of --from and --to",
    )
    parser.add_argument(
        "--by",
        choices=["day", "month", "quarter", "year"],
        help="period of a line (default: month)",
    )


def _add_choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--split",
        metavar="FIELD",
        help="name or path of the field that splits each line",
    )
    parser.add_argument(
        "--filter", metavar="NAME", help="saved filter (default: everything)"
    )
    parser.add_argument(
        "--currency",
        metavar="CODE",
        help="currency of the figures (default: the company's)",
    )
    parser.add_argument(
        "--rates",
        choices=["booking", "constant", "today"],
        default="booking",
        help="exchange rates",
    )
    parser.add_argument(
        "--measure",
        choices=["customers", "revenue"],
        default="revenue",
        help="what cohorts count",
    )
    parser.add_argument(
        "--as-known-on",
        dest="known_on",
        type=day,
        metavar="DAY",
        help="only what was known then",
    )


def _add_figure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--figure",
        metavar="CODE",
        help="open this figure (a code of the JSON): what it is made of",
    )
    parser.add_argument(
        "--at",
        type=day,
        metavar="DAY",
        help="of the line with this day (default: last)",
    )
    parser.add_argument(
        "--part", metavar="NAME", help="of this part of the split"
    )


def run(options: argparse.Namespace) -> int:
    """Write the report."""
    from turnus.accounts.queries import (
        company,
        first_admin,
        rates,
        user_by_email,
    )
    from turnus.accounts.viewer import Viewer
    from turnus.fields.catalog import catalog
    from turnus.kit import clock
    from turnus.reports.catalog import REPORTS

    by = user_by_email(options.email) if options.email else first_admin()
    owner = company()
    definition = REPORTS[options.name]
    _refuse_unused(options, definition)
    on = clock.today(owner.zone)
    fields = catalog(definition.record_kind)
    params = _params(options, definition, fields, by=by, on=on)
    viewer = Viewer(by, on, owner.zone, owner.language, params.known_on)
    source = definition.source(viewer, params, fields, rates=rates())
    if options.figure:
        _tell_figure(options, definition, source)
    else:
        _tell_report(options, definition, source)
    return 0


def _refuse_unused(
    options: argparse.Namespace, definition: "Definition[object]"
) -> None:
    """Refuse what the report does not listen to, instead of passing it over."""
    from turnus.kit.errors import UserError
    from turnus.reports.definition import Parameter

    unused = {}
    if not definition.takes(Parameter.CURRENCY):
        unused["--currency"] = options.currency
    if not definition.takes(Parameter.KNOWN_ON):
        unused["--as-known-on"] = options.known_on
    if not definition.takes(Parameter.SPLIT):
        unused["--split"] = options.split
    if definition.parts is None:
        unused["--figure"] = options.figure
    for option, value in unused.items():
        if value:
            raise UserError(
                "report.option_unknown", option=option, report=options.name
            )


def _tell_report(
    options: argparse.Namespace,
    definition: "Definition[SourceT]",
    source: SourceT,
) -> None:
    from turnus.cli.reports import aligned, report_as_json, report_as_table

    report = definition.report(source)
    if options.json:
        tell(json.dumps(report_as_json(report), ensure_ascii=False, indent=2))
        return
    for line in aligned(list(report_as_table(report))):
        tell(line)
    for withheld in report.withheld:
        tell(f"! {withheld.currency}: {withheld.on.isoformat()}")
    for deals in report.unconverted:
        tell(f"! {deals.money.currency}: {deals.count}")


def _tell_figure(
    options: argparse.Namespace,
    definition: "Definition[Source]",
    source: "Source",
) -> None:
    from turnus.cli.reports import (
        aligned,
        figure_as_json,
        figure_as_table,
        opened_figure,
    )

    figure = opened_figure(
        definition,
        source,
        code=options.figure,
        at=options.at,
        part=options.part,
    )
    if options.json:
        shown = figure_as_json(figure, options.name, source)
        tell(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for line in aligned(list(figure_as_table(figure, source))):
        tell(line)


def _params(
    options: argparse.Namespace,
    definition: "Definition[object]",
    fields: "Catalog",
    *,
    by: "User",
    on: date,
) -> "Params":
    from turnus.accounts.queries import company
    from turnus.reports.asking import report_currency
    from turnus.reports.shape import Basis, Measure, Params

    return Params(
        days=_days(options, definition, on),
        period=_period(options),
        split=_split(options.split, definition, fields),
        tree=_tree(options, definition, by),
        currency=report_currency(options.currency or "", company().currency),
        basis=Basis(options.rates),
        known_on=options.known_on,
        measure=Measure(options.measure),
    )


def _days(
    options: argparse.Namespace, definition: "Definition[object]", on: date
) -> "DateRange":
    from turnus.kit.errors import UserError
    from turnus.reports.asking import refuse_too_many_lines, report_days

    if options.on and (options.first or options.last):
        raise UserError("report.day_and_days")
    first = options.on or options.first
    last = options.on or options.last
    days = report_days(
        definition, first=first, last=last, on=on, known_on=options.known_on
    )
    refuse_too_many_lines(days, _period(options))
    return days


def _period(options: argparse.Namespace) -> "Period":
    from turnus.core.calendar import Period

    if options.by:
        return Period(options.by)
    return Period.DAY if options.on else Period.MONTH


def _split(
    word: str | None, definition: "Definition[object]", fields: "Catalog"
) -> str:
    from turnus.kit.errors import UserError

    if not word:
        return ""
    path = fields.find(word)
    if path is None or path not in definition.splits(fields):
        raise UserError("field.unknown", field=word)
    return path


def _tree(
    options: argparse.Namespace, definition: "Definition[object]", by: "User"
) -> "Node":
    from turnus.core.filters import EVERYTHING
    from turnus.listing.queries import filter_named
    from turnus.listing.trees import tree_in

    if not options.filter:
        return EVERYTHING
    return tree_in(
        filter_named(by, definition.record_kind, options.filter).tree
    )
