"""A company whose subscriptions have millions of terms, written without its actions."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

#: The moment of the measurement: everything is booked up to this day.
AT = datetime(2018, 11, 14, 10, tzinfo=UTC)
#: Cadence, how many of a hundred subscriptions have it, and up to how many terms each has.
MIX = (("1m", 55, 18), ("3m", 20, 10), ("2/m:1,15", 5, 24), ("1y", 20, 4))
BILLINGS = {"1m": 12, "3m": 4, "2/m:1,15": 24, "1y": 1}


def fill(count: int) -> int:
    """Make `count` subscriptions with about ten terms each; return how many terms."""
    from django.db import transaction

    from turnus.kit.sql import analyze, insert_rows
    from turnus.revenue.models import Subscription, Term
    from turnus.sales.models import Deal

    chance, on = random.Random(2018), AT.date()  # noqa: S311 (the same every time)
    customers, (owner, stage, plans) = (
        -(-count * 4 // 5),
        _frame(-(-count * 4 // 5)),
    )
    subscriptions: list[Any] = []
    terms: list[Any] = []
    deals: list[Any] = []
    for pk in range(1, count + 1):
        (cadence, _, most) = chance.choices(
            MIX, [share for _, share, _ in MIX]
        )[0]
        customer = (pk - 1) % customers + 1
        booked = list(
            _terms(
                cadence, chance, on, chance.randint(max(most // 2, 1), most)
            )
        )
        price, ended = booked[-1][2], chance.random() < 0.15
        due = booked[-1][1]
        subscriptions.append(
            (
                pk,
                owner,
                owner,
                "everyone",
                "Abo",
                "abo",
                customer,
                plans[cadence],
                cadence,
                price,
                "EUR",
                0,
                "ended" if ended else "active",
                booked[0][0],
                booked[0][0],
                0,
                len(booked),
                None if ended else due,
                due if ended else None,
                "",
                "",
                [],
                {},
                {},
                AT,
                AT,
            )
        )
        for number, (start, end, cost) in enumerate(booked):
            deal = len(deals) + 1
            deals.append(
                (
                    deal,
                    owner,
                    owner,
                    "everyone",
                    "Abo",
                    "abo",
                    cost,
                    "EUR",
                    "won",
                    stage[0],
                    stage[1],
                    customer,
                    AT,
                    start,
                    AT,
                    [],
                    {},
                    {},
                    AT,
                    AT,
                    "",
                    "",
                    "renewal",
                    "",
                    "",
                    "",
                )
            )
            terms.append(
                (pk, number, start, end, cost, "EUR", cadence, deal, AT)
            )
    base = ("id", "owner_id", "creator_id", "visibility")
    record = ("labels", "custom", "folded", "created_at", "updated_at")
    with transaction.atomic():
        insert_rows(
            Subscription,
            (
                *base,
                "name",
                "name_folded",
                "organization_id",
                "plan_id",
                "cadence",
                "price_e4",
                "currency",
                "mrr_e4",
                "state",
                "started_on",
                "anchor_on",
                "anchor_number",
                "next_number",
                "next_due_on",
                "end_on",
                "end_reason",
                "renewal_way",
                *record,
            ),
            subscriptions,
        )
        insert_rows(
            Deal,
            (
                *base,
                "title",
                "title_folded",
                "value_e4",
                "currency",
                "status",
                "stage_id",
                "pipeline_id",
                "organization_id",
                "won_at",
                "won_on",
                "first_won_at",
                *record,
                "lost_reason",
                "lost_comment",
                "origin",
                "origin_id",
                "channel",
                "channel_id",
            ),
            deals,
        )
        insert_rows(
            Term,
            (
                "subscription_id",
                "number",
                "starts_on",
                "ends_on",
                "price_e4",
                "currency",
                "cadence",
                "deal_id",
                "recorded_at",
            ),
            terms,
        )
    analyze()
    return len(terms)


def _frame(customers: int) -> tuple[int, tuple[int, int], dict[str, int]]:
    from turnus.accounts.queries import first_admin
    from turnus.contacts.actions import insert_contacts
    from turnus.contacts.rules import settle
    from turnus.core.records import RecordKind
    from turnus.fields.catalog import catalog
    from turnus.revenue.models import Plan
    from turnus.sales.models import Stage

    by, fields = first_admin(), catalog(RecordKind.ORGANIZATION)
    rows = (
        settle({"name": f"Kunde {number}"}, {}, fields)
        for number in range(customers)
    )
    insert_contacts(RecordKind.ORGANIZATION, rows=list(rows), by=by, at=AT)
    stage = Stage.objects.first()
    assert stage is not None
    plans = {
        cadence: Plan.objects.create(
            name=f"Bench {cadence}", cadence=cadence.partition(":")[0]
        ).pk
        for cadence, _, _ in MIX
    }
    return by.pk, (stage.pk, stage.pipeline_id), plans


def _terms(
    cadence: str, chance: random.Random, on: date, count: int
) -> Iterator[tuple[date, date, int]]:
    """Yield `count` terms of which the last one runs on `on`.

    Now and then the price changes, now and then one is missing.
    """
    from turnus.core.cadence import Cadence

    how = Cadence.parse(cadence)
    length = timedelta(days=365 / BILLINGS[cadence])
    anchor = (
        on
        - length * count
        + timedelta(days=chance.randint(1, max(length.days - 1, 2)))
    )
    price = chance.choice((49, 99, 190, 490, 990)) * 10_000
    for number in range(count):
        days = how.term(anchor, number).days
        if not number or number == count - 1 or chance.random() > 0.01:
            yield days.start, days.end, price
        if chance.random() < 0.04:
            price = round(price * 1.05 / 10_000) * 10_000
