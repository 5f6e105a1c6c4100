"""A renewal run over many due subscriptions, against the same rows inserted plainly.

`prepare ROWS` fills an instance, `run RESULT` previews and books. `plain DATABASE RESULT`
inserts into a copy with `executemany`: the deals, the terms and the subscriptions' new due
days, without preview, history, locks or undo.
"""

import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import django

from bench import measure
from bench.measure import Line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")
ON = date(2018, 11, 14)
_START = date(2018, 10, 14)


def lines(
    folder: Path, environment: dict[str, str], rows: int
) -> Iterator[Line]:
    """Yield the figures; `environment` names an instance without subscriptions."""
    data = Path(environment["TURNUS_DATA"])
    result = folder / "renewals.json"
    measure.command(
        ["-m", "bench.renewals", "prepare", str(rows)], environment
    )
    copied = folder / "renewals-plain.sqlite3"
    shutil.copy(data / "turnus.sqlite3", copied)
    plain = measure.command(
        ["-m", "bench.renewals", "plain", str(copied), str(result)]
    )
    plain_seconds = json.loads(result.read_text(encoding="utf-8"))["plain"]
    cost = measure.command(
        ["-m", "bench.renewals", "run", str(result)], environment
    )
    figures = json.loads(result.read_text(encoding="utf-8"))
    ours = figures["preview"] + figures["booking"]
    assert plain.seconds
    parts = f"{figures['preview']:.1f} + {figures['booking']:.1f} s"
    yield Line(
        f"renewal run over {rows:,}: preview + booking against plain inserts",
        f"{ours / plain_seconds:.1f} x ({parts} / {plain_seconds:.1f} s)",
        "6 x",
        ours <= 6 * plain_seconds,
    )
    megabytes = cost.peak_bytes / 1024 / 1024
    yield Line(
        f"renewal run over {rows:,}: peak memory",
        f"{megabytes:.0f} MB",
        "500 MB",
        megabytes < 500,
    )


def prepare(rows: int) -> None:
    """Give the instance `rows` monthly subscriptions whose first term is booked."""
    from django.db import connection, transaction

    from turnus.accounts.queries import first_admin
    from turnus.contacts.models import Organization
    from turnus.core.cadence import MONTHLY
    from turnus.kit import clock
    from turnus.kit.sql import insert_rows, reserve_ids
    from turnus.revenue.models import Subscription, Term
    from turnus.revenue.plans.actions import PlanValues, save_plan
    from turnus.revenue.rules import derive_subscription
    from turnus.sales.actions import insert_deals
    from turnus.sales.rules import DealRules

    admin, at = first_admin(), clock.now()
    plan, rules = (
        save_plan(
            by=admin, values=PlanValues(name="Messung", cadence=MONTHLY)
        ),
        DealRules.load(),
    )
    record = {
        "owner_id": admin.pk,
        "creator_id": admin.pk,
        "created_at": at,
        "updated_at": at,
        "visibility": "everyone",
        "labels": [],
        "custom": {},
        "folded": {},
    }
    with transaction.atomic():
        customers = reserve_ids(Organization, rows // 5)
        _insert(
            insert_rows,
            Organization,
            (
                {
                    **_named(one),
                    **record,
                    "id": one,
                    "address": "",
                    "country": "",
                }
                for one in customers
            ),
        )
        moment = rules.moment(_START)
        deal = {
            "title": "Abo",
            "value_e4": 490_000,
            "currency": "EUR",
            "status": "won",
            "won_at": moment,
            "won_on": _START,
            "first_won_at": moment,
            "stage_id": rules.default_stage,
            "pipeline_id": rules.pipeline_of[rules.default_stage],
        }
        deals = insert_deals(
            rows=[
                {**deal, "organization_id": customers[n % len(customers)]}
                for n in range(rows)
            ],
            by=admin,
            at=at,
        )
        ids = reserve_ids(Subscription, rows)
        fixed = {
            **record,
            "name": "Abo",
            "plan_id": plan.pk,
            "cadence": "1m",
            "price_e4": 490_000,
            "currency": "EUR",
            "state": "active",
            "started_on": _START,
            "anchor_on": _START,
            "anchor_number": 0,
            "next_number": 1,
            "end_reason": "",
            "renewal_way": "",
        }
        fixed |= derive_subscription(fixed)
        _insert(
            insert_rows,
            Subscription,
            (
                {
                    **fixed,
                    "id": one,
                    "organization_id": customers[n % len(customers)],
                }
                for n, one in enumerate(ids)
            ),
        )
        days = {
            "starts_on": _START,
            "ends_on": ON,
            "price_e4": 490_000,
            "currency": "EUR",
            "cadence": "1m",
            "recorded_at": at,
            "number": 0,
        }
        _insert(
            insert_rows,
            Term,
            (
                {**days, "subscription_id": one, "deal_id": own}
                for one, own in zip(ids, deals, strict=True)
            ),
        )
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert(
    insert_rows: Any, model: Any, rows: Iterator[dict[str, Any]]
) -> None:
    first = next(rows)
    insert_rows(
        model,
        list(first),
        (list(one.values()) for one in _chained(first, rows)),
    )


def _named(number: int) -> dict[str, str]:
    key = f"k {number}"
    return {"name": key.upper(), "name_folded": key, "name_key": key}


def _chained(
    first: dict[str, Any], rows: Iterator[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    yield first
    yield from rows


def plain(database: Path) -> float:
    """Return the seconds that the plain program takes.

    It reads what is due, inserts deals and terms, and moves the due days on.
    """
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    started = time.perf_counter()
    names = [
        row[1]
        for row in connection.execute("PRAGMA table_info(sales_deal)")
        if row[1] != "id"
    ]
    columns = ", ".join(f"d.{name}" for name in names)
    due = connection.execute(
        f"SELECT t.subscription_id, {columns} FROM revenue_subscription s"
        " JOIN revenue_term t"
        " ON t.subscription_id = s.id AND t.number = s.next_number - 1"
        " JOIN sales_deal d ON d.id = t.deal_id WHERE s.next_due_on <= ?",
        [str(ON)],
    ).fetchall()
    first = (
        connection.execute("SELECT MAX(id) FROM sales_deal").fetchone()[0] + 1
    )
    won_at = names.index("won_at") + 1
    won_on = names.index("won_on") + 1
    deals = []
    for number, row in enumerate(due):
        new = list(row)
        new[0], new[won_at], new[won_on] = (
            first + number,
            f"{ON} 11:00:00",
            str(ON),
        )
        deals.append(new)
    marks = ", ".join("?" * (len(names) + 1))
    with connection:
        connection.executemany(
            f"INSERT INTO sales_deal (id, {', '.join(names)}) VALUES ({marks})",
            deals,
        )
        terms = (
            (
                row[0],
                1,
                str(ON),
                "2018-12-14",
                490_000,
                "EUR",
                "1m",
                first + number,
                "2018-11-14 11:00:00",
            )
            for number, row in enumerate(due)
        )
        connection.executemany(
            "INSERT INTO revenue_term (subscription_id, number, starts_on, ends_on,"
            " price_e4, currency, cadence, deal_id, recorded_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            terms,
        )
        moved = (("2018-12-14", row[0]) for row in due)
        connection.executemany(
            "UPDATE revenue_subscription"
            " SET next_number = next_number + 1, next_due_on = ? WHERE id = ?",
            moved,
        )
    return time.perf_counter() - started


def run() -> dict[str, float]:
    """Time the preview and the booking as a worker does it."""
    from turnus.accounts.queries import first_admin
    from turnus.jobs.worker import run_until_done
    from turnus.kit import clock
    from turnus.revenue.models import Subscription
    from turnus.revenue.renewals.actions.plan import (
        plan_renewals,
        request_renewals,
    )

    by = first_admin()
    began = time.perf_counter()
    renewal_run = plan_renewals(
        by=by,
        at=clock.now(),
        subscriptions=Subscription.objects.all(),
        until=ON,
        title="",
    )
    assert renewal_run is not None
    previewed = time.perf_counter()
    request_renewals(run=renewal_run, by=by, at=clock.now())
    run_until_done("revenue.renew", lambda: None, run_id=renewal_run.pk)
    done = time.perf_counter()
    renewal_run.refresh_from_db()
    assert renewal_run.totals["lines_booked"] == renewal_run.totals["lines"]
    return {"preview": previewed - began, "booking": done - previewed}


if __name__ == "__main__":
    what = sys.argv[1]
    if what == "plain":
        Path(sys.argv[3]).write_text(
            json.dumps({"plain": plain(Path(sys.argv[2]))}), encoding="utf-8"
        )
    else:
        django.setup()
        if what == "prepare":
            prepare(int(sys.argv[2]))
        else:
            Path(sys.argv[2]).write_text(json.dumps(run()), encoding="utf-8")
