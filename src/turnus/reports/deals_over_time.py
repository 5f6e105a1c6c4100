"""What the reports of deals by day have in common: one grouped query, converted by day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial

from django.db.models import CharField, Count, QuerySet, Sum, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.accounts.viewer import Viewer
from turnus.core.calendar import (
    DateRange,
    elapsed_before,
    next_start,
    period_start,
    periods_in,
)
from turnus.core.fields import KINDS, Operator
from turnus.core.filters import All, Between, Condition, Node, Not
from turnus.core.money import Money, Rates
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.fields.choices import choices_of
from turnus.listing.compiling import compile_filter
from turnus.listing.expressions import part_of, place_of
from turnus.reports.cards import Card, change_in_percent
from turnus.reports.charts import Chart, ChartKind, Series, series_of
from turnus.reports.definition import Definition, Parameter
from turnus.reports.shape import (
    Cell,
    Column,
    Line,
    Params,
    Report,
    Unconverted,
    Unit,
    Words,
)
from turnus.reports.words import cell_text
from turnus.sales.models import Deal

#: The stored value of a part of the split; None where the field is empty.
Key = str | int | None


class DealDay(StrEnum):
    """Which deals a report counts, and by which day."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"

    @property
    def column(self) -> str:
        """The column of the day."""
        return {
            "won": "won_on",
            "lost": "lost_on",
            "open": "expected_close_on",
        }[self]

    @property
    def path(self) -> str:
        """The field that a filter finds the day by."""
        return {
            "won": "won_at",
            "lost": "lost_at",
            "open": "expected_close_on",
        }[self]


_PARAMETERS = frozenset({Parameter.DAYS, Parameter.PERIOD, Parameter.SPLIT})


@dataclass(frozen=True, slots=True)
class DealSum:
    """How many deals, and their value in ten-thousandths of the currency that is shown."""

    count: int = 0
    value_e4: int = 0

    def __add__(self, other: "DealSum") -> "DealSum":
        return DealSum(
            self.count + other.count, self.value_e4 + other.value_e4
        )


@dataclass(frozen=True, slots=True)
class DealSource:
    """What a report of deals is asked: only deals that `viewer` may see are counted."""

    viewer: Viewer
    params: Params
    fields: Catalog
    rates: Rates


@dataclass(frozen=True, slots=True)
class SplitPart:
    """A part of the split: its stored value and its name."""

    key: Key
    name: str


@dataclass(slots=True)
class _Sums:
    """The deals of a report, added up."""

    #: By first day of the period, and segment.
    cells: dict[tuple[date, Key], DealSum]
    #: By segment: those without a day, or with one outside the days asked for.
    beyond: dict[Key, DealSum]
    #: By currency: those without a rate.
    unconverted: dict[str, DealSum]

    @property
    def keys(self) -> set[Key]:
        return {key for _start, key in self.cells} | self.beyond.keys()


def deal_source(
    viewer: Viewer, params: Params, fields: Catalog, *, rates: Rates
) -> DealSource:
    """Return what a report of deals is computed from."""
    return DealSource(viewer, params, fields, rates)


def split_paths(fields: Catalog) -> list[str]:
    """Return the field paths that a report of deals can be split by."""
    own = [
        field.key
        for field in fields.own
        if RecordKind.DEAL in KINDS[field.kind].splits
    ]
    return [*own, "owner.team"]


def deals_over_time(day: DealDay, source: DealSource) -> Report:
    """Return count and value of deals by period and segment.

    Two queries, one more for the names of choices. Values are converted by the rate of each
    deal's day, of open deals by today's. Open deals are all those that are open now: what lies
    outside the days, or has no day, is in `beyond`.
    """
    params = source.params
    currency = source.rates.base
    sums = _sums(day, source)
    segments = _segments(sums.keys, source)
    beyond = [sums.beyond.get(segment.key, DealSum()) for segment in segments]
    totals = list(beyond)
    lines = []
    for start in periods_in(params.days, params.period):
        row = [
            sums.cells.get((start, segment.key), DealSum())
            for segment in segments
        ]
        totals = [total + own for total, own in zip(totals, row, strict=True)]
        cells = _cells(row, currency)
        lines.append(Line(_shown_days(start, params), cells))
    return Report(
        day,
        params,
        currency,
        _columns(segments, source),
        tuple(lines),
        unconverted=_unconverted(sums),
        beyond=_cells(beyond, currency) if sums.beyond else (),
        totals=_cells(totals, currency),
    )


def _unconverted(sums: _Sums) -> tuple[Unconverted, ...]:
    found = []
    for currency, deals in sums.unconverted.items():
        value = Money(deals.value_e4, currency)
        found.append(Unconverted(deals.count, value))
    return tuple(found)


def _sums(day: DealDay, source: DealSource) -> _Sums:
    """Add the deals up, converted."""
    params = source.params
    sums = _Sums(
        defaultdict(DealSum), defaultdict(DealSum), defaultdict(DealSum)
    )
    for on, key, currency, count, value in _grouped(day, source):
        rate_day = source.viewer.on if day is DealDay.OPEN else on
        converted = source.rates.convert(value, currency, rate_day)
        if converted is None:
            sums.unconverted[currency] += DealSum(count, value)
            continue
        deals = DealSum(count, converted)
        if on in params.days:
            start = period_start(on, params.period)
            sums.cells[start, key] += deals
        else:
            sums.beyond[key] += deals
    return sums


def _grouped(
    day: DealDay, source: DealSource
) -> QuerySet[Deal, tuple[date, Key, str, int, int]]:
    """Return the deals by day, segment and currency: how many, and their value."""
    split = source.params.split
    fields = source.fields
    if split in fields:
        place = place_of(split, fields, viewer=source.viewer.user)
        part = part_of(place)
    else:
        part = Value("", output_field=CharField())
    columns = (day.column, "part", "currency")
    deals = _deals(day, source).annotate(part=part)
    grouped = deals.values_list(*columns)
    figures = {"number": Count("id"), "total": Sum("value_e4")}
    return grouped.annotate(**figures).values_list(*columns, *figures)


def _deals(day: DealDay, source: DealSource) -> QuerySet[Deal]:
    """Return the deals of the days asked for; the open ones whatever their day."""
    params = source.params
    viewer = source.viewer
    condition = compile_filter(params.tree, source.fields, viewer)
    visible = Deal.objects.present().visible_to(viewer.user)
    deals = visible.filter(condition, status=day)
    if day is not DealDay.OPEN:
        first = {f"{day.column}__gte": params.days.start}
        end = {f"{day.column}__lt": params.days.end}
        deals = deals.filter(**first, **end)
    return deals.order_by()


def _segments(keys: set[Key], source: DealSource) -> list[SplitPart]:
    """Return the segments that occur, in the order of the choices; those without a value last."""
    split = source.params.split
    if split not in source.fields:
        return [SplitPart("", "")]
    field = source.fields[split]
    choices = choices_of(field, source.viewer.language)
    names = dict(choices.items()) if choices else {}
    found = [
        SplitPart(key, name) for key, name in names.items() if key in keys
    ]
    rest = [key for key in keys if key is not None and key not in names]
    found += [SplitPart(key, f"#{key}") for key in sorted(rest, key=str)]
    if None in keys or not keys:
        found.append(SplitPart(None, _("not set")))
    return found


def _columns(
    segments: Sequence[SplitPart], source: DealSource
) -> tuple[Column, ...]:
    """Return the columns of each segment; and where there are several, of all together."""
    if len(segments) == 1:
        (segment,) = segments
        condition = _condition(segment, source.params.split)
        return _count_and_value("", "", condition)
    columns: list[Column] = []
    for segment in segments:
        key = "" if segment.key is None else str(segment.key)
        condition = _condition(segment, source.params.split)
        columns += _count_and_value(f":{key}", segment.name, condition)
    return (*columns, *_count_and_value("", _("Total"), None))


def _count_and_value(
    suffix: str, group: str, condition: Node | None
) -> tuple[Column, Column]:
    count = f"count{suffix}"
    return (
        Column(
            count,
            gettext_lazy("Count"),
            Unit.COUNT,
            group=group,
            condition=condition,
            counted_by=count,
        ),
        Column(
            f"value{suffix}",
            gettext_lazy("Value"),
            group=group,
            condition=condition,
            counted_by=count,
        ),
    )


def _condition(segment: SplitPart, split: str) -> Node | None:
    """Return the filter condition of a segment; None without a split."""
    if not split:
        return None
    if segment.key is None:
        return Condition(split, Operator.IS_EMPTY)
    return Condition(split, Operator.IS, segment.key)


def _shown_days(start: date, params: Params) -> DateRange:
    """Return the days of a period, as far as they are asked for."""
    end = next_start(start, params.period)
    first_day = max(start, params.days.start)
    return DateRange(first_day, min(end, params.days.end))


def _cells(sums: Sequence[DealSum], currency: str) -> tuple[Cell, ...]:
    """Return count and value of each segment; and where there are several, of all together."""
    shown = [*sums, _total(sums)] if len(sums) > 1 else sums
    cells: list[Cell] = []
    for deals in shown:
        value = Money(deals.value_e4, currency)
        cells += [deals.count, value]
    return tuple(cells)


def _total(sums: Iterable[DealSum]) -> DealSum:
    return sum(sums, DealSum())


def _records(
    day: DealDay, params: Params, days: DateRange | None, column: Column
) -> Node:
    """Return the filter of the deals that a figure is made of."""
    shown = days or params.days
    between = Between(shown.start.isoformat(), shown.last_day.isoformat())
    inside = Condition(day.path, Operator.IN_PERIOD, between)
    status = Condition("status", Operator.IS, day)
    conditions: list[Node] = [status, inside if days else Not(inside)]
    if column.condition is not None:
        conditions.append(column.condition)
    tree = params.tree
    conditions += tree.parts if isinstance(tree, All) else [tree]
    return All(tuple(conditions))


def _before(day: DealDay, source: DealSource, _report: Report) -> Line | None:
    """Return the totals of as many days before as have elapsed."""
    days = elapsed_before(source.params.days, source.viewer.on)
    params = Params(days, tree=source.params.tree)
    earlier_source = replace(source, params=params)
    earlier = deals_over_time(day, earlier_source)
    return Line(days, earlier.totals)


def _nothing_before(_source: DealSource, _report: Report) -> None:
    """Return nothing: what is open now has no time before."""
    return


def _cards(report: Report, before: Line | None, language: str) -> list[Card]:
    """Return the cards: deals, their value, the value of a deal and of a period on average."""
    now = _sum_in(report.totals)
    earlier = DealSum() if before is None else _sum_in(before.cells)
    # Without the open deals of another time.
    inside = _total(_sum_in(line.cells) for line in report.lines)
    periods = max(len(report.lines), 1)

    def amount(value_e4: int) -> str:
        return cell_text(
            Money(value_e4, report.currency), Unit.MONEY, language
        )

    average = _average(now.value_e4, now.count)
    average_before = _average(earlier.value_e4, earlier.count)
    return [
        Card(
            _("Deals"),
            cell_text(now.count, Unit.COUNT, language),
            change_in_percent(now.count, earlier.count),
        ),
        Card(
            _("Value"),
            amount(now.value_e4),
            change_in_percent(now.value_e4, earlier.value_e4),
        ),
        Card(
            _("Average deal"),
            amount(average),
            change_in_percent(average, average_before),
        ),
        Card(_("Average period"), amount(_average(inside.value_e4, periods))),
    ]


def _sum_in(cells: Sequence[Cell]) -> DealSum:
    """Return count and value of all segments together: they stand last."""
    count, value = cells[-2:]
    assert isinstance(count, int)  # noqa: S101 (so `_cells` made them)
    assert isinstance(value, Money)  # noqa: S101
    return DealSum(count, value.amount_e4)


def _average(value_e4: int, count: int) -> int:
    """Return the average, to the cent."""
    if not count:
        return 0
    cents = round(value_e4 / count / 100)
    return cents * 100


def _chart(report: Report) -> Chart:
    """Return the values of each segment, with how many deals they are of."""
    is_split = any(column.group for column in report.columns)
    segments = report.columns[:-2] if is_split else report.columns
    series = []
    for count, value in zip(segments[::2], segments[1::2], strict=True):
        numbers = series_of(report, count).values
        counts = [int(number or 0) for number in numbers]
        values = series_of(report, value).values
        name = value.group or str(value.heading)
        series.append(Series(name, "", values, counts))
    return Chart(ChartKind.STACK, series)


def deals_report(
    day: DealDay, *, title: Words, tab: Words, about: Words, position: int
) -> Definition[DealSource]:
    """Return the report that counts deals by this day."""
    is_open = day is DealDay.OPEN
    return Definition(
        name=str(day),
        title=title,
        tab=tab,
        help=about,
        position=position,
        record_kind=RecordKind.DEAL,
        parameters=_PARAMETERS,
        source=deal_source,
        report=partial(deals_over_time, day),
        splits=split_paths,
        is_ahead=is_open,
        records=partial(_records, day),
        before=_nothing_before if is_open else partial(_before, day),
        cards=_cards,
        chart=_chart,
    )
