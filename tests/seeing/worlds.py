"""Charlie's deals and subscriptions with hidden contacts; and the same with all hidden changed."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zipfile import ZipFile

from django.test import Client

from tests.imports.test_imports import checked
from tests.world import World
from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.fields import FieldKind
from turnus.core.folding import fold
from turnus.core.naming import name_key
from turnus.core.records import RecordKind
from turnus.detection.actions import request_proposal
from turnus.fields.catalog import catalog
from turnus.fields.models import CustomField, Label
from turnus.history.models import Event
from turnus.jobs.worker import run_pending
from turnus.listing.actions import choose_columns, save_filter
from turnus.listing.lists import DEFAULT_COLUMNS
from turnus.reports import today
from turnus.revenue.models import RenewalWay, Subscription
from turnus.revenue.renewals.actions.plan import plan_renewals
from turnus.sales.actions import update_deals
from turnus.sales.models import Deal

ON = date(2018, 11, 14)
_CUSTOM = (
    FieldKind.TEXT,
    FieldKind.NUMBER,
    FieldKind.OPTION,
    FieldKind.DATE,
    FieldKind.ORGANIZATION,
    FieldKind.PERSON,
)
#: Not that of custom fields: who deletes them is told how many records hold them, whoever may see
#: these.
_RIGHTS = ["import", "export", "pipelines", "edit_all"]


@dataclass
class Hidden:
    """What Charlie may not see: two organizations and persons, a deal of a term, a subscription."""

    firms: list[Organization]
    people: list[Person]
    fields: Mapping[tuple[RecordKind, FieldKind], CustomField]

    @property
    def firm_ids(self) -> list[int]:
        return [one.pk for one in self.firms]

    @property
    def person_ids(self) -> list[int]:
        return [one.pk for one in self.people]


def hidden_world(world: World, folder: Path | None = None) -> Hidden:
    """Fill the instance; every way in which a visible record can name a hidden one is there."""
    User.objects.filter(pk=world.charlie.pk).update(permissions=_RIGHTS)
    world.charlie.refresh_from_db()
    fields = {
        (record, kind): world.field(kind, f"{record} {kind}", record)
        for record in (
            RecordKind.DEAL,
            RecordKind.ORGANIZATION,
            RecordKind.PERSON,
        )
        for kind in _CUSTOM
    }
    firms = [
        world.organization(
            f"Geheim {word} AG", visibility="owner", country="Peru"
        )
        for word in ("Quarz", "Zinn")
    ]
    people = [
        world.person(f"Vera {word}", visibility="owner", organization=firm.pk)
        for word, firm in zip(("Quitte", "Zwiebel"), firms, strict=True)
    ]
    hidden = Hidden(firms, people, fields)
    label = Label.objects.create(
        record_kind="organization", name="Wichtig", color="red"
    )
    for one in (*firms, *people):
        custom = dict(_cells(hidden, one, "Quarz", 4))
        labels = [label.pk] if isinstance(one, Organization) else []
        type(one).objects.filter(pk=one.pk).update(
            custom=custom, folded=one.folded | _folded(custom), labels=labels
        )
    _records(world, hidden)
    if folder is not None:
        _import(world, folder)
    return hidden


def _cells(
    hidden: Hidden, one: Organization | Person, word: str, number: int
) -> Iterator[tuple[str, Any]]:
    """Yield cells of custom fields for a hidden contact."""
    record = (
        RecordKind.ORGANIZATION
        if isinstance(one, Organization)
        else RecordKind.PERSON
    )
    values = {
        FieldKind.TEXT: f"Text {word}",
        FieldKind.NUMBER: number * 10_000,
        FieldKind.DATE: f"2018-0{number}-01",
        FieldKind.ORGANIZATION: hidden.firm_ids[0],
        FieldKind.PERSON: hidden.person_ids[0],
    }
    for kind, value in values.items():
        yield hidden.fields[record, kind].key, value
    option = (
        hidden.fields[record, FieldKind.OPTION].options.all()[number % 3].pk
    )
    yield hidden.fields[record, FieldKind.OPTION].key, option


def _folded(custom: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: fold(value)
        for key, value in custom.items()
        if isinstance(value, str)
    }


def _records(world: World, hidden: Hidden) -> None:
    one, two = hidden.firm_ids
    eva, ida = hidden.person_ids
    named = {
        f"custom.{hidden.fields[RecordKind.DEAL, FieldKind.ORGANIZATION].key}": one,
        f"custom.{hidden.fields[RecordKind.DEAL, FieldKind.PERSON].key}": eva,
    }
    deal = world.deal(
        title="Offen",
        organization=one,
        person=eva,
        amount=10,
        expected_close_on=ON,
        **named,
    )
    update_deals(
        deals=Deal.objects.filter(pk=deal.pk),
        by=world.alice,
        at=world.at,
        values={"organization": two},
    )
    update_deals(
        deals=Deal.objects.filter(pk=deal.pk),
        by=world.alice,
        at=world.at,
        values={"organization": one},
    )
    world.deal(
        title="Verloren",
        organization=two,
        status="lost",
        lost_at=ON,
        amount=20,
    )
    for number in range(5):  # copies that detection reads
        world.deal(
            title="Pflege",
            organization=two,
            status="won",
            won_at=ON - timedelta(days=30 * number),
            amount=7,
        )
    seen = world.person("Sichtbar Person", organization=one)
    world.deal(
        title="Über Person", person=seen.pk, status="won", won_at=ON, amount=30
    )
    world.organization("Sichtbar GmbH", bills_with=two)
    Organization.objects.filter(pk=one).update(
        bills_with=world.organization("Sichtbar Wurzel").pk
    )
    world.deal(
        world.charlie,
        title="Eigener",
        organization=world.organization("Charlies").pk,
        amount=3,
    )
    monthly = world.plan("Monatlich")
    opened = world.plan("Öffnen", renewal_way=RenewalWay.OPEN)
    first = world.subscription(
        monthly, organization=one, person=eva, title="Abo eins"
    )
    world.subscription(
        opened, organization=two, title="Abo zwei", start=date(2018, 10, 1)
    )
    world.subscription(
        monthly, person=ida, title="Abo drei", start=date(2018, 1, 1)
    )
    world.subscription(
        monthly, organization=one, title="Abo eins", start=date(2018, 9, 30)
    )
    world.deal(
        title="Abo eins (Kopie)",
        organization=one,
        status="won",
        won_at=date(2018, 9, 3),
        amount=100,
    )
    world.deal(
        title="Gutschrift",
        organization=two,
        status="won",
        won_at=date(2018, 10, 5),
        amount=-100,
    )
    secret = world.subscription(monthly, organization=one, title="Abo geheim")
    Subscription.objects.filter(pk=secret.pk).update(visibility="owner")
    # Deals that book terms of subscriptions that he sees, and that he may not see.
    Deal.objects.filter(term__isnull=False).update(visibility="owner")
    run = plan_renewals(
        by=world.charlie,
        at=world.at,
        subscriptions=Subscription.objects.filter(pk=first.pk),
        until=ON,
        title="Lauf",
    )
    assert run.renewal_lines.exists()
    request_proposal(
        deals=Deal.objects.all(),
        by=world.charlie,
        at=world.at,
        on=ON,
        title="Vorschlag",
        plan_field=None,
    )
    run_pending()
    _filters(world, hidden)
    for kind in RecordKind:
        fields = catalog(kind)
        linked = [
            path
            for path in fields.by_path
            if path.startswith(("person.", "organization."))
        ]
        choose_columns(
            by=world.charlie,
            kind=kind,
            columns=[*DEFAULT_COLUMNS[kind], *linked],
        )


def _import(world: World, folder: Path) -> None:
    """A checked file of Charlie's: it changes what hidden contacts are linked to, and adds more."""
    deal = Deal.objects.get(title="Offen")
    rows = [
        [deal.pk, "Offen", "Charlies", "5", ""],
        ["", "Abo eins", "Charlies", "100", "14.11.2018"],
    ]
    text = "".join(
        ";".join(map(str, row)) + "\n"
        for row in [
            ["ID", "Titel", "Organisation", "Wert", "Gewonnen am"],
            *rows,
        ]
    )
    path = folder / "deals.csv"
    path.write_text(text, encoding="utf-8")
    checked(world, path, by=world.charlie)
    firm = Organization.objects.get(name="Sichtbar GmbH")
    path = folder / "firmen.csv"
    path.write_text(
        f"ID;Name;Wird abgerechnet mit\n{firm.pk};Sichtbar GmbH;Charlies\n",
        encoding="utf-8",
    )
    checked(world, path, by=world.charlie, kind=RecordKind.ORGANIZATION)


def _filters(world: World, hidden: Hidden) -> None:
    """Filters that somebody shares who sees everything."""
    conditions = [
        {
            "field": "organization",
            "operator": "is",
            "value": hidden.firm_ids[0],
        },
        {
            "field": "person",
            "operator": "is_any_of",
            "value": hidden.person_ids,
        },
        {
            "field": "organization.name",
            "operator": "starts_with",
            "value": "Geheim",
        },
    ]
    for number, condition in enumerate(conditions):
        save_filter(
            by=world.admin,
            kind=RecordKind.DEAL,
            name=f"Filter {number}",
            tree={"all": [condition]},
            is_shared=True,
            at=world.at,
            columns=(
                "title",
                "organization",
                "person",
                "organization.name",
                "person.emails",
            ),
            sort="organization",
        )


def change_what_is_hidden(hidden: Hidden) -> None:
    """Change every value that Charlie may not see, and swap the hidden contacts everywhere."""
    for number, one in enumerate((*hidden.firms, *hidden.people)):
        name = f"Ander {number}"
        custom = dict(_cells(hidden, one, f"Ander {number}", 6 + number % 3))
        values = {
            "name": name,
            "name_folded": fold(name),
            "name_key": name_key(name),
            "custom": custom,
            "labels": [],
        }
        if isinstance(one, Organization):
            values |= {
                "address": f"Weg {number}",
                "country": "Chile",
                "folded": {**_folded(custom), "country": "chile"},
            }
        else:
            values |= {
                "emails": [
                    {"value": f"x{number}@example.org", "label": "work"}
                ],
                "folded": _folded(custom),
            }
        type(one).objects.filter(pk=one.pk).update(**values)  # type: ignore[attr-defined]
    Organization.objects.filter(pk=hidden.firm_ids[0]).update(bills_with=None)
    Deal.objects.filter(visibility="owner").update(
        title="Anders", title_folded="anders", channel="anders"
    )
    Subscription.objects.filter(visibility="owner").update(
        name="Anders", name_folded="anders", price_e4=9_990_000
    )
    _swap(hidden)


def _swap(hidden: Hidden) -> None:
    firms, people = _swapped(hidden.firm_ids), _swapped(hidden.person_ids)
    both = {"organization_id": firms, "person_id": people}
    columns: list[tuple[Any, dict[str, dict[int, int]]]] = [
        (Deal, both),
        (Subscription, both),
        (Person, {"organization_id": firms}),
        (Organization, {"bills_with_id": firms}),
    ]
    for model, links in columns:
        for row in model.objects.values("pk", *links):
            new = {
                column: ids[row[column]]
                for column, ids in links.items()
                if row[column] in ids
            }
            if new:
                model.objects.filter(pk=row["pk"]).update(**new)
    for event in Event.objects.exclude(changes=None):
        for column, ids in both.items():
            if column in event.changes:
                event.changes[column] = [
                    ids.get(one, one) for one in event.changes[column]
                ]
        Event.objects.filter(pk=event.pk).update(changes=event.changes)
    key = hidden.fields[RecordKind.DEAL, FieldKind.ORGANIZATION].key
    for deal in Deal.objects.filter(**{f"custom__{key}__isnull": False}):
        deal.custom[key] = firms[deal.custom[key]]
        Deal.objects.filter(pk=deal.pk).update(custom=deal.custom)


def _swapped(ids: list[int]) -> dict[int, int]:
    return dict(zip(ids, reversed(ids), strict=True))


#: What differs between two answers to the same person: tokens against forged requests, and against
#: what is sent twice.
_TOKENS = re.compile(
    rb'name="(?:csrfmiddlewaretoken|once)" value="[\w-]+"|"X-CSRFToken": "\w+"'
    rb'|nonce-[\w+/=-]+|nonce="[^"]*"'
)
_ADDRESS = re.compile(
    r'(?:href|hx-get|data-href|data-load|action|src)="([^"#]*)'
)
#: So many pages of one kind are enough: each takes some tens of milliseconds.
_ALIKE, _ALIKE_WITH_QUERY = 12, 1
#: Pages that tell nobody of records.
_SAME_FOR_ALL = ("/static/", "/sign-out", "/settings/", "/imports/new/")


def crawl(client: Client, starts: Iterable[str] = ("/",)) -> dict[str, bytes]:
    """Return every page that `client` reaches from `starts` by its links, by address."""
    today._remembered.clear()
    pages: dict[str, bytes] = {}
    waiting, met = deque(starts), set(starts)
    alike: Counter[str] = Counter()
    while waiting:
        address = waiting.popleft()
        answer = client.get(address)
        pages[address] = str(answer.status_code).encode() + body_of(answer)
        for path in _links(address, answer):
            kind = _kind(path)
            most = _ALIKE_WITH_QUERY if "?" in path else _ALIKE
            if (
                path not in met
                and not path.startswith(_SAME_FOR_ALL)
                and alike[kind] < most
            ):
                met.add(path)
                alike[kind] += 1
                waiting.append(path)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            alike[_kind(address)] = _ALIKE  # only posted to
    return pages


def _kind(address: str) -> str:
    """Return an address without its numbers; of one with a query, only the names in it."""
    path, asks, query = address.partition("?")
    names = sorted(part.partition("=")[0] for part in query.split("&"))
    return re.sub(r"\d+", "0", path) + asks + "&".join(names)


def body_of(answer: Any) -> bytes:
    """Return what an answer says, without what differs each time."""
    body = b"".join(answer) if answer.streaming else answer.content
    if not body.startswith(b"PK"):
        return _TOKENS.sub(b"", body)
    with ZipFile(BytesIO(body)) as parts:
        return b"".join(
            parts.read(name)
            for name in sorted(parts.namelist())
            if not name.startswith("docProps")
        )


def _links(address: str, answer: Any) -> Iterator[str]:
    if "Location" in answer.headers:
        yield urljoin(address, answer.headers["Location"])
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        for link in _ADDRESS.findall(answer.content.decode()):
            path = urljoin(address, unescape(link))
            if path.startswith("/"):
                yield path
