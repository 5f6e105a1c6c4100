"""Subscriptions as rows of a file that an import brings back as they are.

One row each, below it rows for what happened to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from turnus.core.money import from_e4
from turnus.core.revenue.steps import PaidBy, Step, Story
from turnus.core.tables import Cell
from turnus.fields.choices import ENTRY_WORDS
from turnus.listing.lists import RecordList
from turnus.revenue.models import Plan
from turnus.revenue.subscriptions.stories import stories_of

#: What an import needs, in the order of the file; then come the other columns that the list shows.
_FIRST = (
    "id",
    "name",
    "organization",
    "person",
    "plan",
    "price",
    "currency",
    "started_on",
    "end_reason",
    "owner",
    "renewal_way",
)
#: Columns of the list that the file has in another form.
_OTHERWISE = frozenset({*_FIRST, "end_on"})
#: Places of columns among `_FIRST`.
_PLAN = _FIRST.index("plan")
_PRICE = _FIRST.index("price")
_CURRENCY = _FIRST.index("currency")
_START = _FIRST.index("started_on")
_REASON = _FIRST.index("end_reason")
_BLOCK = 2_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FileOnlyCells:
    """The cells of the columns that only files have."""

    entry: Cell
    effective_on: Cell
    last_on: Cell
    booked_to: Cell
    half_month_days: Cell


@dataclass(frozen=True, slots=True)
class _PlanNames:
    """The names of plans by id and cadence; and of the first of each cadence."""

    by_plan: Mapping[tuple[int, str], str]
    by_cadence: Mapping[str, str]

    @classmethod
    def load(cls) -> "_PlanNames":
        """Return the names of all plans; one query."""
        by_plan: dict[tuple[int, str], str] = {}
        by_cadence: dict[str, str] = {}
        for plan in Plan.objects.all():
            cadence, _colon, _days = plan.cadence.partition(":")
            by_plan[plan.pk, cadence] = plan.name
            by_cadence.setdefault(cadence, plan.name)
        return cls(by_plan, by_cadence)

    def name(self, plan: PaidBy) -> str:
        """Return a plan's name.

        In place of one that was deleted or changed since, one with the cadence that it had.
        """
        cadence = str(plan.bare.cadence)
        name = self.by_plan.get((plan.key, cadence))
        return name or self.by_cadence.get(cadence, cadence)


class SubscriptionRows:
    """The headings and the rows of a list of subscriptions."""

    def __init__(self, records: RecordList) -> None:
        shown = [column.path for column in records.columns]
        further = [path for path in shown if path not in _OTHERWISE]
        state = replace(records.state, columns=(*_FIRST, *further))
        self.records = RecordList(
            records.kind, records.catalog, state, records.viewer
        )
        self.viewer = records.viewer
        self.plans = _PlanNames.load()
        language = self.viewer.language
        self.words: dict[str, str] = {}
        for stored, words in ENTRY_WORDS.items():
            self.words[stored] = words.shown[language]

    def headings(self) -> list[str]:
        """Return the headings, `Subscription - Price per period`."""
        more = FileOnlyCells(
            entry=self._heading("entry"),
            effective_on=self._heading("effective_on"),
            last_on=self._heading("last_on"),
            booked_to=self._heading("booked_to"),
            half_month_days=self._heading("half_month_days"),
        )
        headings = _placed(self.records.headings(), more)
        return [str(heading) for heading in headings]

    def _heading(self, key: str) -> str:
        field = self.records.catalog[key]
        return field.heading(self.viewer.language)

    def groups(self) -> Iterator[list[list[Cell]]]:
        """Yield the rows of each subscription, streamed; four queries for each two thousand."""
        cells_of_all = self.records.cells()
        while block := list(islice(cells_of_all, _BLOCK)):
            ids = [int(str(cells[0])) for cells in block]
            stories = stories_of(ids, self.viewer)
            for pk, cells in zip(ids, block, strict=True):
                rows = self._rows(cells, stories[pk])
                yield list(rows)

    def _rows(
        self, cells: Sequence[Cell], story: Story
    ) -> Iterator[list[Cell]]:
        yield self._first_row(cells, story)
        for step in story.steps:
            yield self._row_of_step(cells, step)

    def _first_row(self, cells: Sequence[Cell], story: Story) -> list[Cell]:
        """Return the row of the subscription itself, as it began."""
        row = list(cells)
        row[_PLAN] = self.plans.name(story.plan)
        row[_PRICE] = from_e4(story.price_e4)
        last_on = None
        if story.end_on is not None:
            last_on = story.end_on - _DAY
        more = FileOnlyCells(
            entry=self.words["subscription"],
            effective_on=None,
            last_on=last_on,
            booked_to=story.booked_until - _DAY,
            half_month_days=_days_of(story.plan),
        )
        return _placed(row, more)

    def _row_of_step(self, cells: Sequence[Cell], step: Step) -> list[Cell]:
        """Return the row of something that happened; it says only what changed."""
        row: list[Cell] = [None] * len(cells)
        row[:_PLAN] = cells[:_PLAN]
        half_month_days = None
        if step.plan is not None:
            row[_PLAN] = self.plans.name(step.plan)
            half_month_days = _days_of(step.plan)
        if step.price_e4 is not None:
            row[_PRICE] = from_e4(step.price_e4)
            row[_CURRENCY] = cells[_CURRENCY]
        more = FileOnlyCells(
            entry=self.words[step.kind],
            effective_on=step.on,
            last_on=None,
            booked_to=None,
            half_month_days=half_month_days,
        )
        return _placed(row, more)


def _days_of(plan: PaidBy) -> str | None:
    """Return the two days of the month; None where the plan has none.

    Not as 10/25, which spreadsheets take for a date.
    """
    days = plan.cadence.days
    if not days:
        return None
    first, second = days
    return f"{first} + {second}"


def _placed(cells: Sequence[Cell], more: FileOnlyCells) -> list[Cell]:
    """Return a row with the columns that only files have at their places."""
    return [
        cells[0],
        more.entry,
        more.effective_on,
        *cells[1 : _START + 1],
        more.last_on,
        cells[_REASON],
        more.booked_to,
        more.half_month_days,
        *cells[_REASON + 1 :],
    ]
