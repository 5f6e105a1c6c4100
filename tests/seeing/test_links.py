"""What a link tells about a contact that one may not see: nothing, in any way to ask."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.test_imports import checked
from tests.seeing.worlds import ON, Hidden, change_what_is_hidden, hidden_world
from tests.world import PASSWORD, World
from turnus.accounts.access import Visibility, sees
from turnus.accounts.actions import create_user
from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.contacts.models import Organization, Person
from turnus.core.fields import LINK_KINDS, FieldKind, Operator, operators_of
from turnus.core.filters import Condition, from_json, matches
from turnus.core.filters.matching import fits, is_unfinished
from turnus.core.records import RecordKind
from turnus.exports.actions import write_list
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.field import Field
from turnus.fields.values import column_of
from turnus.history.tracked import tracked
from turnus.listing.columns import rows_read
from turnus.listing.compiling import compile_filter
from turnus.listing.lists import ListState, RecordList
from turnus.sales.models import Deal

KINDS = [
    RecordKind.DEAL,
    RecordKind.SUBSCRIPTION,
    RecordKind.PERSON,
    RecordKind.ORGANIZATION,
]
WHO = ["alice", "bob", "charlie"]
_EMPTY = {Operator.IS_EMPTY, Operator.IS_NOT_EMPTY}
_PERIODS = {Operator.IN_PERIOD, Operator.NOT_IN_PERIOD}


def listed(user: User, kind: RecordKind, state: ListState) -> RecordList:
    return RecordList(
        kind, catalog(kind), state, Viewer(user, ON, company().zone, "de")
    )


def linked(fields: Catalog) -> list[str]:
    """The paths that lead over a link to a contact, or hold one."""
    over_links = ("person.", "organization.")
    return [
        path
        for path, one in fields.by_path.items()
        if path.startswith(over_links) or one.kind in LINK_KINDS
    ]


def stored(holder: Any, field: Field) -> Any:
    """A value as `core.filters` compares it."""
    value = (
        holder.custom.get(field.storage_key)
        if field.is_custom
        else getattr(holder, column_of(field))
    )
    if field.kind in {FieldKind.EMAILS, FieldKind.PHONES}:
        return ", ".join(point["value"] for point in value)
    return (
        value.isoformat()
        if isinstance(value, date) and not isinstance(value, datetime)
        else value
    )


def as_seen(record: Any, path: str, field: Field, user: User) -> Any:
    """The value of a path as `user` may see it, worked out in memory: what is hidden is empty."""
    link, _, key = path.partition(".")
    holder = getattr(record, link) if key and link != "custom" else record
    if holder is None or not (holder is record or sees(user, holder)):
        return None
    value = stored(holder, field)
    if field.kind in LINK_KINDS and value is not None:
        target = {
            FieldKind.PERSON: Person,
            FieldKind.ORGANIZATION: Organization,
        }[  # type: ignore[attr-defined]
            field.kind
        ].objects.get(pk=value)
        return value if sees(user, target) else None
    return value


def questions(path: str, field: Field, hidden: Hidden) -> Iterator[Condition]:
    """One condition for each operator, with what a hidden contact holds there."""
    contacts: list[Any] = [
        *(hidden.people if path.startswith("person") else hidden.firms)
    ]
    value = (
        contacts[0].pk
        if field.kind in LINK_KINDS
        else stored(contacts[0], field)
    )
    if isinstance(value, datetime):
        value = value.date().isoformat()
    if isinstance(value, list):
        value = value[0] if value else None
    for operator in operators_of(field.kind):
        conditions = [
            _condition(path, operator, one)
            for one in (value, "geheim", "2018-04-01", "09:00:00", 1)
        ]
        yield next(
            one
            for one in conditions
            if fits(one, field.kind) and not is_unfinished(one)
        )


def _condition(path: str, operator: Operator, value: Any) -> Condition:
    written = {"field": path, "operator": str(operator)}
    if operator in _PERIODS or operator is Operator.BETWEEN:
        written |= {"value": {"from": value or 0, "until": value or 0}}
    elif operator not in _EMPTY:
        written |= {
            "value": [value or 0] if operator.endswith("_of") else value or 0
        }
    condition = from_json(written)
    assert isinstance(condition, Condition)
    return condition


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_filter_over_a_link_finds_what_the_person_may_see(
    world: World, kind: RecordKind
) -> None:
    hidden = hidden_world(world)
    fields, model = catalog(kind), tracked(kind).model
    links = [one for one in ("person", "organization") if hasattr(model, one)]
    records = list(
        model._default_manager.select_related(
            *(f"{one}__owner" for one in links)
        )
    )
    wrong, told_alice = [], set()
    for name in WHO:
        user = getattr(world, name)
        viewer = Viewer(user, ON, company().zone)
        for path in linked(fields):
            seen = {
                one.pk: {path: as_seen(one, path, fields[path], user)}
                for one in records
            }
            for condition in questions(path, fields[path], hidden):
                query = compile_filter(condition, fields, viewer)
                found = set(
                    model._default_manager.filter(query).values_list(
                        "pk", flat=True
                    )
                )
                kinds = {path: fields[path].kind}
                expected = {
                    pk
                    for pk, one in seen.items()
                    if matches(condition, one, kinds=kinds, asker=viewer)
                }
                wrong += [(name, condition)] if found != expected else []
                if (
                    name == "alice"
                    and condition.operator is Operator.IS
                    and found
                ):
                    told_alice.add(path)
    assert wrong == []
    assert (
        len(told_alice) > 5 or kind is RecordKind.ORGANIZATION
    )  # the owner does find by these values


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_order_columns_files_and_search_are_the_same_whatever_is_hidden(
    world: World, kind: RecordKind
) -> None:
    hidden = hidden_world(world)
    stranger, owner = _told(world.charlie, kind), _told(world.alice, kind)
    change_what_is_hidden(hidden)
    assert _told(world.charlie, kind) == stranger
    assert _told(world.alice, kind) != owner


def _told(user: User, kind: RecordKind) -> dict[str, Any]:
    fields = catalog(kind)
    paths = [path for path in linked(fields) if fields[path].is_listed]
    every = listed(user, kind, ListState(columns=tuple(paths)))
    orders = {
        path: [
            *listed(
                user, kind, ListState(sort=path)
            ).sorted_records.values_list("pk", flat=True)
        ]
        for path in linked(fields)
        if fields[path].is_sortable
    }
    words = ("geheim", "ander", "vera", "e")
    found = {
        word: sorted(listed(user, kind, ListState(search=word)).page().ids)
        for word in words
    }
    return {
        "page": every.page().rows,
        "file": list(every.cells()),
        "orders": orders,
        "found": found,
    }


@pytest.mark.parametrize("visibility", list(Visibility), ids=str)
def test_what_is_visible_in_a_query_is_seen_in_memory(
    world: World, visibility: Visibility
) -> None:
    world.organization(visibility=str(visibility))
    lonely = create_user(
        by=world.admin,
        name="Lo",
        email="lo@example.org",
        password=PASSWORD,
        at=world.at,
        team=None,
    )
    for user in (world.admin, world.alice, world.bob, world.charlie, lonely):
        found = set(Organization.objects.visible_to(user))
        assert found == {
            one for one in Organization.objects.all() if sees(user, one)
        }


def test_a_form_keeps_a_hidden_contact_and_finds_none_by_its_name(
    world: World,
) -> None:
    firm = world.organization("Geheim AG", visibility="owner")
    deal, client = (
        world.deal(organization=firm.pk),
        world.client(world.charlie),
    )
    User.objects.filter(pk=world.charlie.pk).update(permissions=["edit_all"])
    address = f"/deals/{deal.pk}/save/"
    shown = client.get(f"/deals/{deal.pk}/field/?field=organization")
    assert 'value="Nicht sichtbarer Kontakt"' in shown.content.decode()
    kept = client.post(
        address, {"field": "organization", "value": "Nicht sichtbarer Kontakt"}
    )
    known = client.post(
        address, {"field": "organization", "value": "Geheim AG"}
    )
    unknown = client.post(
        address, {"field": "organization", "value": "Gibt es nicht"}
    )
    assert (kept.status_code, known.status_code, unknown.status_code) == (
        302,
        422,
        422,
    )
    assert Deal.objects.get(pk=deal.pk).organization_id == firm.pk


def test_who_sees_everything_pays_nothing(world: World) -> None:
    fields = catalog(RecordKind.DEAL)
    columns = tuple(path for path in linked(fields) if fields[path].is_listed)
    tree = from_json(
        {"field": "organization.name", "operator": "contains", "value": "x"}
    )
    state = ListState(tree, sort="organization", columns=columns)
    asked = str(
        rows_read(
            listed(world.admin, RecordKind.DEAL, state).sorted_records, ()
        ).query
    )
    assert "visibility" not in asked.partition("WHERE")[2]


def test_a_page_asks_no_more_for_more_rows(world: World) -> None:
    plan, client = world.plan(), world.client(world.charlie)
    counts = []
    for number in range(4):
        firm = world.organization(
            f"Firma {number}", visibility="team" if number % 2 else "owner"
        )
        world.subscription(
            plan,
            organization=firm.pk,
            title=f"Abo {number}",
            start=date(2018, 9, 1),
        )
        with CaptureQueriesContext(connection) as asked:
            client.get("/renewals/")
        counts.append(len(asked))
    assert counts[1] == counts[3]


def test_a_file_without_hidden_names_comes_back_as_no_change(
    world: World, tmp_path: Path
) -> None:
    User.objects.filter(pk=world.charlie.pk).update(
        permissions=["edit_all", "import"]
    )
    world.charlie.refresh_from_db()
    firm, seen = (
        world.organization("Geheim AG", visibility="owner"),
        world.person("Sichtbar Person"),
    )
    deal = world.deal(organization=firm.pk, person=seen.pk, title="Offen")
    state = ListState(
        columns=("id", "title", "organization", "organization.name", "person")
    )
    path = tmp_path / "deals.csv"
    write_list(
        listed(world.charlie, RecordKind.DEAL, state), path, delimiter=";"
    )
    text = path.read_text(encoding="utf-8-sig")
    assert (
        ("Geheim" in text),
        ("Nicht sichtbar" in text),
        ("Sichtbar Person" in text),
    ) == (
        False,
        False,
        True,
    )
    of = checked(world, path, by=world.charlie)
    assert (
        of.totals["same"],
        Deal.objects.get(pk=deal.pk).organization_id,
    ) == (
        1,
        firm.pk,
    )
