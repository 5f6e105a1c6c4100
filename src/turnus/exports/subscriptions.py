"""Subscriptions as rows of a file that an import brings back as they are: one row each, below it rows for what happened to it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from turnus.core.money import from_e4
from turnus.core.revenue.steps import PaidBy, Story
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
#: Said by another column of the file already.
_SAID = frozenset({*_FIRST, "end_on"})
#: Places among `_FIRST`: the customer ends before, price and currency, the first day, the reason for the end.
_PLAN, _PRICE, _START, _REASON = 4, 5, 7, 8
_BLOCK = 2_000
_DAY = timedelta(days=1)


class SubscriptionRows:
    """The headings and the rows of a list of subscriptions."""

    def __init__(self, records: RecordList) -> None:
        shown = tuple(column.path for column in records.columns if column.path not in _SAID)
        state = replace(records.state, columns=(*_FIRST, *shown))
        self.records = RecordList(records.kind, records.catalog, state, records.viewer)
        self.viewer = records.viewer
        plans = [(one.pk, one.cadence.partition(":")[0], one.name) for one in Plan.objects.all()]
        #: Names by (id, cadence), and by cadence alone.
        self.plans = {(pk, cadence): name for pk, cadence, name in plans}
        self.alike = {cadence: name for _pk, cadence, name in reversed(plans)}
        self.words = {
            stored: words[self.viewer.language][0] for stored, words in ENTRY_WORDS.items()
        }

    def headings(self) -> list[str]:
        """Return the headings, `Subscription - Price per period`."""
        entry, effective, last, booked, days = (
            self.records.catalog[key].heading(self.viewer.language)
            for key in ("entry", "effective_on", "last_on", "booked_to", "half_month_days")
        )
        return _placed(self.records.headings(), entry, effective, last, booked, days)

    def groups(self) -> Iterator[list[list[Cell]]]:
        """Yield the rows of each subscription, streamed; four queries for each two thousand."""
        cells_of_all = self.records.cells()
        while block := list(islice(cells_of_all, _BLOCK)):
            ids: list[Any] = [cells[0] for cells in block]
            stories = stories_of(ids, self.viewer)
            for cells in block:
                yield list(self._rows(cells, stories[int(str(cells[0]))]))

    def _rows(self, cells: list[Cell], story: Story) -> Iterator[list[Cell]]:
        first = [
            *cells[:_PLAN],
            self._plan(story.plan),
            from_e4(story.price_e4),
            *cells[_PRICE + 1 :],
        ]
        last = None if story.end_on is None else story.end_on - _DAY
        yield _placed(
            first,
            self.words["subscription"],
            None,
            last,
            story.booked_until - _DAY,
            _days_of(story.plan),
        )
        for step in story.steps:
            price = None if step.price_e4 is None else from_e4(step.price_e4)
            row: list[Cell] = [None] * len(cells)
            row[:_PLAN] = cells[:_PLAN]
            row[_PLAN] = None if step.plan is None else self._plan(step.plan)
            row[_PRICE : _PRICE + 2] = [price, None if price is None else cells[_PRICE + 1]]
            yield _placed(
                row, self.words[step.kind], step.on, None, None, step.plan and _days_of(step.plan)
            )

    def _plan(self, plan: PaidBy) -> str:
        """Return a plan's name; in place of one that was deleted or changed since, one with the cadence that it had."""
        cadence = str(plan.bare.cadence)
        return self.plans.get((plan.key, cadence)) or self.alike.get(cadence, cadence)


def _days_of(plan: PaidBy) -> str | None:
    """Return the two days of the month, not as 10/25, which spreadsheets take for a date; None where the plan has none."""
    return " + ".join(map(str, plan.cadence.days)) if plan.cadence.days else None


def _placed(
    cells: Sequence[Any], entry: Any, effective: Any, last: Any, booked: Any, days: Any
) -> list[Any]:
    """Return a row with the columns that only files have at their places."""
    return [
        cells[0],
        entry,
        effective,
        *cells[1 : _START + 1],
        last,
        cells[_REASON],
        booked,
        days,
        *cells[_REASON + 1 :],
    ]
