"""A figure of a report of recurring revenue opened: what it is made of, as JSON or as a table."""

from collections.abc import Iterator
from typing import Any

from turnus.core.money import Money
from turnus.kit.errors import UserError
from turnus.reports.catalog import opened
from turnus.reports.recurring.part_names import NamedPart, named
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Group, Line, Parts, RevenueReport
from turnus.reports.words import (
    PARTS,
    cell_text,
    cell_value,
    group_heading,
    heading,
    part_name,
    rule_of,
)


def opened_figure(
    name: str, source: Source, report: RevenueReport, *, code: str, at: Any, part: str | None
) -> Parts:
    """Return the figure `code` of the line that holds the day `at` (None: the last), of a part by its name; refuses what is none."""

    def is_meant(line: Line) -> bool:
        return (
            line.part is None
            if part is None
            else line.part is not None and part in {line.part, line.part_name}
        )

    lines = [line for line in report.lines if is_meant(line)]
    line = (
        next((one for one in lines if at in one.days), None) if at else next(reversed(lines), None)
    )
    found = line and opened(name, source, report, code=code, start=line.days.start, part=line.part)
    if not found:
        raise UserError(
            "report.no_figure",
            figure=code,
            figures=", ".join(one.code for one in report.columns if one.has_parts),
        )
    return found


def as_json(found: Parts, source: Source) -> dict[str, Any]:
    """Return a figure with its groups and their parts; amounts as text, so that nothing is lost."""
    days = found.line.days
    return {
        "figure": found.column.code,
        "start": days.start.isoformat(),
        "end": days.end.isoformat(),
        "part": found.line.part,
        "value": _plain(cell_value(found.cell)),
        "groups": [_group(each, source) for each in found.groups],
    }


def _group(group: Group, source: Source) -> dict[str, Any]:
    difference = group.rounding_difference
    return {
        "name": group.code,
        "start": group.days.start.isoformat() if group.days else None,
        "unit": str(group.unit),
        "total": _amount(group.shown),
        "rounding_difference": _amount(difference) if difference else None,
        "parts": [_part(one) for one in named(group, source.viewer)],
    }


def _part(one: NamedPart) -> dict[str, Any]:
    return {
        "day": one.on.isoformat() if one.on else None,
        "customer": one.customer,
        "organization_id": one.organization,
        "person_id": one.person,
        "subscription_id": one.subscription,
        "deal_id": one.deal,
        "deal": one.deal_title,
        "what": one.what,
        "amount": _amount(one.amount),
    }


def as_table(found: Parts, source: Source, language: str) -> Iterator[list[str]]:
    """Yield the lines of a table for people: the figure, how it is made, then each group with its total."""
    of = [part_name(found.line)] if found.line.part is not None else []
    shown = cell_text(found.cell, found.column.unit, language)
    yield [" · ".join([heading(found.column), *of]), "", "", "", shown]
    if rule := rule_of(found, language):
        yield [rule, "", "", "", ""]
    for group in found.groups:
        yield ["", "", "", "", ""]
        yield [
            group_heading(found, group, language),
            "",
            "",
            "",
            cell_text(group.shown, group.unit, language),
        ]
        for one in named(group, source.viewer):
            what = str(PARTS.get(one.what, ""))
            amount = cell_text(one.amount, group.unit, language)
            yield [f"  {one.on or ''}", one.customer, one.subscription_name, what, amount]


def _amount(amount: Money | int) -> Any:
    return str(amount.amount) if isinstance(amount, Money) else amount


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)
