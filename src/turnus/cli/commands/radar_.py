"""Show terms that were never booked and what was booked twice, the most money first.

examples:
  turnus radar                 what is found, and why
  turnus radar --json          the same as JSON
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import Any

from turnus.cli.terminal import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say for whom, and how it is printed."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user who looks (default: the first admin)",
    )


def run(given: argparse.Namespace) -> int:
    """Show what is found; changes nothing."""
    from turnus.accounts.queries import company, first_admin, user_by_email
    from turnus.kit import clock
    from turnus.radar.queries import findings, named

    by = user_by_email(given.email) if given.email else first_admin()
    on = clock.today(company().zone)
    found = findings(by, on=on)
    rows = named(found, by)
    for text in [_as_json(found, rows, on)] if given.json else _as_text(found, rows):
        tell(text)
    return 0


def _as_json(found: Sequence[Any], rows: Sequence[Any], on: Any) -> str:
    from turnus.radar.queries import totals

    told = {
        "on": str(on),
        "totals": {
            str(one.kind): {
                "count": one.count,
                "money": {sum_.currency: str(sum_.amount) for sum_ in one.sums},
            }
            for one in totals(found)
        },
        "findings": [
            {
                "kind": str(row.finding.kind),
                "key": row.finding.key,
                "subscription": row.finding.subscription_id,
                "name": row.subscription,
                "customer": row.customer,
                "on": str(row.finding.on),
                "terms": row.finding.count,
                "money": str(row.finding.money.amount),
                "currency": row.finding.money.currency,
            }
            for row in rows
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _as_text(found: Sequence[Any], rows: Sequence[Any]) -> Iterator[str]:
    from django.utils.translation import get_language

    from turnus.kit.messages import sentence
    from turnus.radar.queries import totals
    from turnus.radar.words import why

    if not rows:
        yield sentence("radar.nothing", {})
    for row in rows:
        money = row.finding.money
        words = why(row.finding, (get_language() or "en")[:2])
        yield f"{money.amount:>14,.2f} {money.currency}  {row.customer}: {row.subscription}. {words}"
    for one in totals(found):
        sums = ", ".join(f"{money.amount:,.2f} {money.currency}" for money in one.sums)
        yield f"= {one.kind}: {one.count} ({sums})"
