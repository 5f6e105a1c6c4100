"""Recurring revenue by the million terms: reports by month, the day's page, the radar.

MRR and movements are measured against the same aggregation written by hand.

python -m bench.revenue [--subscriptions 100000] [--page]
"""

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import django

from bench import measure, radar
from bench.measure import Line
from bench.revenue_world import AT, BILLINGS, fill

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")


def main() -> int:
    """Measure and print."""
    given = argparse.ArgumentParser(prog="bench.revenue", description=__doc__)
    given.add_argument("--subscriptions", type=int, default=100_000)
    given.add_argument(
        "--page", action="store_true", help="only the day's page"
    )
    asked = given.parse_args()
    with tempfile.TemporaryDirectory(prefix="turnus-bench-") as folder:
        found = list(
            lines(Path(folder), asked.subscriptions, is_page_only=asked.page)
        )
    return 0 if all(line.is_kept for line in found) else 1


def lines(folder: Path, count: int, *, is_page_only: bool) -> Iterator[Line]:
    """Yield each figure as it is known; in an instance of its own."""
    os.environ["TURNUS_DATA"] = str(folder)
    given = [
        "--company",
        "Muster GmbH",
        "--language",
        "de",
        "--currency",
        "EUR",
        "--time-zone",
        "Europe/Berlin",
    ]
    given += [
        "--name",
        "Ada",
        "--email",
        "ada@muster.example",
        "--password",
        "nur-zum-Messen",
        "--no-input",
    ]
    measure.command(
        ["-m", "turnus", "init", *given], {"TURNUS_DATA": str(folder)}
    )
    django.setup()
    from turnus.kit import clock

    with clock.standing_at(AT):
        terms = fill(count)
        asked = (
            [days_page(count)]
            if is_page_only
            else [reports(terms), days_page(count), radar.lines(count, AT)]
        )
        for line in chain.from_iterable(asked):
            print(line, flush=True)
            yield line


def reports(terms: int) -> Iterator[Line]:
    """Time the reports of four years by month against the aggregation written by hand.

    Both must say the same.
    """
    from turnus.reports.catalog import REPORTS

    started = time.perf_counter()
    plain = by_hand()
    by_hand_seconds = time.perf_counter() - started
    for name in ("mrr", "movements"):
        started = time.perf_counter()
        report = REPORTS[name].report(_source())
        seconds = time.perf_counter() - started
        column = next(
            index
            for index, one in enumerate(report.columns)
            if one.code in {"mrr", "closing"}
        )
        amounts = [
            getattr(line.cells[column], "amount_e4", None)
            for line in report.lines
        ]
        assert amounts == plain, "not the same figures"
        what = f"{name} by month over {terms:,} terms: against by hand"
        times = f"{seconds:.2f} s / {by_hand_seconds:.2f} s"
        figure = f"{seconds / by_hand_seconds:.1f} x ({times})"
        yield Line(what, figure, "3 x", seconds <= 3 * by_hand_seconds)
    computed = {
        name: REPORTS[name].report(_source()) for name in _OF_THE_LEDGER
    }
    yield _folding()
    for name in (*_OF_THE_LEDGER, "rates", "bookings"):
        yield _stored(name, terms, computed.get(name))
    yield _against_sql()


#: Reports whose whole is added up by the database.
_OF_THE_LEDGER = ("mrr", "movements", "cohorts", "forecast")


def _folding() -> Line:
    """Store the whole ledger, as after an import of everything."""
    from turnus.revenue.ledger.actions import fold_stale, viewer_of_everything

    started = time.perf_counter()
    fold_stale(viewer_of_everything())
    seconds = time.perf_counter() - started
    what = "the whole ledger is stored"
    return Line(what, f"{seconds:.0f} s", "none", is_kept=True)


def _stored(name: str, terms: int, computed: Any) -> Line:
    """Time a report from the stored ledger, which says what was computed."""
    from turnus.reports.catalog import REPORTS

    def asked() -> Any:
        return REPORTS[name].report(_source())

    what = f"{name} over {terms:,} terms, stored"
    seconds = measure.median_seconds(asked, times=3)
    if computed is None:
        return Line(what, f"{seconds:.2f} s", "none", is_kept=True)
    assert asked() == computed, "not the same figures"
    is_kept = seconds <= 0.3
    return Line(what, f"{seconds * 1000:.0f} ms", "300 ms", is_kept)


def _against_sql() -> Line:
    """Compare what a report asks of the ledger with the same sums in plain SQL."""
    from django.db import connection

    from turnus.revenue.ledger.actions import viewer_of_everything
    from turnus.revenue.ledger.queries import stored_ledger

    statement = (
        "SELECT day, kind, per_e4, SUM(amount), SUM(gained)"
        " FROM revenue_ledgermovement"
        " WHERE currency = 'EUR' AND day <= %s GROUP BY day, kind, per_e4"
    )

    def by_hand() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [AT.date()])
            cursor.fetchall()

    def by_product() -> None:
        stored = stored_ledger(viewer_of_everything(), "EUR")
        assert stored is not None
        list(stored.day_sums())

    plain = measure.median_seconds(by_hand)
    own = measure.median_seconds(by_product)
    times = f"{own * 1000:.0f} ms / {plain * 1000:.0f} ms"
    is_kept = own <= 1.5 * plain
    figure = f"{own / plain:.1f} x ({times})"
    return Line("sums by day: against SQL", figure, "1.5 x", is_kept)


def _source() -> Any:
    from turnus.accounts.queries import company, first_admin, rates
    from turnus.accounts.viewer import Viewer
    from turnus.core.calendar import DateRange
    from turnus.core.records import RecordKind
    from turnus.fields.catalog import catalog
    from turnus.reports.recurring.source import Source
    from turnus.reports.shape import Params

    days = DateRange(date(2015, 1, 1), date(2018, 12, 1))
    viewer = Viewer(first_admin(), AT.date(), company().zone, "de")
    fields = catalog(RecordKind.SUBSCRIPTION)
    return Source(viewer, Params(days), fields, rates=rates())


def by_hand() -> list[int]:
    """Return MRR at the end of each month, in ten-thousandths, to the cent.

    All movements are summed by class on the way: no model, no objects.
    """
    from django.db import connection

    statement = (
        "SELECT s.organization_id, s.id, t.starts_on, t.ends_on, t.price_e4,"
        " s.cadence, s.end_on FROM revenue_term t"
        " JOIN sales_deal d ON d.id = t.deal_id"
        " JOIN revenue_subscription s ON s.id = t.subscription_id"
        " WHERE d.status = 'won' AND d.trashed_at IS NULL AND s.trashed_at IS NULL"
        " ORDER BY s.organization_id, s.id, t.number"
    )
    on = AT.date()
    classes: dict[Any, int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        for _, rows in groupby(cursor.fetchall(), key=lambda row: row[0]):
            _add_customer(rows, classes, on)
    months = sorted(
        {(year, month) for year in range(2015, 2019) for month in range(1, 13)}
        - {(2018, 12)}
    )
    moved: dict[tuple[int, int], int] = defaultdict(int)
    for (year, month, _), amount in classes.items():
        moved[max((year, month), (2014, 12))] += amount
    total, result = moved[2014, 12], []
    for month in months:
        total += moved[month]
        cents, rest = divmod(total, 12 * 100)
        result.append((cents + (2 * rest >= 12 * 100)) * 100)
    return result


def _add_customer(
    rows: Iterator[Any], classes: dict[tuple[int, int, str], int], on: date
) -> None:
    days: dict[date, int] = defaultdict(int)
    for _, own in groupby(rows, key=lambda row: row[1]):
        end, arr, cadence, stops = None, 0, "", None
        for _, _, start, until, price, how, ending in own:
            amount, cadence, stops = price * BILLINGS[how], how, ending
            if end == start:
                days[start] += amount - arr
            else:
                if end is not None:
                    days[end] -= arr
                days[start] += amount
            end, arr = until, amount
        grace = {"1m": 14, "3m": 30, "2/m:1,15": 7, "1y": 30}[cadence]
        if end is not None and not (
            stops is None and end <= on <= end + timedelta(days=grace)
        ):
            days[end] -= arr
    paid, was_active = 0, False
    for day in sorted(days):
        change = days[day]
        if change and day <= on:
            after = paid + change
            kind = (
                ("reactivation" if was_active else "new")
                if not paid
                else "churn"
                if not after
                else "expansion"
                if change > 0
                else "contraction"
            )
            classes[day.year, day.month, kind] += change
            paid, was_active = after, True


def days_page(count: int) -> Iterator[Line]:
    """Time the day's page; with its revenue figures known, and the part that makes them known."""
    from django.test import Client

    from turnus.accounts.queries import first_admin

    client = Client(SERVER_NAME="localhost")
    client.force_login(
        first_admin(),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )

    def page(address: str) -> None:
        assert client.get(address).status_code == 200

    def changed() -> None:
        rename_a_subscription()
        page("/")

    what = f"the day's page with {count:,} subscriptions"
    first = measure.median_seconds(lambda: page("/"), times=3)
    yield Line(
        f"{what}: for the first time, its figures follow",
        f"{first * 1000:.0f} ms",
        "300 ms",
        first <= 0.3,
    )
    started = time.perf_counter()
    page("/?part=figures")
    yield Line(
        f"{what}: those figures",
        f"{time.perf_counter() - started:.2f} s",
        "none",
        is_kept=True,
    )
    after = measure.median_seconds(changed, times=3)
    yield Line(
        f"{what}: after a change, figures of before",
        f"{after * 1000:.0f} ms",
        "300 ms",
        after <= 0.3,
    )
    page("/?part=figures")
    whole = measure.median_seconds(lambda: page("/"))
    yield Line(
        f"{what}: nothing has changed",
        f"{whole * 1000:.0f} ms",
        "300 ms",
        whole <= 0.3,
    )


def rename_a_subscription() -> None:
    """Change something, as somebody else would meanwhile."""
    from turnus.accounts.queries import first_admin
    from turnus.revenue.models import Subscription
    from turnus.revenue.subscriptions.actions.change import (
        update_subscriptions,
    )

    one = Subscription.objects.filter(pk=1)
    update_subscriptions(
        subscriptions=one,
        by=first_admin(),
        at=AT,
        values={"name": f"Abo {time.perf_counter()}"},
    )


if __name__ == "__main__":
    sys.exit(main())
