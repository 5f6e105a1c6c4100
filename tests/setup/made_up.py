"""Made-up set-ups with the names that people and YAML find hard, and an emptied instance."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from tests.world import PASSWORD
from turnus.accounts.access import Permission
from turnus.accounts.actions import (
    NewCompany,
    add_currency,
    create_user,
    save_rate,
    save_team,
    set_up_company,
    update_user,
)
from turnus.accounts.models import Company, Currency, Team, User
from turnus.core.cadence import Cadence
from turnus.core.fields import (
    CUSTOM_KINDS,
    DATE_KINDS,
    KINDS,
    LINK_KINDS,
    NUMBER_KINDS,
    TEXT_KINDS,
    TIME_KINDS,
    FieldKind,
    operators_of,
)
from turnus.core.filters import All, AnyOf, Node, Not, from_json, to_json
from turnus.core.records import RecordKind
from turnus.fields.actions import create_field, save_label, update_field
from turnus.fields.catalog import catalog
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.fields.models import CustomField, Label
from turnus.jobs.models import Job
from turnus.listing.actions import save_filter
from turnus.listing.models import SavedFilter
from turnus.revenue.models import Plan, RenewalWay
from turnus.revenue.plans.actions import PlanValues, save_plan
from turnus.sales.actions_pipelines import (
    save_lost_reason,
    save_pipeline,
    save_stage,
)
from turnus.sales.models import LostReason, Pipeline, Stage

NAMES = (
    "yes",
    "null",
    "~",
    "- Punkt",
    "a: b",
    "# kein Kommentar",
    '"quoted"',
    "it's",
    "{x}",
    "[y]",
    "&anker",
    "*stern",
    "!tag",
    "%prozent",
    "@at",
    "1:30",
    "0x1F",
    "1e3",
    "2026-01-01",
    "Müller & Söhne",
    "Straße",
    "🎉 Fest",
    "日本",
    "a / b",
    "back\\slash",
    "x" * 200,
    "Ende:",
    "<<",
    "| Balken",
    "> mehr",
    "=",
)
CADENCES = ("1y", "6m", "3m-last", "1m", "2/m", "2/m:10,25", "2w", "10d")


def names(random: Random, count: int) -> list[str]:
    return random.sample(NAMES, count)


def new_company(at: datetime) -> User:
    """An instance that was set up a moment ago, and the admin."""
    return set_up_company(
        new=NewCompany(
            name="Neu",
            language="en",
            currency="EUR",
            time_zone="UTC",
            admin_name="Ada Admin",
            admin_email="ada@example.org",
            admin_password=PASSWORD,
        ),
        at=at,
    )


def emptied() -> None:
    """Delete the whole set-up."""
    models = (
        SavedFilter,
        Plan,
        CustomField,
        Label,
        LostReason,
        Stage,
        Pipeline,
        Job,
        User,
        Team,
        Currency,
        Company,
    )
    for model in models:
        model.objects.all().delete()  # type: ignore[attr-defined]


def make_up(random: Random, admin: User, at: datetime) -> None:
    """Set everything up that a file can hold."""
    company = Company.objects.get()
    company.name, company.time_zone = random.choice(NAMES), "Asia/Tokyo"
    company.save()
    _money(random, admin)
    _people(random, admin, at)
    _selling(random, admin)
    for record in RecordKind:
        _fields(random, admin, record, at)
    for record in RecordKind:
        _filters(random, record, at)


def _money(random: Random, admin: User) -> None:
    for code in random.sample(["JPY", "NOK", "CZK"], 2):
        add_currency(by=admin, code=code)
        for year in (2024, 2025):
            rate = Decimal(random.randint(1, 10**9)) / 10**7
            day = date(year, random.randint(1, 12), 1)
            save_rate(by=admin, code=code, on=day, rate=rate)


def _people(random: Random, admin: User, at: datetime) -> None:
    teams = [save_team(by=admin, name=name) for name in names(random, 3)]
    for number, name in enumerate(names(random, 4)):
        user = create_user(
            by=admin,
            name=name,
            email=f"u{number}@example.org",
            password=random.choice([PASSWORD, None]),
            at=at,
            team=random.choice([*teams, None]),
            permissions=random.sample([str(each) for each in Permission], 2),
            language=random.choice(["", "de", "en"]),
        )
        if number == 3:
            update_user(user=user, by=admin, is_active=False)


def _selling(random: Random, admin: User) -> None:
    for name in names(random, 2):
        pipeline = save_pipeline(
            by=admin,
            name=name,
            has_deal_probability=random.random() < 0.5,
        )
        for stage in names(random, 3):
            save_stage(
                by=admin,
                pipeline=pipeline,
                name=stage,
                probability=random.randint(0, 100),
            )
    for name in names(random, 2):
        save_lost_reason(by=admin, name=name)
    for name, cadence in zip(
        names(random, 4), random.sample(CADENCES, 4), strict=True
    ):
        values = PlanValues(
            name=name,
            cadence=Cadence.parse(cadence),
            grace_days=random.choice([None, 0, 45]),
            renewal_way=random.choice(RenewalWay.values),
            days_before=random.randint(0, 90),
            stage=random.choice([None, *Stage.objects.all()]),
        )
        save_plan(by=admin, values=values)


def _fields(
    random: Random, admin: User, record: RecordKind, at: datetime
) -> None:
    for name in names(random, 2):
        color = random.choice(Label.Color.values)
        save_label(by=admin, record=record, name=name, color=color)
    kinds = random.sample(CUSTOM_KINDS, 6)
    for name, kind in zip(names(random, 6), kinds, strict=True):
        field = create_field(
            by=admin,
            at=at,
            record=record,
            kind=kind,
            name=name,
            options=names(random, 3) if KINDS[kind].has_options else (),
        )
        if random.random() < 0.5:
            update_field(
                field=field,
                by=admin,
                name=name,
                description=random.choice(NAMES),
                is_required=random.random() < 0.5,
            )


def _filters(random: Random, record: RecordKind, at: datetime) -> None:
    fields = catalog(record)
    paths = [path for path in fields.by_path if fields[path].is_filterable]
    for name in names(random, 3):
        save_filter(
            by=random.choice(list(User.objects.all())),
            kind=record,
            name=name,
            tree=to_json(_tree(random, fields.by_path, 3)),
            is_shared=random.random() < 0.5,
            at=at,
            columns=random.sample(paths, 3),
            sort=random.choice(["", "-"]) + random.choice(paths),
        )


def _tree(random: Random, fields: Any, depth: int) -> Node:
    if depth == 0 or random.random() < 0.3:
        return _condition(random, fields)
    parts = tuple(
        _tree(random, fields, depth - 1) for _ in range(random.randint(0, 3))
    )
    group = random.choice([All, AnyOf, Not])
    if group is Not:
        return Not(AnyOf(parts))
    return group(parts)


def _condition(random: Random, fields: Any) -> Node:
    path = random.choice(
        [
            path
            for path, field in fields.items()
            if field.is_filterable and field.kind not in LINK_KINDS
        ]
    )
    operator = str(random.choice(operators_of(fields[path].kind)))
    json = {"field": path, "operator": operator}
    if not operator.endswith("_empty"):
        json["value"] = _value(random, fields[path], operator)
    return from_json(json)


def _value(random: Random, field: Field, operator: str) -> Any:
    if operator in {"in_period", "not_in_period"}:
        return random.choice(
            [
                {"period": "last_month"},
                {"span": -30, "unit": "weeks"},
                {"from": "2025-01-01", "until": "2025-06-30"},
            ]
        )
    single = _single(random, field)
    if operator == "between":
        return {"from": single, "until": single}
    return [single] if operator.endswith("_of") else single


def _single(random: Random, field: Field) -> Any:
    if field.kind in NUMBER_KINDS:
        return random.randint(-(10**9), 10**9)
    if field.kind in DATE_KINDS:
        return "2025-02-28"
    if field.kind in TIME_KINDS:
        return "09:30:00"
    if field.kind in TEXT_KINDS:
        return random.choice(NAMES)
    if field.kind is FieldKind.USER:
        return random.choice(_ids(User))
    if field.kind is FieldKind.STAGE:
        return random.choice(_ids(Stage))
    known = choices_of(field, "en")
    return random.choice([stored for stored, _name in known.items()])


def _ids(model: Any) -> Sequence[int]:
    return list(model.objects.values_list("pk", flat=True))
