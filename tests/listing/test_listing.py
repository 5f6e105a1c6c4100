"""Lists: filters mean the same in the database and in memory; pages, sums, columns."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.accounts.queries import company, rates
from turnus.accounts.viewer import Viewer
from turnus.core.fields import ContactPoint, DateSpan, FieldKind, operators_of
from turnus.core.filters import (
    All,
    AnyOf,
    Condition,
    Node,
    Not,
    from_json,
    matches,
)
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions import save_label
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.values import column_of
from turnus.kit.errors import UserError
from turnus.listing.actions import (
    choose_columns,
    delete_filter,
    save_filter,
    update_filter,
)
from turnus.listing.compiling import compile_filter
from turnus.listing.lists import ListState, RecordList
from turnus.listing.queries import columns_chosen, filter_named, filters_for
from turnus.sales.models import Deal

ON = date(2018, 11, 14)


def viewer(world: World, user: Any = None) -> Viewer:
    return Viewer(user or world.alice, ON, company().zone, "de")


def listed(
    world: World,
    state: ListState,
    kind: RecordKind = RecordKind.DEAL,
    user: Any = None,
) -> RecordList:
    return RecordList(kind, catalog(kind), state, viewer(world, user))


def filled(world: World) -> dict[str, Any]:
    """Some deals that differ in everything; returns custom field paths by kind."""
    kinds = [
        FieldKind.TEXT,
        FieldKind.NUMBER,
        FieldKind.OPTION,
        FieldKind.OPTIONS,
        FieldKind.DATE,
        FieldKind.DATE_RANGE,
        FieldKind.MONEY,
    ]
    own = {kind: world.field(kind, str(kind)) for kind in kinds}
    paths = {kind: f"custom.{field.key}" for kind, field in own.items()}
    labels = [
        save_label(
            by=world.admin, record=RecordKind.DEAL, name=name, color="red"
        ).pk
        for name in "ab"
    ]
    first, second = (
        world.organization("Ärzte Solar"),
        world.organization("Elbe AG", address="Hamburg"),
    )
    person = world.person("Zoë", emails=(ContactPoint("zoe@elbe.de"),))
    yearly = own[FieldKind.OPTION].options.first()
    several = tuple(
        own[FieldKind.OPTIONS].options.values_list("pk", flat=True)[:2]
    )
    world.deal(
        organization=first.pk,
        title="Straße",
        amount=99,
        status="won",
        won_at=date(2018, 10, 31),
    )
    world.deal(
        organization=second.pk,
        person=person.pk,
        title="strasse 2",
        amount=-5,
        labels=(labels[0],),
        probability=50,
    )
    world.deal(
        world.bob,
        person=person.pk,
        title="100% _x",
        status="won",
        won_at=datetime(2018, 10, 31, 23, 30, tzinfo=UTC),
        labels=tuple(labels),
    )
    world.deal(
        organization=first.pk,
        title="voll",
        expected_close_on=date(2018, 12, 1),
        **{
            paths[FieldKind.TEXT]: "Wörter & mehr",
            paths[FieldKind.NUMBER]: Decimal("1.5"),
            paths[FieldKind.OPTION]: yearly and yearly.pk,
            paths[FieldKind.OPTIONS]: several,
            paths[FieldKind.DATE]: date(2018, 11, 1),
            paths[FieldKind.MONEY]: Money.of(7, "USD"),
            paths[FieldKind.DATE_RANGE]: DateSpan(
                date(2018, 1, 1), date(2018, 2, 1)
            ),
        },
    )
    return {str(kind): path for kind, path in paths.items()}


def stored(deal: Deal, fields: Catalog) -> dict[str, Any]:
    """A deal as `matches` sees it: stored values by path."""
    record: dict[str, Any] = {}
    for path, field in fields.by_path.items():
        link, _, key = path.partition(".")
        holder = getattr(deal, link) if key and link != "custom" else deal
        if holder is None or field.key in {
            "weighted_value",
            "sequence",
            "closed_at",
            "begins_plan",
        }:
            continue
        value = (
            holder.custom.get(field.storage_key)
            if field.is_custom
            else getattr(holder, column_of(field))
        )
        if field.kind in {FieldKind.EMAILS, FieldKind.PHONES}:
            value = ", ".join(point["value"] for point in value)
        record[path] = (
            value.isoformat()
            if isinstance(value, date) and not isinstance(value, datetime)
            else value
        )
    return record


VALUES: dict[FieldKind, list[Any]] = {
    FieldKind.TEXT: [
        "strasse",
        "STRASSE 2",
        "a",
        "%",
        "_",
        "ö",
        "zoe@elbe.de",
    ],
    FieldKind.MONEY: [990_000, -50_000, 0],
    FieldKind.NUMBER: [1_500_000, 0],
    FieldKind.MOMENT: [
        "2018-10-31",
        "2018-11-01",
        "2018-11-14",
        {"period": "last_month"},
        {"ago": 13, "unit": "days"},
    ],
    FieldKind.DATE: [
        "2018-11-01",
        "2018-12-01",
        {"span": -30, "unit": "days"},
    ],
    FieldKind.STATUS: ["won", "open"],
    FieldKind.PERCENT: [50, 100],
    FieldKind.VISIBILITY: ["everyone", "owner"],
    FieldKind.CURRENCY: ["EUR", "USD"],
    FieldKind.DATE_RANGE: ["2018-01-01", "2018-02-01"],
    FieldKind.TIME_RANGE: ["09:00:00"],
}
SKIPPED = {
    "weighted_value",
    "sequence",
    "closed_at",
    "origin",
    "origin_id",
    "begins_plan",
}


def _value(kind: FieldKind, operator: str, draw: Any) -> Any:
    one = draw(
        st.sampled_from(
            VALUES.get(
                kind,
                VALUES[FieldKind.TEXT]
                if kind.value in {"text", "large_text"}
                else [1, 2, 3],
            )
        )
    )
    if operator == "between":
        one = one if not isinstance(one, dict) else "2018-11-01"
        return {"from": min(one, one), "until": one}
    if operator in {"in_period", "not_in_period"}:
        return (
            one
            if isinstance(one, dict) and "ago" not in one
            else {"from": "2018-10-01", "until": "2018-11-01"}
        )
    plain = one if not isinstance(one, dict) or "ago" in one else "2018-11-01"
    return (
        [plain]
        if operator.endswith("_of") and not isinstance(plain, dict)
        else plain
    )


@st.composite
def conditions(draw: Any, fields: Catalog) -> Condition:
    paths = [
        path
        for path, field in fields.by_path.items()
        if field.is_filterable
        and field.key not in SKIPPED
        and field.kind.value != "time"
    ]
    path = draw(st.sampled_from(sorted(paths)))
    operator = str(draw(st.sampled_from(operators_of(fields[path].kind))))
    written: dict[str, Any] = {"field": path, "operator": operator}
    if operator not in {"is_empty", "is_not_empty"}:
        kind = fields[path].kind
        written["value"] = _value(
            FieldKind.TEXT
            if kind.value in {"emails", "phones", "address", "autocomplete"}
            else kind,
            operator,
            draw,
        )
    return from_json(written)  # type: ignore[return-value]


def trees(fields: Catalog) -> st.SearchStrategy[Node]:
    return st.recursive(
        conditions(fields),
        lambda part: st.one_of(
            st.lists(part, max_size=3).map(tuple).map(All),
            st.lists(part, max_size=3).map(tuple).map(AnyOf),
            part.map(Not),
        ),
        max_leaves=5,
    )


@pytest.mark.django_db
def test_a_compiled_filter_selects_what_matches_in_memory(
    world: World,
) -> None:
    filled(world)
    fields = catalog(RecordKind.DEAL)
    asker = viewer(world)
    kinds = {path: field.kind for path, field in fields.by_path.items()}
    deals = list(
        Deal.objects.select_related("organization", "person", "owner", "stage")
    )
    records = {deal.pk: stored(deal, fields) for deal in deals}

    @settings(
        max_examples=250,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(trees(fields))
    def law(tree: Node) -> None:
        condition = compile_filter(tree, fields, asker)
        selected = set(
            Deal.objects.filter(condition).values_list("pk", flat=True)
        )
        assert selected == {
            pk
            for pk, record in records.items()
            if matches(tree, record, kinds=kinds, asker=asker)
        }

    law()


def test_a_page_its_summary_and_its_cells(world: World) -> None:
    filled(world)
    save_rate(
        by=world.admin, code="USD", on=date(2018, 1, 1), rate=Decimal("0.5")
    )
    world.deal(title="Dollar", value=Money.of(10, "USD"))
    records = listed(
        world,
        ListState(
            sort="-value",
            columns=(
                "title",
                "value",
                "currency",
                "status",
                "won_at",
                "organization",
                "labels",
                "person.emails",
                "closed_at",
                "stage",
            ),
        ),
    )
    page = records.page(size=2)
    assert (page.has_next, [row[0] for row in page.rows]) == (
        True,
        ["Straße", "Dollar"],
    )
    assert records.page(3, size=2).has_next is False
    summary = records.summary(rates())
    assert [
        (one.currency, one.count, one.money.amount)
        for one in summary.by_currency
    ] == [
        ("EUR", 4, 94),
        ("USD", 1, 10),
    ]
    assert (summary.count, summary.money) == (5, Money.of(99, "EUR"))
    first = next(iter(records.cells()))
    assert first[:5] == [
        "Straße",
        Decimal(99),
        "EUR",
        "Gewonnen",
        datetime(2018, 10, 31, 12),
    ]
    assert records.headings()[:2] == ["Deal - Titel", "Deal - Wert"]


def test_a_file_with_foreign_amounts_says_their_currency(world: World) -> None:
    world.deal(amount=5)
    euros = listed(world, ListState(columns=("value", "title")))
    assert euros.headings() == ["Deal - Wert", "Deal - Titel"]
    world.deal(value=Money.of(10, "CHF"))
    mixed = listed(world, ListState(columns=("value", "title")))
    assert mixed.headings() == [
        "Deal - Wert",
        "Deal - Währung",
        "Deal - Titel",
    ]
    assert sorted(row[1] for row in mixed.cells()) == ["CHF", "EUR"]


def test_search_folds_and_looks_at_contacts_too(world: World) -> None:
    filled(world)
    assert listed(world, ListState(search="ARZTE")).count() == 2
    assert (
        listed(world, ListState(search="zoe@"), RecordKind.PERSON).count() == 1
    )
    assert (
        listed(
            world, ListState(search="hamburg"), RecordKind.ORGANIZATION
        ).count()
        == 0
    )


def test_every_column_can_be_shown_and_every_sortable_one_sorted(
    world: World,
) -> None:
    filled(world)
    world.subscription()
    for kind in RecordKind:
        fields = catalog(kind)
        paths = tuple(
            path for path, field in fields.by_path.items() if field.is_listed
        )
        whole = listed(world, ListState(columns=paths), kind)
        everything = set(whole.page().ids)
        assert len(list(whole.cells())) == len(everything) > 0
        for path in (path for path in paths if fields[path].is_sortable):
            ids = listed(world, ListState(sort=f"-{path}"), kind).page().ids
            assert set(ids) == everything


def test_missing_values_stand_last_whichever_way_a_list_is_sorted(
    world: World,
) -> None:
    filled(world)
    optional = {
        "won_at": "won_on",
        "lost_at": "lost_on",
        "expected_close_on": "expected_close_on",
        "person": "person",
    }
    for path, column in optional.items():
        for sort in (path, f"-{path}"):
            held = Deal.objects.in_bulk()
            missing = [
                getattr(held[pk], column) is None
                for pk in listed(world, ListState(sort=sort)).page().ids
            ]
            assert missing == sorted(missing), sort
            assert True in missing


def test_the_number_of_queries_does_not_grow_with_the_rows(
    world: World,
) -> None:
    filled(world)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            listed(world, ListState()).page()
        return len(captured)

    few = queries()
    for number in range(20):
        world.deal(title=str(number))
    assert queries() == few <= 6


def test_saved_filters_are_private_or_shared(world: World) -> None:
    tree = {"all": [{"field": "status", "operator": "is", "value": "won"}]}
    private = save_filter(
        by=world.alice,
        kind=RecordKind.DEAL,
        name="Meine",
        tree=tree,
        is_shared=False,
        at=world.at,
    )
    shared = save_filter(
        by=world.alice,
        kind=RecordKind.DEAL,
        name="Unsere",
        tree=tree,
        is_shared=True,
        at=world.at,
    )
    assert [
        one.name for one in filters_for(world.charlie, RecordKind.DEAL)
    ] == ["Unsere"]
    with pytest.raises(UserError, match="denied"):
        update_filter(
            saved=shared, by=world.charlie, name="X", tree=tree, is_shared=True
        )
    with pytest.raises(UserError, match="taken"):
        save_filter(
            by=world.alice,
            kind=RecordKind.DEAL,
            name="Meine",
            tree=tree,
            is_shared=False,
            at=world.at,
        )
    with pytest.raises(UserError, match="broken"):
        save_filter(
            by=world.alice,
            kind=RecordKind.DEAL,
            name="Kaputt",
            tree={"all": 1},
            is_shared=False,
            at=world.at,
        )
    update_filter(
        saved=shared, by=world.admin, name="Alle", tree=tree, is_shared=True
    )
    assert filter_named(world.charlie, RecordKind.DEAL, "Alle").pk == shared.pk
    delete_filter(saved=private, by=world.alice)
    with pytest.raises(UserError, match="unknown"):
        filter_named(world.alice, RecordKind.DEAL, "Meine")
    choose_columns(by=world.alice, kind=RecordKind.DEAL, columns=["title"])
    choose_columns(
        by=world.alice, kind=RecordKind.DEAL, columns=["status"], saved=shared
    )
    assert columns_chosen(world.alice, RecordKind.DEAL) == ("title",)


def test_a_stranger_sees_only_what_is_visible(world: World) -> None:
    world.deal(visibility="owner")
    assert listed(world, ListState(), user=world.charlie).count() == 0
    assert (
        listed(world, ListState(), user=world.charlie).summary(rates()).count
        == 0
    )
