"""Reports, and what one of their figures is made of, as tables for people and JSON for programs."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from turnus.kit.errors import UserError
from turnus.reports.definition import Definition
from turnus.reports.recurring.part_names import NamedPart, named_parts
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Cell, Group, Line, OpenedFigure, Report
from turnus.reports.words import (
    BEYOND,
    PARTS,
    cell_text,
    cell_value,
    file_heading,
    group_heading,
    line_name,
    part_name,
    rule_of,
)

#: What JSON takes without loss: amounts and rates are texts.
Json: TypeAlias = "str | int | Sequence[Json] | dict[str, Json] | None"


def report_as_json(report: Report) -> dict[str, Json]:
    """Return a report by the codes of its columns."""
    lines: list[Json] = [_line_as_json(line, report) for line in report.lines]
    withheld: list[Json] = [
        {"currency": each.currency, "on": each.on.isoformat()}
        for each in report.withheld
    ]
    shown: dict[str, Json] = {
        "report": report.name,
        "currency": report.currency,
        "withheld": withheld,
        "lines": lines,
    }
    if report.beyond:
        shown["beyond"] = _cells_as_json(report.beyond, report)
    if report.unconverted:
        shown["unconverted"] = [
            {
                "currency": deals.money.currency,
                "count": deals.count,
                "value": _plain(deals.money),
            }
            for deals in report.unconverted
        ]
    return shown


def _line_as_json(line: Line, report: Report) -> dict[str, Json]:
    shown: dict[str, Json] = {
        "start": line.days.start.isoformat(),
        "end": line.days.end.isoformat(),
    }
    if report.is_split:
        shown |= {"part": line.part, "part_name": line.part_name}
    shown |= _cells_as_json(line.cells, report)
    if any(each.without for each in report.lines):
        shown["without"] = list(line.without)
    return shown


def _cells_as_json(cells: Sequence[Cell], report: Report) -> dict[str, Json]:
    pairs = zip(report.columns, cells, strict=True)
    return {column.code: _plain(cell) for column, cell in pairs}


def report_as_table(report: Report) -> Iterator[list[str]]:
    """Yield the lines of a table for people, its headings first."""
    language = _language()
    part = [""] if report.is_split else []
    yield ["", *part, *(file_heading(column) for column in report.columns)]
    for line in report.lines:
        part = [part_name(line)] if report.is_split else []
        yield [
            _line_name(report, line, language),
            *part,
            *_texts(line.cells, report, language),
        ]
    if report.beyond:
        yield [str(BEYOND), *_texts(report.beyond, report, language)]


def _texts(cells: Sequence[Cell], report: Report, language: str) -> list[str]:
    pairs = zip(report.columns, cells, strict=True)
    return [cell_text(cell, column.unit, language) for column, cell in pairs]


def _line_name(report: Report, line: Line, language: str) -> str:
    name = line_name(report, line, language)
    if not line.without:
        return name
    without = _("without %(codes)s") % {"codes": ", ".join(line.without)}
    return f"{name} ({without})"


def opened_figure(
    definition: Definition[Source],
    source: Source,
    *,
    code: str,
    at: date | None,
    part: str | None,
) -> OpenedFigure:
    """Return the figure `code` of the line that holds the day `at`, None for the last line.

    `part` is the line's part of the split, by value or name. Refuses what is no figure, and a
    day that no line holds.
    """
    report = definition.report(source)
    if at is not None and not any(at in line.days for line in report.lines):
        raise UserError("report.no_line", day=at.isoformat())
    line = _line_at(report, at, part)
    figure = None
    if line is not None:
        start = line.days.start
        figure = definition.opened(
            source, report, code=code, start=start, part=line.part
        )
    if figure is None:
        codes = [column.code for column in report.columns if column.has_parts]
        raise UserError(
            "report.no_figure", figure=code, figures=", ".join(codes)
        )
    return figure


def _line_at(report: Report, at: date | None, part: str | None) -> Line | None:
    lines = [line for line in report.lines if _is_of_part(line, part)]
    if at is None:
        return lines[-1] if lines else None
    return next((line for line in lines if at in line.days), None)


def _is_of_part(line: Line, part: str | None) -> bool:
    if part is None or line.part is None:
        return part is line.part
    return part in {line.part, line.part_name}


def figure_as_json(
    figure: OpenedFigure, report: str, source: Source
) -> dict[str, Json]:
    """Return a figure with its groups and their parts."""
    days = figure.line.days
    return {
        "report": report,
        "currency": source.currency,
        "figure": figure.column.code,
        "start": days.start.isoformat(),
        "end": days.end.isoformat(),
        "part": figure.line.part,
        "value": _plain(figure.cell),
        "groups": [_group_as_json(group, source) for group in figure.groups],
    }


def _group_as_json(group: Group, source: Source) -> dict[str, Json]:
    parts = named_parts(group, source.viewer)
    return {
        "name": group.code,
        "start": group.days.start.isoformat() if group.days else None,
        "unit": str(group.unit),
        "total": _plain(group.shown),
        "rounding_difference": _plain(group.rounding_difference),
        "parts": [_part_as_json(part) for part in parts],
    }


def _part_as_json(part: NamedPart) -> dict[str, Json]:
    return {
        "day": part.on.isoformat() if part.on else None,
        "customer": part.customer,
        "organization_id": part.organization,
        "person_id": part.person,
        "subscription_id": part.subscription,
        "deal_id": part.deal,
        "deal": part.deal_title,
        "what": part.what,
        "amount": _plain(part.amount),
    }


def figure_as_table(
    figure: OpenedFigure, source: Source
) -> Iterator[list[str]]:
    """Yield the lines of a table: the figure, how it is made, then each group with its total."""
    language = _language()
    name = str(figure.column.heading)
    if figure.line.part is not None:
        name = f"{name} · {part_name(figure.line)}"
    yield [
        name,
        "",
        "",
        "",
        cell_text(figure.cell, figure.column.unit, language),
    ]
    if rule := rule_of(figure, language):
        yield [rule, "", "", "", ""]
    for group in figure.groups:
        heading = group_heading(figure, group, language)
        yield ["", "", "", "", ""]
        yield [
            heading,
            "",
            "",
            "",
            cell_text(group.shown, group.unit, language),
        ]
        for part in named_parts(group, source.viewer):
            what = str(PARTS.get(part.what, ""))
            amount = cell_text(part.amount, group.unit, language)
            yield [
                f"  {part.on or ''}",
                part.customer,
                part.subscription_name,
                what,
                amount,
            ]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose first column stands left, all others right."""
    columns = range(len(rows[0]))
    widths = [max(len(row[index]) for row in rows) for index in columns]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0])]
        cells += [
            cell.rjust(width)
            for cell, width in zip(others, widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _language() -> str:
    return (get_language() or "en")[:2]


def _plain(cell: Cell) -> Json:
    value = cell_value(cell)
    return str(value) if isinstance(value, Decimal) else value
