"""What all reports of recurring revenue draw from: segments and their ledger, loaded once.

Also the filter, and the names of the split.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from turnus.accounts.models import User
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange
from turnus.core.customers import CustomerKey
from turnus.core.money import Money, Rates
from turnus.core.records import RecordKind
from turnus.core.revenue.conversion import Conversion, Withheld
from turnus.core.revenue.facts import Matching, Segment
from turnus.core.revenue.movements import (
    Ledger,
    Movement,
    MovementKind,
    ledger_of,
)
from turnus.core.revenue.mrr import months_from, segments_on
from turnus.core.revenue.waterfall import (
    Waterfall,
    joined,
    periods_between,
    waterfall,
    waterfall_of_sums,
)
from turnus.fields.catalog import Catalog
from turnus.kit.memory import many_objects
from turnus.listing.compiling import compile_filter
from turnus.listing.expressions import part_of, place_of
from turnus.reports.definition import Parameter
from turnus.reports.recurring.splits import slices_of_stored, split_names
from turnus.reports.recurring.states import with_reactivated
from turnus.reports.shape import Basis, Cell, Line, Params
from turnus.revenue.ledger.queries import StoredLedger, stored_ledger
from turnus.revenue.loading import customers_before, load_segments
from turnus.revenue.models import Subscription
from turnus.revenue.scope import visible_subscriptions
from turnus.revenue.subscriptions.past import owners_before

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


@dataclass(frozen=True, slots=True)
class Slice:
    """What a line shows: a part of the split, or with `part` None all that the filter leaves.

    `ledger` has the movements that concern it, `matching` says what of them (None: all).
    """

    part: str | None
    ledger: Ledger
    matching: Matching | None


class Source:
    """What a report is computed from; loads lazily.

    `segments` and `ledger` are of everything visible: the filter only decides what is shown.
    """

    def __init__(
        self,
        viewer: Viewer,
        params: Params,
        fields: Catalog,
        *,
        rates: Rates,
        since: date | None = None,
        among: QuerySet[Subscription] | None = None,
    ) -> None:
        """Take `since` where nothing before that day is shown.

        Terms that ended earlier are then not loaded, nor are other subscriptions than those
        `among` which the figures are asked for.
        """
        self.since = since
        self.among = among
        self._active: dict[date, Sequence[Segment]] = {}
        self._without: dict[frozenset[str], Source] = {}
        #: Customer -> a day from which they paid something that is not among the segments.
        self.paid_before: Mapping[CustomerKey, date] = {}
        self.viewer = viewer
        self.params = params
        self.fields = fields
        self.currency = params.currency or rates.base
        rate_days = {
            Basis.BOOKING: None,
            Basis.CONSTANT: params.days.start,
            Basis.TODAY: self.as_of,
        }
        self.conversion = Conversion(
            rates, self.currency, rate_days[params.basis]
        )

    def over(self, *periods: DateRange) -> "Source":
        """Return the same source for a report with a line for each of these periods.

        What was loaded is shared.
        """
        other = copy(self)
        other.periods = list(periods)
        return other

    @cached_property
    def store(self) -> StoredLedger | None:
        """What is stored of everything visible; None where it has to be computed."""
        if self.among is not None:
            return None
        return stored_ledger(self.viewer, self.currency)

    @cached_property
    def stored(self) -> StoredLedger | None:
        """The sums of the whole that are stored; None for a slice, whose sums are computed."""
        is_slice = self.params.split or self.chosen is not None
        return None if is_slice else self.store

    @property
    def computed(self) -> "Source":
        """The source of what is in no stored sum; this one itself where there is none."""
        return self if self.stored is None else self.beside

    @cached_property
    def beside(self) -> "Source":
        """The source of all that is not stored."""
        assert self.store is not None  # noqa: S101 (asked for beside it)
        beside = Source(
            self.viewer,
            self.params,
            self.fields,
            rates=self.conversion.rates,
            since=self.since,
            among=self.store.live_subscriptions,
        )
        if not self.store.live:
            beside.segments = []
        return beside

    @property
    def tables(self) -> Sequence[Waterfall]:
        """The waterfalls of the whole, one for each period shown."""
        source = self.computed
        computed = waterfall(source.ledger, self.periods, source.matching())
        if self.stored is None:
            return computed
        sums = self.stored.day_sums()
        stored = waterfall_of_sums(sums, self.periods, self.currency)
        return joined(stored, computed)

    @property
    def withheld(self) -> Sequence[Withheld]:
        """The currencies that are in no figure: whatever is stored needs no rate."""
        return self.computed.ledger.withheld

    @cached_property
    def unrated(self) -> list[Segment]:
        """The segments whose price cannot be converted, because there is no rate for them."""
        has_rate: dict[tuple[str, date], bool] = {}
        found = []
        for segment in self.computed.segments:
            if segment.currency == self.currency or not segment.price_e4:
                continue
            key = segment.currency, segment.rate_on
            if key not in has_rate:
                has_rate[key] = self.conversion.rate(*key) is not None
            if not has_rate[key]:
                found.append(segment)
        return found

    def withheld_on(self, needed: Sequence[DateRange]) -> frozenset[str]:
        """Return the currencies of which a rate is missing on a day that figures need."""
        currencies = set()
        for segment in self.unrated:
            is_needed = any(_overlaps(segment, days) for days in needed)
            if is_needed:
                currencies.add(segment.currency)
        return frozenset(currencies)

    def unrated_since(self, currency: str) -> date:
        """Return the earliest day of which the rate of a currency is missing."""
        if self.conversion.on is not None:
            return self.conversion.on
        unrated = [each for each in self.unrated if each.currency == currency]
        return min(segment.rate_on for segment in unrated)

    def without(self, currencies: frozenset[str]) -> "Source":
        """Return the source without these currencies, and without what has no rate in others.

        Remembered. For periods that need none of what is left out: customers who paid it before
        are still no new ones.
        """
        if currencies not in self._without:
            self._without[currencies] = self._made_without(currencies)
        return self._without[currencies]

    def _made_without(self, currencies: frozenset[str]) -> "Source":
        rates = self.conversion.rates
        other = Source(
            self.viewer,
            self.params,
            self.fields,
            rates=rates,
            since=self.since,
            among=self.among,
        )
        other.chosen = self.chosen
        other.store = self.store
        if self.store is not None:
            other.beside = self.beside.without(currencies)
        else:
            # By identity: two terms may be alike in everything.
            unrated = {id(segment) for segment in self.unrated}
            other.segments = [
                each
                for each in self.segments
                if each.currency not in currencies and id(each) not in unrated
            ]
        paid_before = {}
        for segment in self.unrated:
            if segment.currency not in currencies:
                paid_before[segment.customer] = segment.start
        other.paid_before = paid_before
        return other

    @property
    def as_of(self) -> date:
        """The day up to which figures are facts."""
        return self.viewer.as_of

    def at_rates_of(self, day: date) -> Conversion:
        """Return the conversion at constant rates."""
        return replace(self.conversion, on=day)

    @property
    def part(self) -> Combinable | None:
        """The expression of the split's value in a query of subscriptions; None without a split."""
        path = self.params.split
        if path not in self.fields:
            return None
        place = place_of(path, self.fields, viewer=self.viewer.user)
        return part_of(place)

    def parts_then(self, kind: RecordKind) -> Mapping[int, int | None]:
        """Return the parts of records that had another owner on the day to be known as of.

        Other parts are today's.
        """
        until = self.viewer.recorded_before
        split = self.params.split
        if until is None or split not in _BY_OWNER:
            return {}
        owners = owners_before(kind, until)
        if split == _OWNER:
            return owners
        team_of = dict(User.objects.values_list("pk", "team"))
        teams = {}
        for pk, owner in owners.items():
            teams[pk] = team_of.get(owner) if owner else None
        return teams

    @cached_property
    def segments(self) -> list[Segment]:
        """Everything that counts."""
        if self.store is None:
            return self._loaded_segments()
        with many_objects():
            stored = self.store.segments(
                slices_of_stored(self.viewer, self.params.split, self.part)
            )
            return [*stored, *self.beside.segments]

    def _loaded_segments(self) -> list[Segment]:
        is_constant = self.conversion.on is not None

        def merges(currency: str) -> bool:
            return is_constant or currency == self.currency

        with many_objects():
            return load_segments(
                self.viewer,
                part=self.part,
                merges=merges,
                since=self.since,
                among=self.among,
                by_plan=self.params.split == "plan",
                parts=self.parts_then(RecordKind.SUBSCRIPTION),
            )

    def active_on(self, day: date) -> Sequence[Segment]:
        """Return the segments that count at the end of `day`.

        Remembered, because the parts of a split ask for the same days.
        """
        if day not in self._active:
            self._active[day] = segments_on(self.segments, day)
        return self._active[day]

    @cached_property
    def ledger(self) -> Ledger:
        """All movements until today."""
        segments = self.segments
        with many_objects():
            ledger = ledger_of(
                segments, conversion=self.conversion, until=self.as_of
            )
        if self.paid_before:
            ledger = with_reactivated(ledger, self._paid_before)
        if self.since is None:
            return ledger
        return self._with_returns(ledger, self.since)

    def _paid_before(self, movement: Movement) -> bool:
        """Return whether a customer looks new only because what they paid before has no rate."""
        since = self.paid_before.get(movement.customer)
        return since is not None and since < movement.day

    def _with_returns(self, ledger: Ledger, since: date) -> Ledger:
        """Return the ledger with those as reactivated whose past was only not loaded."""
        new = set()
        for movement in ledger.movements:
            if movement.kind is MovementKind.NEW and movement.day >= since:
                new.add(movement.customer)
        back = customers_before(self.viewer, new, since)

        def has_returned(movement: Movement) -> bool:
            return movement.day >= since and movement.customer in back

        return with_reactivated(ledger, has_returned)

    @cached_property
    def has_foreign(self) -> bool:
        """Whether a rate matters at all."""
        return any(
            segment.currency != self.currency
            for segment in self.computed.segments
        )

    @cached_property
    def chosen(self) -> set[int] | None:
        """The subscriptions that pass the filter; None without one."""
        condition = compile_filter(self.params.tree, self.fields, self.viewer)
        if not condition:
            return None
        found = visible_subscriptions(self.viewer).filter(condition)
        return set(found.values_list("pk", flat=True))

    def matching(self, part: str | None = None) -> Matching | None:
        """Return what belongs to the filter and, if given, to a part of the split.

        None if everything does.
        """
        chosen = self.chosen
        if chosen is None and part is None:
            return None
        if chosen is None:
            return lambda segment: segment.slices.get("part") == part
        if part is None:
            return lambda segment: segment.subscription in chosen

        def matches(segment: Segment) -> bool:
            is_of_part = segment.slices.get("part") == part
            return is_of_part and segment.subscription in chosen

        return matches

    @cached_property
    def whole(self) -> Slice:
        """All that the filter leaves."""
        return Slice(None, self.ledger, self.matching())

    @cached_property
    def parts(self) -> Sequence[Slice]:
        """The parts of the split that something moved in; none without a split."""
        if not self.params.split:
            return []
        return [self.slice_of(part) for part in self._movements_by_part]

    @property
    def slices(self) -> Sequence[Slice]:
        """The parts of the split, and the whole last."""
        return [*self.parts, self.whole]

    def slice_of(self, part: str | None) -> Slice:
        """Return a part of the split, with None the whole."""
        if part is None:
            return self.whole
        movements = self._movements_by_part.get(part, ())
        ledger = replace(self.ledger, movements=movements)
        return Slice(part, ledger, self.matching(part))

    @cached_property
    def _movements_by_part(self) -> Mapping[str, Sequence[Movement]]:
        found: dict[str, list[Movement]] = defaultdict(list)
        for movement in self.ledger.movements:
            for part in self._parts_of(movement):
                found[part].append(movement)
        return found

    def _parts_of(self, movement: Movement) -> set[str]:
        """Return the parts of the split that a movement concerns, of what the filter leaves."""
        chosen = self.chosen
        parts = set()
        for leg in movement.legs:
            if chosen is not None and leg.subscription not in chosen:
                continue
            for segment in (leg.before, leg.after):
                if segment is not None:
                    parts.add(segment.slices["part"])
        return parts

    def lines(
        self,
        rows: Mapping[str | None, Sequence[tuple[Cell, ...]]],
        *,
        spans: Sequence[DateRange] | None = None,
        may_change: bool = True,
    ) -> tuple[Line, ...]:
        """Return for each period the lines of its parts that have something, then the whole's.

        `rows` has the whole's cells by None. `spans` stand in place of the periods shown.
        `may_change`: overdue renewals make the figures provisional.
        """
        names: Mapping[str, str] = {}
        if self.params.split:
            parts = [part for part in rows if part is not None]
            names = self.part_names(parts)
        lines = []
        for index, days in enumerate(spans or self.periods):
            is_provisional = may_change and self.is_provisional(days)
            for part, name in names.items():
                cells = rows[part][index]
                if _has_something(cells):
                    lines.append(Line(days, cells, is_provisional, part, name))
            lines.append(Line(days, rows[None][index], is_provisional))
        return tuple(lines)

    def part_names(self, parts: Collection[str]) -> Mapping[str, str]:
        """Return the names of the split's parts, in order; one query."""
        language = self.viewer.language
        return split_names(self.params.split, parts, self.fields, language)

    @cached_property
    def periods(self) -> list[DateRange]:
        """The periods shown: those that have begun."""
        last = min(self.params.days.last_day, self.as_of)
        first = min(self.params.days.start, last)
        return periods_between(first, last, self.params.period)

    @cached_property
    def provisional(self) -> set[date]:
        """The first days of the months that may still change."""
        computed = self.computed.segments
        starts = [each.start for each in computed if each.is_overdue]
        overdue_since = (
            None if self.stored is None else self.stored.overdue_since()
        )
        if overdue_since is not None:
            starts.append(overdue_since)
        return set(months_from(min(starts, default=None), self.as_of))

    def is_provisional(self, days: DateRange) -> bool:
        """Return whether the figures of a period may still change."""
        return any(month in days for month in self.provisional)


def _overlaps(segment: Segment, days: DateRange) -> bool:
    return segment.start < days.end and (
        segment.end is None or segment.end > days.start
    )


def _has_something(cells: Sequence[Cell]) -> bool:
    for cell in cells:
        amount = cell.amount_e4 if isinstance(cell, Money) else cell
        if amount:
            return True
    return False
