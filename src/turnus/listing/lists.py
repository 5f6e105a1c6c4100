"""A list of records, filtered, searched and sorted: pages, the summary row, rows for files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

from django.apps import apps
from django.db.models import Count, F, Q, Sum
from django.db.models.expressions import OrderBy
from django.db.models.lookups import Contains, IsNull

from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.core.deals import weight_of, weighted_e4
from turnus.core.filters import EVERYTHING, Node
from turnus.core.folding import fold
from turnus.core.money import Money, Rates
from turnus.core.records import RecordKind
from turnus.core.tables import Cell
from turnus.fields.catalog import Catalog
from turnus.fields.models import AnyRecords
from turnus.fields.queries import records_of
from turnus.history.tracked import StoredRow, tracked
from turnus.kit.json_columns import json_text
from turnus.listing.columns import (
    ListColumn,
    ListValue,
    cell_makers,
    columns_for,
    headings_of,
    rows_read,
    values_in,
)
from turnus.listing.compiling import compile_filter
from turnus.listing.expressions import (
    SortKey,
    day_column,
    may_be_missing,
    place_of,
    sortable,
)
from turnus.listing.figures import figure_of
from turnus.listing.links import ContactNames

PAGE_SIZE = 50
#: Rows read at once for a file: flat memory.
_CHUNK = 2_000

DEFAULT_COLUMNS: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.DEAL: (
        "title",
        "value",
        "organization",
        "person",
        "stage",
        "status",
        "won_at",
        "expected_close_on",
        "owner",
    ),
    RecordKind.PERSON: ("name", "organization", "emails", "phones", "owner"),
    RecordKind.ORGANIZATION: ("name", "address", "owner", "created_at"),
    RecordKind.SUBSCRIPTION: (
        "name",
        "organization",
        "plan",
        "price",
        "mrr",
        "state",
        "next_due_on",
        "end_on",
        "owner",
    ),
}
DEFAULT_SORT: Mapping[RecordKind, str] = {
    RecordKind.DEAL: "-created_at",
    RecordKind.PERSON: "name",
    RecordKind.ORGANIZATION: "name",
    RecordKind.SUBSCRIPTION: "next_due_on",
}


@dataclass(frozen=True, slots=True)
class ListState:
    """What a list shows: everything that its address, a saved filter or an export says."""

    tree: Node = EVERYTHING
    search: str = ""
    #: A field path, `-` before it for descending; empty: the list's usual order.
    sort: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page: ids, values by column in order, and whether another page follows."""

    ids: tuple[int, ...]
    rows: tuple[tuple[ListValue, ...], ...]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class CurrencySum:
    """Count, sum and weighted sum (ten-thousandths) of the deals in one currency.

    Of subscriptions the sum of their MRR, unweighted.
    """

    currency: str
    count: int
    value_e4: int
    weighted_e4: int = 0

    def __add__(self, other: "CurrencySum") -> "CurrencySum":
        return CurrencySum(
            self.currency,
            self.count + other.count,
            self.value_e4 + other.value_e4,
            self.weighted_e4 + other.weighted_e4,
        )

    @property
    def money(self) -> Money:
        """The sum."""
        return Money(self.value_e4, self.currency)

    @property
    def weighted(self) -> Money:
        """The weighted sum."""
        return Money(self.weighted_e4, self.currency)


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary row: the count, and sums by currency and converted, if there are any.

    The converted sums leave out currencies without a rate, which `without_rate` names.
    """

    count: int
    by_currency: tuple[CurrencySum, ...] = ()
    currency: str = ""
    value_e4: int = 0
    weighted_e4: int = 0
    without_rate: tuple[str, ...] = ()

    @property
    def money(self) -> Money:
        """The converted sum."""
        return Money(self.value_e4, self.currency)

    @property
    def weighted(self) -> Money:
        """The converted weighted sum."""
        return Money(self.weighted_e4, self.currency)


def last_page(count: int) -> int:
    """Return the number of the last page of a list of `count` records; 1 for an empty one."""
    return max(1, -(-count // PAGE_SIZE))


def usable_sort(sort: str, catalog: Catalog) -> str:
    """Return a sort order from an address or a form, empty if its field cannot be sorted by."""
    field = catalog.get(sort.removeprefix("-"))
    return sort if field is not None and field.is_sortable else ""


class RecordList:
    """A list as one person sees it; no query until a page, a summary or rows are asked for."""

    def __init__(
        self,
        kind: RecordKind,
        catalog: Catalog,
        state: ListState,
        viewer: Viewer,
    ) -> None:
        self.kind = kind
        self.catalog = catalog
        self.state = state
        self.viewer = viewer

    @cached_property
    def columns(self) -> list[ListColumn]:
        """The columns shown, in order; the usual ones if none were chosen."""
        chosen = [path for path in self.state.columns if path in self.catalog]
        return columns_for(
            chosen or DEFAULT_COLUMNS[self.kind],
            self.catalog,
            self.viewer.language,
            viewer=self.viewer.user,
        )

    @cached_property
    def file_columns(self) -> list[ListColumn]:
        """The columns of a file: those shown, and the currency beside amounts if it differs.

        Otherwise a file of francs would come back as euros. Costs a query where the currency is not
        shown anyway.
        """
        paths = [column.path for column in self.columns]
        lacks_currency = "value" in paths and "currency" not in paths
        if self.kind is not RecordKind.DEAL or not lacks_currency:
            return self.columns
        if not self.records.exclude(currency=company().currency).exists():
            return self.columns
        after = paths.index("value") + 1
        beside = columns_for(
            ["currency"],
            self.catalog,
            self.viewer.language,
            viewer=self.viewer.user,
        )
        return [*self.columns[:after], *beside, *self.columns[after:]]

    @property
    def records(self) -> AnyRecords:
        """Every record that the viewer may see and that passes filter and search, in no order."""
        visible = records_of(self.kind).present().visible_to(self.viewer.user)
        condition = compile_filter(self.state.tree, self.catalog, self.viewer)
        records = visible.filter(condition, self._found())
        return records.order_by()

    @property
    def sorted_records(self) -> AnyRecords:
        """The same in the list's order; ties by id, so that pages never overlap."""
        viewer = self.viewer
        sort = (
            usable_sort(self.state.sort, self.catalog)
            or DEFAULT_SORT[self.kind]
        )
        path = sort.removeprefix("-")
        place = place_of(path, self.catalog, viewer=viewer.user, on=viewer.on)
        # The company's day leads: with it stands the index, and a page is read without sorting
        # everything before it.
        day = day_column(place)
        keys: list[SortKey] = [sortable(place)]
        if day:
            keys.insert(0, F(day))
        is_descending = sort.startswith("-")
        ordered = [
            self._ordered(key, is_descending=is_descending) for key in keys
        ]
        last_key = "-id" if is_descending else "id"
        return self.records.order_by(*ordered, last_key)

    def _ordered(self, key: SortKey, *, is_descending: bool) -> OrderBy:
        """Return a key in its order, missing values last, for the databases differ on them.

        A column that has none is left to its index.
        """
        is_last = (
            True if may_be_missing(key, tracked(self.kind).model) else None
        )
        return OrderBy(key, descending=is_descending, nulls_last=is_last)

    def page(self, number: int = 1, size: int = PAGE_SIZE) -> Page:
        """Return one page, the first is number 1.

        One query, one for each kind of choices, and those of each figure shown.
        """
        start = (number - 1) * size
        end = start + size
        rows_and_next = rows_read(self.sorted_records, self.columns)[
            start : end + 1
        ]
        rows = list(rows_and_next)
        shown = rows[:size]
        self._put_figures(shown, self.columns)
        names = ContactNames(self.viewer.user)
        values = values_in(shown, self.columns, names)
        return Page(
            ids=tuple(row["id"] for row in shown),
            rows=tuple(values),
            number=number,
            has_next=len(rows) > size,
        )

    def count(self) -> int:
        """Return how many records there are; one query."""
        return self.records.count()

    def summary(self, rates: Rates) -> Summary:
        """Return the summary row; one query, converted by the rates of the viewer's day.

        Of subscriptions their MRR today, converted like in reports: a few queries more.
        """
        if self.kind is RecordKind.SUBSCRIPTION:
            return self._summary_of_figure("mrr", rates)
        if self.kind is not RecordKind.DEAL:
            return Summary(self.count())
        # Grouped by what the weight depends on: no join, and a handful of rows whatever the number
        # of deals.
        groups = self.records.values(
            "currency", "status", "stage_id", "probability"
        ).annotate(number=Count("id"), total=Sum("value_e4"))
        stages = apps.get_model(
            "sales", "Stage"
        )  # they belong to a higher package
        manager = stages._default_manager  # noqa: SLF001 (Django documents it)
        probabilities = manager.values_list("pk", "probability")
        weights: dict[int, int] = dict(probabilities)
        sums: dict[str, CurrencySum] = {}
        for group in groups:
            code = group["currency"]
            probability = group["probability"]
            if probability is None:
                probability = weights[group["stage_id"]]
            weight = weight_of(group["status"], probability)
            weighted = weighted_e4(group["total"], weight)
            deals = CurrencySum(
                code, group["number"], group["total"], weighted
            )
            sums[code] = sums[code] + deals if code in sums else deals
        in_order = [sums[code] for code in sorted(sums)]
        return _converted(in_order, rates, self.viewer.on)

    def cells(self) -> Iterator[list[Cell]]:
        """Yield every row as typed cells for a file, streamed; memory stays flat."""
        names = ContactNames(self.viewer.user)
        columns = self.file_columns
        makers = []
        for index, column in enumerate(columns):
            column_makers = cell_makers(
                column, zone=self.viewer.zone, language=self.viewer.language
            )
            makers += [(index, make) for make in column_makers]
        rows = rows_read(self.sorted_records, columns).iterator(
            chunk_size=_CHUNK
        )
        while block := list(islice(rows, _CHUNK)):
            self._put_figures(block, columns)
            for values in values_in(block, columns, names):
                yield [make(values[index]) for index, make in makers]

    def _put_figures(
        self, rows: Sequence[StoredRow], columns: Sequence[ListColumn]
    ) -> None:
        """Add the figures that columns show to the rows; a constant number of queries."""
        ids = [row["id"] for row in rows]
        for column in columns:
            if column.figure is None:
                continue
            records = records_of(self.kind).filter(pk__in=ids)
            amounts = column.figure.of(records, self.viewer)
            for row in rows:
                nothing = Money(0, row["currency"])
                row[column.path] = amounts.get(row["id"], nothing)

    def _summary_of_figure(self, key: str, rates: Rates) -> Summary:
        """Return the count, and the sums of a figure in place of values."""
        figure = figure_of(self.kind, key)
        assert figure is not None  # noqa: S101 (it is registered with the kind)
        by_code = self.records.values_list("currency").annotate(Count("id"))
        counts = dict(by_code.order_by("currency"))
        sums = figure.sums(self.records, self.viewer, rates)
        by_currency: list[CurrencySum] = []
        for code, count in counts.items():
            amount = sums.by_currency.get(code, Money(0, code))
            by_currency.append(CurrencySum(code, count, amount.amount_e4))
        return Summary(
            count=sum(counts.values()),
            by_currency=tuple(by_currency),
            currency=rates.base,
            value_e4=sums.total.amount_e4,
            without_rate=sums.without_rate,
        )

    def headings(self) -> list[str]:
        """Return the headings of the columns in a file: `Deal - Value`."""
        headings: list[str] = []
        for column in self.file_columns:
            headings += headings_of(column, self.viewer.language)
        return headings

    def _found(self) -> Q:
        text = fold(self.state.search)
        if not text:
            return Q()
        if self.kind is not RecordKind.DEAL:
            return Q(name_folded__contains=text) | self._in_mails(text)
        # Contacts are looked up first: they are fewer than deals, and a join would be paid by every
        # deal.
        contacts = Q()
        for kind, column in (
            (RecordKind.ORGANIZATION, "organization_id"),
            (RecordKind.PERSON, "person_id"),
        ):
            seen = records_of(kind).visible_to(self.viewer.user)
            named = seen.filter(name_folded__contains=text)
            contacts |= Q(**{f"{column}__in": named.values("pk")})
        return Q(title_folded__contains=text) | contacts

    def _in_mails(self, text: str) -> Q:
        if self.kind is not RecordKind.PERSON:
            return Q(pk__isnull=True)
        mails = json_text("folded", "emails")
        return Q(IsNull(mails, False)) & Q(Contains(mails, text))


def _converted(sums: Sequence[CurrencySum], rates: Rates, on: date) -> Summary:
    value_e4 = 0
    weighted_e4_sum = 0
    without_rate: list[str] = []
    for own in sums:
        converted = rates.convert(own.value_e4, own.currency, on)
        if converted is None:
            without_rate.append(own.currency)
            continue
        value_e4 += converted
        weighted_e4_sum += (
            rates.convert(own.weighted_e4, own.currency, on) or 0
        )
    return Summary(
        count=sum(own.count for own in sums),
        by_currency=tuple(sums),
        currency=rates.base,
        value_e4=value_e4,
        weighted_e4=weighted_e4_sum,
        without_rate=tuple(without_rate),
    )
