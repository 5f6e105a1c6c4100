"""Show terms that were never booked and what was booked twice, the most money first.

examples:
  turnus radar                 what is found, and why
  turnus radar --json          the same as JSON
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from turnus.cli.terminal import tell

if TYPE_CHECKING:
    from turnus.radar.findings import NamedFinding
    from turnus.radar.queries import FindingSums


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags: for whom, and how it is printed."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user who looks (default: the first admin)",
    )


def run(options: argparse.Namespace) -> int:
    """Show what is found; changes nothing."""
    from turnus.accounts.queries import company, first_admin, user_by_email
    from turnus.kit import clock
    from turnus.radar.queries import findings, named, totals

    by = user_by_email(options.email) if options.email else first_admin()
    on = clock.today(company().zone)
    found = findings(by, on=on)
    rows = named(found, by)
    sums_of_kinds = totals(found)
    if options.json:
        tell(_as_json(rows, sums_of_kinds, on))
        return 0
    for line in _as_text(rows, sums_of_kinds):
        tell(line)
    return 0


def _as_json(
    rows: Sequence["NamedFinding"],
    sums_of_kinds: Sequence["FindingSums"],
    on: date,
) -> str:
    totals = {str(sums.kind): _sums_as_json(sums) for sums in sums_of_kinds}
    findings = [_finding_as_json(row) for row in rows]
    report = {"on": str(on), "totals": totals, "findings": findings}
    return json.dumps(report, ensure_ascii=False, indent=1)


def _sums_as_json(sums: "FindingSums") -> dict[str, object]:
    money = {amount.currency: str(amount.amount) for amount in sums.sums}
    return {"count": sums.count, "money": money}


def _finding_as_json(row: "NamedFinding") -> dict[str, object]:
    finding = row.finding
    return {
        "kind": str(finding.kind),
        "key": finding.key,
        "subscription": finding.subscription_id,
        "name": row.subscription,
        "customer": row.customer,
        "on": str(finding.on),
        "terms": finding.count,
        "money": str(finding.money.amount),
        "currency": finding.money.currency,
    }


def _as_text(
    rows: Sequence["NamedFinding"], sums_of_kinds: Sequence["FindingSums"]
) -> Iterator[str]:
    from django.utils.translation import get_language

    from turnus.kit.messages import sentence
    from turnus.radar.words import why

    if not rows:
        yield sentence("radar.nothing", {})
    language = (get_language() or "en")[:2]
    for row in rows:
        money = row.finding.money
        amount = f"{money.amount:>14,.2f} {money.currency}"
        reason = why(row.finding, language)
        yield f"{amount}  {row.customer}: {row.subscription}. {reason}"
    for sums in sums_of_kinds:
        amounts = [
            f"{money.amount:,.2f} {money.currency}" for money in sums.sums
        ]
        yield f"= {sums.kind}: {sums.count} ({', '.join(amounts)})"
