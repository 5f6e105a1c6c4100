"""Show which renewals are due, and book them as one run.

examples:
  turnus renewals --dry-run                  what is due today
  turnus renewals --on 2026-12-31 --json     book all that is due by then; print JSON
  turnus undo 12                             undo the run with that number
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from turnus.cli.inputs import day
from turnus.cli.terminal import tell

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from turnus.accounts.models import User
    from turnus.history.models import Run
    from turnus.revenue.models import RenewalLine, Subscription


@dataclass(frozen=True, slots=True)
class _DueRenewals:
    """The terms that are due on a day, and the run that booked them; None if none did."""

    on: date
    lines: Sequence["RenewalLine"]
    run: "Run | None" = None

    @property
    def sums(self) -> dict[str, Decimal]:
        """What is planned or booked, by currency."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            if _is_taken(line):
                sums[line.currency] += line.price.amount
        return dict(sums)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags: up to which day, and whether to book."""
    parser.add_argument(
        "--on",
        type=day,
        metavar="DAY",
        help="up to and including it (default: today)",
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


def run(options: argparse.Namespace) -> int:
    """Show, then book unless it is a dry run; exit code 1 if a line was refused."""
    from turnus.accounts.queries import company, first_admin, user_by_email
    from turnus.kit import clock
    from turnus.revenue.models import Subscription
    from turnus.revenue.renewals.queries import due_lines

    by = user_by_email(options.email) if options.email else first_admin()
    on = options.on or clock.today(company().zone)
    subscriptions = Subscription.objects.editable_by(by)
    if options.dry_run:
        renewals = _DueRenewals(on, due_lines(subscriptions, until=on))
    else:
        renewals = _booked(subscriptions, by, on)
    texts = [_as_json(renewals)] if options.json else _as_text(renewals)
    for text in texts:
        tell(text)
    has_refusals = renewals.run and renewals.run.totals.get("lines_refused")
    return 1 if has_refusals else 0


def _booked(
    subscriptions: "QuerySet[Subscription]", by: "User", on: date
) -> _DueRenewals:
    """Book what is due, as a run of its own."""
    from turnus.jobs.worker import run_until_done
    from turnus.kit import clock
    from turnus.revenue.renewals.actions.plan import (
        plan_renewals,
        request_renewals,
    )
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
        return _DueRenewals(on, [])
    request_renewals(run=run, by=by, at=at)
    run_until_done("revenue.renew", lambda: None, run_id=run.pk)
    run.refresh_from_db()
    return _DueRenewals(on, list(lines_of(run)), run)


def _as_json(renewals: _DueRenewals) -> str:
    totals = {
        currency: str(amount) for currency, amount in renewals.sums.items()
    }
    report = {
        "on": str(renewals.on),
        "run": renewals.run.pk if renewals.run else None,
        "totals": totals,
        "terms": [_term_as_json(line) for line in renewals.lines],
    }
    return json.dumps(report, ensure_ascii=False, indent=1)


def _term_as_json(line: "RenewalLine") -> dict[str, object]:
    return {
        "subscription": line.subscription_id,
        "name": line.subscription.name,
        "customer": _customer(line),
        "term": line.number,
        "starts_on": str(line.starts_on),
        "ends_on": str(line.ends_on),
        "price": str(line.price.amount),
        "currency": line.currency,
        "state": str(line.state),
        "deal": line.deal_id,
    }


def _as_text(renewals: _DueRenewals) -> Iterator[str]:
    from turnus.kit.messages import sentence

    if not renewals.lines:
        yield sentence("renewal.nothing_due", {"on": renewals.on})
    for line in renewals.lines:
        mark = "" if _is_taken(line) else f"  ({line.state})"
        term = f"{_customer(line)}: {line.subscription.name}  #{line.number}"
        price = f"{line.price.amount:,.2f} {line.currency}"
        yield f"{line.starts_on}  {term}  {price}{mark}"
    for currency, amount in renewals.sums.items():
        yield f"= {amount:,.2f} {currency}"
    if renewals.run:
        yield sentence("import.done", {"run": renewals.run.pk})


def _is_taken(line: "RenewalLine") -> bool:
    return line.state in {"planned", "booked"}


def _customer(line: "RenewalLine") -> str:
    return str(line.subscription.organization or line.subscription.person)
