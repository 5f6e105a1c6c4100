"""Show which renewals are due, and book them as one run.

examples:
  turnus renewals --dry-run                  what is due today
  turnus renewals --on 2026-12-31 --json     book everything that is due up to the end of the year; say it as JSON
  turnus undo 12                             take the run with that number back
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from turnus.cli.inputs import day
from turnus.cli.terminal import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say up to which day, and whether to book."""
    parser.add_argument(
        "--on", type=day, metavar="DAY", help="up to and including it (default: today)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show only; book nothing"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user who books (default: the first admin)",
    )


def run(given: argparse.Namespace) -> int:
    """Show, then book unless it is a dry run; exit code 1 if a line was refused."""
    from turnus.accounts.queries import company, first_admin, user_by_email
    from turnus.kit import clock
    from turnus.revenue.models import Subscription
    from turnus.revenue.renewals.queries import due_lines

    by = user_by_email(given.email) if given.email else first_admin()
    on = given.on or clock.today(company().zone)
    mine = Subscription.objects.editable_by(by)
    booked = None if given.dry_run else _booked(mine, by, on)
    lines = due_lines(mine, until=on) if given.dry_run else booked[1] if booked else []
    for text in (
        _as_json(lines, booked, on) if given.json else _as_text(lines, booked, on)
    ):
        tell(text)
    return 1 if booked and booked[0].totals.get("lines_refused") else 0


def _booked(subscriptions: Any, by: Any, on: date) -> Any:
    """Return the run and its lines, booked here and now; None where nothing is due."""
    from turnus.jobs.worker import run_until_done
    from turnus.kit import clock
    from turnus.revenue.renewals.actions.plan import plan_renewals, request_renewals
    from turnus.revenue.renewals.queries import lines_of

    at = clock.now()
    run = plan_renewals(
        by=by,
        at=at,
        subscriptions=subscriptions,
        until=on,
        title=f"turnus renewals --on {on}",
    )
    if run is None:
        return None
    request_renewals(run=run, by=by, at=at)
    run_until_done("revenue.renew", lambda: None, run_id=run.pk)
    run.refresh_from_db()
    return run, lines_of(run)


def _as_json(lines: Sequence[Any], booked: Any, on: date) -> Iterator[str]:
    told = {
        "on": str(on),
        "run": booked[0].pk if booked else None,
        "totals": {code: str(amount) for code, amount in _sums(lines).items()},
        "terms": [
            {
                "subscription": one.subscription_id,
                "name": one.subscription.name,
                "customer": _customer(one),
                "term": one.number,
                "starts_on": str(one.starts_on),
                "ends_on": str(one.ends_on),
                "price": str(one.price.amount),
                "currency": one.currency,
                "state": str(one.state),
                "deal": one.deal_id,
            }
            for one in lines
        ],
    }
    yield json.dumps(told, ensure_ascii=False, indent=1)


def _as_text(lines: Sequence[Any], booked: Any, on: date) -> Iterator[str]:
    from turnus.kit.messages import sentence

    if not lines:
        yield sentence("renewal.nothing_due", {"on": on})
    for one in lines:
        mark = "" if one.state in {"planned", "booked"} else f"  ({one.state})"
        what = f"{_customer(one)}: {one.subscription.name}  #{one.number}"
        yield f"{one.starts_on}  {what}  {one.price.amount:,.2f} {one.currency}{mark}"
    for code, amount in _sums(lines).items():
        yield f"= {amount:,.2f} {code}"
    if booked:
        yield sentence("import.done", {"run": booked[0].pk})


def _sums(lines: Sequence[Any]) -> dict[str, Any]:
    sums: dict[str, Any] = defaultdict(int)
    for one in lines:
        if one.state in {"planned", "booked"}:
            sums[one.currency] += one.price.amount
    return dict(sums)


def _customer(line: Any) -> str:
    return str(line.subscription.organization or line.subscription.person)
