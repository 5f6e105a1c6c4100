"""The demo instance: people, fields, pipelines and three years of deals, always the same."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice, product

from django.db import transaction

from turnus.accounts.actions import (
    NewCompany,
    create_user,
    save_rate,
    save_team,
    set_up_company,
)
from turnus.accounts.models import User
from turnus.contacts.actions import insert_contacts
from turnus.contacts.rules import settle
from turnus.core.cadence import MONTHLY, TWICE_A_MONTH, YEARLY
from turnus.core.fields import ContactPoint, FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.demo.copies import make_copies
from turnus.demo.subscriptions import make_subscriptions
from turnus.fields.actions import create_field, save_label
from turnus.fields.catalog import catalog
from turnus.fields.columns import FieldValues, StoredColumns
from turnus.listing.actions import save_filter
from turnus.revenue.plans.actions import add_ready_made_plans
from turnus.sales.actions import insert_deals
from turnus.sales.actions_pipelines import (
    first_pipeline,
    save_lost_reason,
    save_pipeline,
    save_stage,
)
from turnus.sales.models import Stage
from turnus.sales.rules import DealRules

ADMIN_EMAIL = "admin@nordlicht.example"
USER_EMAIL = "lena@nordlicht.example"
PASSWORD = "wiederkehrend-2018"  # noqa: S105 (printed on purpose: the demonstration has no secrets)

_PLACES = (
    "Elbe",
    "Alster",
    "Isar",
    "Spree",
    "Harz",
    "Nordsee",
    "Alpen",
    "Rhein",
    "Weser",
    "Förde",
    "Müritz",
    "Ärmel",
    "Küsten",
)
_TRADES = (
    "Logistik",
    "Solar",
    "Medien",
    "Bäckerei",
    "Versand",
    "Robotik",
    "Gärten",
    "Optik",
    "Textil",
    "Messebau",
)
_FORMS = ("GmbH", "AG", "e.K.", "KG")
_FIRST = (
    "Eva",
    "Jürgen",
    "Zoë",
    "Vera",
    "Lars",
    "Clara",
    "Björn",
    "Olga",
    "Mia",
    "Uwe",
    "Rosa",
    "Franz",
    "Änne",
    "Paul",
)
_LAST = (
    "Böhm",
    "Müller",
    "Weiß",
    "Jäger",
    "Krüger",
    "Schäfer",
    "Vogt",
    "Núñez",
    "O'Brien",
    "Groß",
    "Lorenz",
    "Ihde",
)
_PRICES = (49, 99, 190, 490, 990, 1200)
#: The options of the custom field *Abo*.
_CADENCES = {
    "jährlich": YEARLY,
    "monatlich": MONTHLY,
    "zweimal monatlich": TWICE_A_MONTH,
}
_ORGANIZATIONS = 320
#: One customer in so many whose last copy was forgotten.
_FORGETS = 25
#: One customer in so many whose last copy was imported twice.
_DUPLICATES = 70
_COUNTRIES = (
    "Deutschland",
    "Deutschland",
    "Österreich",
    "Deutschland",
    "Schweiz",
)


@dataclass(slots=True)
class _Demo:
    """What is known while the demonstration is made."""

    at: datetime
    admin: User
    owners: list[User]
    plan_key: str
    plans: Mapping[str, int]
    rules: DealRules
    #: Where yearly renewals are opened.
    renewals: Stage
    chance: random.Random


@transaction.atomic
def make_demo(*, at: datetime) -> None:
    """Fill an empty, migrated instance with deals up to the day before `at` and open ones."""
    admin = set_up_company(
        new=NewCompany(
            name="Nordlicht Software GmbH",
            language="de",
            currency="EUR",
            time_zone="Europe/Berlin",
            admin_name="Anna Admin",
            admin_email=ADMIN_EMAIL,
            admin_password=PASSWORD,
        ),
        at=at,
    )
    demo = _frame(admin, at)
    people = list(_contacts(demo))
    rows: list[StoredColumns] = []
    for number, contacts in enumerate(people):
        rows += _deals_of(demo, number, contacts)
    rows.sort(key=lambda row: row["created_at"])
    insert_deals(rows=rows, by=admin, at=at)
    plan_key = demo.plan_key.removeprefix("custom.")
    make_subscriptions(
        by=admin,
        at=at,
        plans=demo.plans,
        plan_key=plan_key,
        stage=demo.renewals,
    )
    make_copies(by=admin, at=at, plans=demo.plans, plan_key=demo.plan_key)


def _frame(admin: User, at: datetime) -> _Demo:
    """Create users, pipelines, fields, labels, rates and filters."""
    owners = _owners(admin, at)
    renewals = _pipelines(admin)
    for reason in (
        "Zu teuer",
        "Wettbewerb",
        "Kein Bedarf mehr",
        "Keine Antwort",
    ):
        save_lost_reason(by=admin, name=reason)
    for name, color in (("Heiß", "red"), ("Warm", "orange"), ("Kalt", "blue")):
        save_label(by=admin, record=RecordKind.DEAL, name=name, color=color)
    field = create_field(
        by=admin,
        at=at,
        record=RecordKind.DEAL,
        kind=FieldKind.OPTION,
        name="Abo",
        options=list(_CADENCES),
    )
    for code, rate in (("CHF", "1.04"), ("USD", "0.92"), ("GBP", "1.16")):
        save_rate(
            by=admin, code=code, on=date(at.year - 5, 1, 1), rate=Decimal(rate)
        )
    plans = {option.name: option.pk for option in field.options.all()}
    demo = _Demo(
        at=at,
        admin=admin,
        owners=owners,
        plan_key=f"custom.{field.key}",
        plans=plans,
        rules=DealRules.load(),
        renewals=renewals,
        chance=random.Random(2018),  # noqa: S311
    )
    _filters(demo)
    return demo


def _owners(admin: User, at: datetime) -> list[User]:
    """Create two sellers in two teams."""
    south = save_team(by=admin, name="Süd")
    sellers = [
        ("Lena Vogt", USER_EMAIL, admin.team),
        ("Jonas Weber", "jonas@nordlicht.example", south),
    ]
    return [
        create_user(
            by=admin,
            name=name,
            email=email,
            password=PASSWORD,
            at=at,
            team=team,
        )
        for name, email, team in sellers
    ]


def _pipelines(admin: User) -> Stage:
    """Create the pipelines and the plans; return the stage where renewals are opened."""
    first_pipeline(language="de")
    add_ready_made_plans(language="de")
    second = save_pipeline(
        by=admin, name="Bestandskunden", has_deal_probability=True
    )
    due = save_stage(
        by=admin, pipeline=second, name="Verlängerung fällig", probability=80
    )
    save_stage(
        by=admin,
        pipeline=second,
        name="Verlängerung angeboten",
        probability=90,
    )
    return due


def _filters(demo: _Demo) -> None:
    won: dict[str, object] = {
        "field": "status",
        "operator": "is",
        "value": "won",
    }
    trees: dict[str, list[dict[str, object]]] = {
        "Gewonnen letzten Monat": [
            won,
            {
                "field": "won_at",
                "operator": "in_period",
                "value": {"period": "last_month"},
            },
        ],
        "Abo monatlich, gewonnen": [
            won,
            {
                "field": demo.plan_key,
                "operator": "is",
                "value": demo.plans["monatlich"],
            },
        ],
        "Meine offenen Deals": [
            {"field": "status", "operator": "is", "value": "open"},
            {"field": "owner", "operator": "is", "value": {"me": True}},
        ],
    }
    for name, parts in trees.items():
        save_filter(
            by=demo.admin,
            kind=RecordKind.DEAL,
            name=name,
            tree={"all": parts},
            is_shared=True,
            at=demo.at,
        )


def _contacts(demo: _Demo) -> Iterator[tuple[int, int]]:
    """Create the organizations with a person each; yield their ids."""
    chance = demo.chance
    fields = catalog(RecordKind.ORGANIZATION)
    parts = list(product(_FORMS, _PLACES, _TRADES))[:_ORGANIZATIONS]
    names = [f"{place} {trade} {form}" for form, place, trade in parts]
    chance.shuffle(names)
    named = [
        {"name": name, "country": _COUNTRIES[place % len(_COUNTRIES)]}
        for place, name in enumerate(names)
    ]
    rows = [settle(values, {}, fields) for values in named]
    organizations = insert_contacts(
        RecordKind.ORGANIZATION, rows=rows, by=demo.admin, at=demo.at
    )
    fields = catalog(RecordKind.PERSON)
    rows = []
    for organization in organizations:
        first = chance.choice(_FIRST)
        last = chance.choice(_LAST)
        address = (
            f"{first}.{last}@kunde{organization}.example".lower().replace(
                "'", ""
            )
        )
        values: FieldValues = {
            "name": f"{first} {last}",
            "emails": (ContactPoint(address),),
            "organization": organization,
        }
        rows.append(settle(values, {}, fields))
    persons = insert_contacts(
        RecordKind.PERSON, rows=rows, by=demo.admin, at=demo.at
    )
    return zip(organizations, persons, strict=True)


def _deals_of(
    demo: _Demo, number: int, contacts: tuple[int, int]
) -> Iterator[StoredColumns]:
    """Yield a customer's deals: copies that keep a subscription alive, and sometimes others."""
    chance = demo.chance
    plan = chance.choice(list(_CADENCES))
    price = chance.choice(_PRICES)
    currency = chance.choices(("EUR", "CHF", "USD"), (90, 6, 4))[0]
    owner = demo.owners[number % len(demo.owners)].pk
    common: FieldValues = {
        "organization": contacts[0],
        "person": contacts[1],
        "owner": owner,
        demo.plan_key: demo.plans[plan],
    }
    today = demo.at.date()
    start = today - timedelta(days=chance.randint(30, 1095))
    end = (
        today
        if chance.random() < 0.75
        else start + timedelta(days=chance.randint(60, 900))
    )
    days = list(_days(plan, start, min(end, today)))
    if plan == "monatlich" and number % _FORGETS == 0:
        days = days[:-1] or days
    for day in days:
        copy: FieldValues = {
            **common,
            "title": f"Abo {plan}",
            "value": Money.of(price, currency),
            "status": "won",
            "won_at": day,
        }
        yield _deal(demo, copy, day)
        if chance.random() < 0.02:
            price = round(price * 1.05)
    if number % _DUPLICATES == 0:  # the same list was imported twice
        yield _deal(demo, {**copy, "value": Money.of(price, currency)}, day)
    if chance.random() < 0.5:
        yield _other(demo, common, today)


def _other(demo: _Demo, common: FieldValues, today: date) -> StoredColumns:
    """Return an open or lost deal."""
    chance = demo.chance
    value = Money.of(chance.choice(_PRICES) * chance.randint(2, 20), "EUR")
    created = today - timedelta(days=chance.randint(1, 120))
    if chance.random() < 0.35:
        reason = chance.choice(("Zu teuer", "Wettbewerb", "Keine Antwort"))
        lost: FieldValues = {
            "title": "Erweiterung",
            "value": value,
            "status": "lost",
            "lost_at": created,
            "lost_reason": reason,
        }
        return _deal(demo, {**common, **lost}, created)
    stage = chance.choice(list(demo.rules.pipeline_of))
    expected = today + timedelta(days=chance.randint(-20, 150))
    return _deal(
        demo,
        {
            **common,
            "title": "Neues Projekt",
            "value": value,
            "stage": stage,
            "expected_close_on": expected,
        },
        created,
    )


def _days(plan: str, start: date, end: date) -> Iterator[date]:
    return (
        term.days.start
        for term in islice(_CADENCES[plan].terms(start, until=end), 80)
    )


def _deal(demo: _Demo, values: FieldValues, created: date) -> StoredColumns:
    columns = demo.rules.settle(values, {}, demo.at)
    return {**columns, "created_at": demo.rules.moment(created)}
