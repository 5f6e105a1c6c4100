"""What all reports of recurring revenue draw from: segments and their ledger, loaded once; the filter; the names of the split."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from turnus.accounts.models import User
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange
from turnus.core.customers import CustomerKey
from turnus.core.fields import FieldKind
from turnus.core.money import Money, Rates
from turnus.core.records import RecordKind
from turnus.core.revenue.conversion import Conversion
from turnus.core.revenue.facts import Exact, Matching, Segment
from turnus.core.revenue.movements import Ledger, Movement, MovementKind, ledger_of
from turnus.core.revenue.mrr import provisional_months, segments_on
from turnus.core.revenue.waterfall import periods_between
from turnus.fields.catalog import Catalog
from turnus.fields.choices import choices_of
from turnus.kit.memory import many_objects
from turnus.listing.compiling import compile_filter
from turnus.listing.expressions import part_of, place_of
from turnus.reports.definition import Parameter
from turnus.reports.shape import Basis, Cell, Line, Params
from turnus.revenue.loading import customers_before, load_segments, visible_subscriptions
from turnus.revenue.subscriptions.past import owners_before

#: Texts whose values are few.
_SPLIT_TEXTS = frozenset({"organization.country"})
_SPLIT_KINDS = frozenset(
    {FieldKind.OPTION, FieldKind.USER, FieldKind.PLAN, FieldKind.CURRENCY, FieldKind.TEAM}
)
#: Fields of theirs that would split, but say nothing about revenue.
_NO_SPLITS = frozenset(
    {"creator", "person.owner", "person.creator", "organization.creator", "person.organization"}
)


#: What may be asked of every report of recurring revenue.
PARAMETERS = frozenset(
    {
        Parameter.DAYS,
        Parameter.PERIOD,
        Parameter.SPLIT,
        Parameter.CURRENCY,
        Parameter.KNOWN_ON,
    }
)
_OWNER = "owner"
#: Splits that follow from the owner; a team has the members of today.
_BY_OWNER = (_OWNER, "owner.team")


def split_paths(fields: Catalog) -> list[str]:
    """Return the field paths that recurring revenue can be split by: plan, owner, team, country, currency, option fields."""
    return [
        path
        for path, one in fields.by_path.items()
        if path in _SPLIT_TEXTS or (one.kind in _SPLIT_KINDS and path not in _NO_SPLITS)
    ]


@dataclass(frozen=True, slots=True)
class Slice:
    """What a line shows: a part of the split, or with `part` None all that the filter leaves.

    `ledger` has the movements that concern it, `matching` says what of them (None: all).
    """

    part: str | None
    ledger: Ledger
    matching: Matching | None


class Source:
    """Loads lazily; `segments` and `ledger` are of everything visible: the filter only decides what of it is shown."""

    def __init__(
        self,
        viewer: Viewer,
        params: Params,
        fields: Catalog,
        *,
        rates: Rates,
        since: date | None = None,
    ) -> None:
        """Take `since` where nothing before that day is shown: terms that ended earlier are then not loaded."""
        self.since = since
        self._active: dict[date, Sequence[Segment]] = {}
        self._without: dict[frozenset[str], Source] = {}
        #: Customer -> a day from which they paid something that is not among the segments.
        self.paid_before: Mapping[CustomerKey, date] = {}
        self.viewer = viewer
        self.params = params
        self.fields = fields
        self.currency = params.currency or rates.base
        on = {Basis.BOOKING: None, Basis.CONSTANT: params.days.start, Basis.TODAY: self.as_of}[
            params.basis
        ]
        self.conversion = Conversion(rates, self.currency, on)

    def over(self, *periods: DateRange) -> "Source":
        """Return the same source for a report with a line for each of these periods; what was loaded is shared."""
        other = copy(self)
        other.periods = list(periods)
        return other

    @cached_property
    def unrated(self) -> list[Segment]:
        """The segments whose price cannot be converted, because there is no rate for them."""
        has_rate: dict[tuple[str, date], bool] = {}
        found = []
        for segment in self.segments:
            if segment.currency == self.currency or not segment.price_e4:
                continue
            key = segment.currency, segment.rate_on
            if key not in has_rate:
                has_rate[key] = self.conversion.rate(*key) is not None
            if not has_rate[key]:
                found.append(segment)
        return found

    def withheld_on(self, needed: Sequence[DateRange]) -> frozenset[str]:
        """Return the currencies of which a rate is missing on one of the days that figures need."""
        return frozenset(
            segment.currency
            for segment in self.unrated
            if any(
                segment.start < days.end and (segment.end is None or segment.end > days.start)
                for days in needed
            )
        )

    def unrated_since(self, currency: str) -> date:
        """Return the earliest day of which the rate of a currency is missing."""
        on = self.conversion.on
        days = [segment.rate_on for segment in self.unrated if segment.currency == currency]
        return min(days) if on is None else on

    def without(self, currencies: frozenset[str]) -> "Source":
        """Return the source without these currencies, and without what has no rate in others; remembered.

        For periods that need none of what is left out: customers who paid it before are still no new ones.
        """
        if currencies not in self._without:
            other = Source(
                self.viewer,
                self.params,
                self.fields,
                rates=self.conversion.rates,
                since=self.since,
            )
            other.chosen = self.chosen
            unrated = set(map(id, self.unrated))
            other.segments = [
                segment
                for segment in self.segments
                if segment.currency not in currencies and id(segment) not in unrated
            ]
            other.paid_before = {
                segment.customer: segment.start
                for segment in self.unrated
                if segment.currency not in currencies
            }
            self._without[currencies] = other
        return self._without[currencies]

    @property
    def as_of(self) -> date:
        """The day up to which figures are facts."""
        return self.viewer.as_of

    def at_rates_of(self, day: date) -> Conversion:
        """Return the conversion at constant rates."""
        return replace(self.conversion, on=day)

    @property
    def part(self) -> Any:
        """The expression of the split's value in a query of subscriptions; None without a split."""
        path = self.params.split
        if path not in self.fields:
            return None
        return part_of(place_of(path, self.fields, viewer=self.viewer.user))

    def parts_then(self, kind: RecordKind) -> Mapping[int, Any]:
        """Return the parts of records that had another owner on the day of which the knowledge is asked for; other parts are today's."""
        until, split = self.viewer.recorded_before, self.params.split
        if until is None or split not in _BY_OWNER:
            return {}
        owners = owners_before(kind, until)
        if split == _OWNER:
            return owners
        teams = dict(User.objects.values_list("pk", "team"))
        return {pk: teams.get(owner) if owner else None for pk, owner in owners.items()}

    @cached_property
    def segments(self) -> list[Segment]:
        """Everything that counts."""
        is_constant = self.conversion.on is not None
        with many_objects():
            return load_segments(
                self.viewer,
                part=self.part,
                merges=lambda one: is_constant or one == self.currency,
                since=self.since,
                by_plan=self.params.split == "plan",
                parts=self.parts_then(RecordKind.SUBSCRIPTION),
            )

    def active_on(self, day: date) -> Sequence[Segment]:
        """Return the segments that count at the end of `day`; remembered, for parts of a split ask for the same days."""
        if day not in self._active:
            self._active[day] = segments_on(self.segments, day)
        return self._active[day]

    @cached_property
    def ledger(self) -> Ledger:
        """All movements until today."""
        segments = self.segments
        with many_objects():
            ledger = ledger_of(segments, conversion=self.conversion, until=self.as_of)
        if self.paid_before:
            ledger = self._with_known_customers(ledger)
        return ledger if self.since is None else self._with_returns(ledger, self.since)

    def _with_known_customers(self, ledger: Ledger) -> Ledger:
        """Return the ledger with those as reactivated who look new only because what they paid before has no rate."""
        movements = [
            replace(one, kind=MovementKind.REACTIVATION) if self._paid_before(one) else one
            for one in ledger.movements
        ]
        return replace(ledger, movements=movements)

    def _paid_before(self, movement: Movement) -> bool:
        since = self.paid_before.get(movement.customer)
        return movement.kind is MovementKind.NEW and since is not None and since < movement.day

    def _with_returns(self, ledger: Ledger, since: date) -> Ledger:
        """Return the ledger with those as reactivated who look new only because their past was not loaded."""
        new = {
            one.customer
            for one in ledger.movements
            if one.kind is MovementKind.NEW and one.day >= since
        }
        back = customers_before(self.viewer, new, since)
        movements = [
            replace(one, kind=MovementKind.REACTIVATION)
            if one.kind is MovementKind.NEW and one.day >= since and one.customer in back
            else one
            for one in ledger.movements
        ]
        return replace(ledger, movements=movements)

    @cached_property
    def has_foreign(self) -> bool:
        """Whether a rate matters at all."""
        return any(one.currency != self.currency for one in self.segments)

    @cached_property
    def chosen(self) -> set[int] | None:
        """The subscriptions that pass the filter; None without one."""
        viewer = self.viewer
        condition = compile_filter(self.params.tree, self.fields, viewer)
        if not condition:
            return None
        return set(visible_subscriptions(viewer).filter(condition).values_list("pk", flat=True))

    def matching(self, part: str | None = None) -> Matching | None:
        """Return what belongs to the filter and, if given, to a part of the split; None if everything does."""
        chosen = self.chosen
        if part is None:
            return None if chosen is None else lambda one: one.subscription in chosen
        return lambda one: (
            one.slices.get("part") == part and (chosen is None or one.subscription in chosen)
        )

    @cached_property
    def whole(self) -> Slice:
        """All that the filter leaves."""
        return Slice(None, self.ledger, self.matching())

    @cached_property
    def slices(self) -> Sequence[Slice]:
        """The parts of the split that something moved in, and the whole last."""
        return [*map(self.slice_of, self._movements_by_part), self.whole]

    def slice_of(self, part: str | None) -> Slice:
        """Return a part of the split, with None the whole."""
        if part is None:
            return self.whole
        own = replace(self.ledger, movements=self._movements_by_part.get(part, ()))
        return Slice(part, own, self.matching(part))

    @cached_property
    def _movements_by_part(self) -> Mapping[str, Sequence[Movement]]:
        found: dict[str, list[Movement]] = defaultdict(list)
        chosen = self.chosen
        for movement in self.ledger.movements if self.params.split else ():
            legs = [leg for leg in movement.legs if chosen is None or leg.subscription in chosen]
            for part in {
                one.slices["part"]
                for leg in legs
                for one in (leg.before, leg.after)
                if one is not None
            }:
                found[part].append(movement)
        return found

    def lines(
        self,
        rows: Mapping[str | None, Sequence[tuple[Cell, ...]]],
        *,
        spans: Sequence[DateRange] | None = None,
        may_change: bool = True,
    ) -> tuple[Line, ...]:
        """Return for each period the lines of those parts that have something in it, then the whole's (None).

        `spans` stand in place of the periods shown. `may_change`: overdue renewals make the figures provisional.
        """
        names = (
            self.part_names([part for part in rows if part is not None])
            if self.params.split
            else {}
        )
        result = []
        for index, days in enumerate(spans or self.periods):
            is_provisional = may_change and self.is_provisional(days)
            result += [
                Line(days, rows[part][index], is_provisional, part, name)
                for part, name in names.items()
                if any(_is_something(cell) for cell in rows[part][index])
            ]
            result.append(Line(days, rows[None][index], is_provisional))
        return tuple(result)

    @cached_property
    def periods(self) -> list[DateRange]:
        """The periods shown: those that have begun."""
        first, last = self.params.days.start, min(self.params.days.last_day, self.as_of)
        return periods_between(min(first, last), last, self.params.period)

    @cached_property
    def provisional(self) -> set[date]:
        """The first days of the months that may still change."""
        return set(provisional_months(self.segments, self.as_of))

    def is_provisional(self, days: DateRange) -> bool:
        """Return whether the figures of a period may still change."""
        return any(month in days for month in self.provisional)

    def part_names(self, keys: Collection[str]) -> Mapping[str, str]:
        """Return the names of the split's parts, in the order of its choices, those without a value last; one query."""
        choices = choices_of(self.fields[self.params.split], self.viewer.language)
        named = (
            {str(key): name for key, name in choices.items()}
            if choices
            else {key: key for key in keys}
        )
        order = [key for key in named if key in keys]
        rest = sorted(key for key in keys if key and key not in named)
        found = {key: named.get(key, f"#{key}") for key in (*order, *rest)}
        return found | ({"": ""} if "" in keys else {})


def _is_something(cell: Cell) -> bool:
    return bool(cell.amount_e4 if isinstance(cell, Money) else cell)


def states(
    ledger: Ledger, days: Sequence[date], matching: Matching | None = None
) -> dict[date, dict[CustomerKey, Exact]]:
    """Return what each customer pays a year at the end of each of `days`, in the ledger's scale; one walk."""
    result: dict[date, dict[CustomerKey, Exact]] = {}
    paid: dict[CustomerKey, Exact] = {}
    position, movements = 0, ledger.movements
    for day in sorted(set(days)):
        while position < len(movements) and movements[position].day <= day:
            movement = movements[position]
            change: Exact = movement.amount + movement.fx
            if matching is not None:
                change = sum((sum(leg.within(matching)) for leg in movement.legs), 0)
            after = paid.get(movement.customer, 0) + change
            if after:
                paid[movement.customer] = after
            else:
                paid.pop(movement.customer, None)
            position += 1
        result[day] = dict(paid)
    return result
