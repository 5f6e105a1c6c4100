"""Alice owns, Bob is in her team, Charlie is a stranger; an admin; a pipeline; builders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.test import Client

from turnus.accounts.actions import (
    NewCompany,
    create_user,
    save_team,
    set_up_company,
)
from turnus.accounts.models import User
from turnus.contacts.actions import create_contact
from turnus.core.cadence import MONTHLY, Cadence
from turnus.core.fields import FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions import create_field
from turnus.fields.models import CustomField
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.plans.actions import PlanValues, save_plan
from turnus.revenue.subscriptions.actions.start import (
    NewSubscription,
    start_subscription,
)
from turnus.sales.actions import create_deal
from turnus.sales.actions_pipelines import first_pipeline
from turnus.sales.models import Deal, Pipeline

PASSWORD = "wiederkehrend-2018"


@dataclass
class World:
    at: datetime
    admin: User
    alice: User
    bob: User
    charlie: User
    pipeline: Pipeline

    def client(self, user: User) -> Client:
        client = Client()
        client.force_login(
            user, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    def organization(
        self, name: str = "Ärzte Solar GmbH", **values: Any
    ) -> Any:
        return create_contact(
            RecordKind.ORGANIZATION,
            by=self.alice,
            at=self.at,
            values={"name": name, **values},
        )

    def person(self, name: str = "Eva Böhm", **values: Any) -> Any:
        return create_contact(
            RecordKind.PERSON,
            by=self.alice,
            at=self.at,
            values={"name": name, **values},
        )

    def deal(self, by: User | None = None, /, **values: Any) -> Deal:
        if not {"organization", "person"} & values.keys():
            values["organization"] = self.organization().pk
        if "amount" in values:
            values["value"] = Money.of(values.pop("amount"), "EUR")
        return create_deal(by=by or self.alice, at=self.at, values=values)

    def plan(
        self,
        name: str = "Abo monatlich",
        cadence: Cadence = MONTHLY,
        **values: Any,
    ) -> Plan:
        return save_plan(
            by=self.admin,
            values=PlanValues(name=name, cadence=cadence, **values),
        )

    def subscription(
        self,
        plan: Plan | None = None,
        /,
        *,
        start: date = date(2018, 8, 31),
        **values: Any,
    ) -> Subscription:
        """A subscription of 100 EUR whose first term is booked; `values` are the won deal's."""
        deal = self.deal(
            **{
                "title": "Abo",
                "status": "won",
                "won_at": start,
                "amount": 100,
                **values,
            }
        )
        plan = plan or Plan.objects.first() or self.plan()
        new = NewSubscription(plan=plan, price=deal.value, starts_on=start)
        return start_subscription(
            by=self.alice, at=self.at, new=new, deal=deal
        )

    def field(
        self,
        kind: FieldKind = FieldKind.OPTION,
        name: str = "Abo",
        record: RecordKind = RecordKind.DEAL,
    ) -> CustomField:
        options = (
            ["jährlich", "monatlich", "zweimal monatlich"]
            if kind in {FieldKind.OPTION, FieldKind.OPTIONS}
            else []
        )
        return create_field(
            by=self.admin,
            at=self.at,
            record=record,
            kind=kind,
            name=name,
            options=options,
        )

    def option(self, field: CustomField, name: str) -> int:
        return field.options.get(name=name).pk


def make_world(at: datetime, **changes: Any) -> World:
    new: Mapping[str, Any] = {
        "name": "Muster GmbH",
        "language": "de",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "admin_name": "Ada Admin",
        "admin_email": "ada@example.org",
        "admin_password": PASSWORD,
    }
    admin = set_up_company(new=NewCompany(**{**new, **changes}), at=at)
    other = save_team(by=admin, name="Süd")

    def user(name: str, team: Any) -> User:
        return create_user(
            by=admin,
            name=name,
            email=f"{name.lower()}@example.org",
            password=PASSWORD,
            at=at,
            team=team,
        )

    pipeline = first_pipeline(language=changes.get("language", "de"))
    return World(
        at,
        admin,
        user("Alice", admin.team),
        user("Bob", admin.team),
        user("Charlie", other),
        pipeline,
    )
