"""The radar over the subscriptions of `bench.revenue`: finding, and putting a kind right.

Finding is measured against reading every term with its deal once.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bench import measure
from bench.measure import Line

#: Of a thousand terms one is missing, one has its deal in the trash, one lost, one open.
_ONE_IN = 1_000


def lines(count: int, at: datetime) -> Iterator[Line]:
    """Yield the figures.

    The limit: who looks for gaps without us has to read every term with its deal; finding may
    take no longer.
    """
    from turnus.accounts.queries import first_admin
    from turnus.radar.actions import repair
    from turnus.radar.findings import Action, FindingKind
    from turnus.radar.queries import findings

    by, on = first_admin(), at.date()
    _break(at)
    plain = measure.median_seconds(_read, times=3)
    seconds = measure.median_seconds(lambda: findings(by, on=on), times=3)
    found = findings(by, on=on)
    what = f"radar: {len(found):,} findings in {count:,} subscriptions: against reading"
    yield Line(
        what,
        f"{seconds / plain:.1f} x ({seconds:.2f} s / {plain:.2f} s)",
        "1 x",
        seconds <= plain,
    )
    missing = [
        finding for finding in found if finding.kind is FindingKind.NUMBER
    ]
    started = time.perf_counter()
    repair(
        found=missing, action=Action.BOOK, by=by, at=at, on=on, title="Bench"
    )
    taken = time.perf_counter() - started
    yield Line(
        f"radar: {len(missing):,} gaps put right at once",
        f"{taken:.2f} s",
        "none",
        is_kept=True,
    )


def _break(at: datetime) -> None:
    from django.db.models import F

    from turnus.revenue.models import Term
    from turnus.sales.models import Deal

    def deals(rest: int) -> Any:
        return Deal.objects.annotate(rest=F("pk") % _ONE_IN).filter(rest=rest)

    Term.objects.annotate(rest=F("pk") % _ONE_IN).filter(rest=1).delete()
    deals(2).update(trashed_at=at)
    deals(3).update(status="lost", won_at=None, won_on=None)
    deals(4).update(status="open", won_at=None, won_on=None)


def _read() -> int:
    from django.db import connection

    statement = (
        "SELECT t.subscription_id, t.number, t.starts_on, t.price_e4, d.status,"
        " d.trashed_at, d.organization_id, d.value_e4, d.won_on, d.title"
        " FROM revenue_term t LEFT JOIN sales_deal d ON d.id = t.deal_id"
        " ORDER BY t.subscription_id, t.number"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return sum(1 for _ in cursor.fetchall())
