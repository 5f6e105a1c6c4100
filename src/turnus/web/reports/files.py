"""A report, and what one of its figures is made of, as files."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.translation import gettext as _

from turnus.accounts.access import Permission, require
from turnus.core.money import Money
from turnus.core.tables import Cell as FileCell
from turnus.fields.words import delimiter_of
from turnus.reports.recurring.part_names import NamedPart, named_parts
from turnus.reports.shape import Cell, OpenedFigure, Report
from turnus.reports.words import (
    BEYOND,
    PARTS,
    cell_value,
    file_heading,
    group_heading,
    line_name,
    part_name,
)
from turnus.sheets.writing import writer
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.reports.asking import AskedReport

ENDINGS = frozenset({"xlsx", "csv"})


def asks_for_file(request: SignedInRequest) -> bool:
    """Return whether the address asks for a file instead of a page."""
    return request.GET.get("file") in ENDINGS


def report_file(
    request: SignedInRequest, report: Report, asked: AskedReport
) -> HttpResponse:
    """Return the report's table as a file."""
    language = language_of(request)
    headings = [_("Period")]
    if report.is_split:
        headings.append(asked.fields.name(report.params.split, language))
    headings += [file_heading(column) for column in report.columns]
    rows = _rows(report, language)
    return _file(request, f"{report.name}-{report.currency}", headings, rows)


def _rows(report: Report, language: str) -> Iterator[list[FileCell]]:
    for line in report.lines:
        part = [part_name(line)] if report.is_split else []
        yield [line_name(report, line, language), *part, *_values(line.cells)]
    if report.beyond:
        yield [str(BEYOND), *_values(report.beyond)]


def _values(cells: Sequence[Cell]) -> list[FileCell]:
    return [cell_value(cell) for cell in cells]


def parts_file(
    request: SignedInRequest, figure: OpenedFigure, asked: AskedReport
) -> HttpResponse:
    """Return all parts of a figure as a file."""
    headings = [
        _("Day"),
        _("Customer"),
        _("Subscription"),
        _("Deal"),
        _("What happened"),
        _("By"),
        _("Recorded"),
        _("Amount"),
        _("Currency"),
        _("Part of"),
    ]
    zone, language = request.company.zone, language_of(request)
    rows = (
        [*_part_row(part, zone), group_heading(figure, group, language)]
        for group in figure.groups
        for part in named_parts(group, asked.viewer)
    )
    return _file(request, "parts", headings, rows)


def _part_row(part: NamedPart, zone: ZoneInfo) -> list[FileCell]:
    currency = part.amount.currency if isinstance(part.amount, Money) else ""
    return [
        part.on,
        part.customer,
        part.subscription_name,
        part.deal_title or part.imported_from or "",
        str(PARTS.get(part.what, "")),
        part.event_by,
        _without_zone(part.event_at, zone),
        cell_value(part.amount),
        currency,
    ]


def _without_zone(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return a moment as spreadsheets take it: of the company's clock, without its zone."""
    return (
        None
        if moment is None
        else moment.astimezone(zone).replace(tzinfo=None)
    )


def _file(
    request: SignedInRequest,
    name: str,
    headings: Sequence[str],
    rows: Iterable[list[FileCell]],
) -> HttpResponse:
    require(request.user, Permission.EXPORT)
    ending = request.GET["file"]
    delimiter = delimiter_of(language_of(request))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"report.{ending}"
        with writer(
            path, headings, sheet="Report", delimiter=delimiter
        ) as file:
            for row in rows:
                file.write_row(row)
        response = HttpResponse(
            path.read_bytes(), content_type="application/octet-stream"
        )
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
