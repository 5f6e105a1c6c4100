"""Recognise the subscriptions in a spreadsheet of copied won deals.

Nothing needs to be set up, and nothing is written but what you name.

examples:
  turnus recognise deals.xlsx
  turnus recognise deals.csv --as-of 2025-06-30 --currency EUR --rate CHF=0.94 --rate USD=0.92
  turnus recognise deals.csv --settings meta.json --json out.json
  turnus recognise deals.xlsx --plan-column "Zahlungsweise"

The file is an export of deals, German or English: won time, value and an organization or a contact person are needed; status,
currency, title, plan and IDs are used where they are there.
--settings: JSON object with any of as_of, first, timezone, currency, rates ({"CHF": "0.94"}); flags go before it.
Exit code 0: done; 1: the file or a flag is not right, and the message says what to do; 2: the command is not understood.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from turnus.cli.terminal import progress, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which file, and how it is to be read."""
    parser.add_argument("file", type=Path, nargs="+", metavar="FILE", help="XLSX, XLS or CSV file of won deals")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="day, zone, currency and rates, as JSON")
    parser.add_argument("--as-of", metavar="DAY", help="day that counts as today, e.g. 2025-06-30 (default: today)")
    parser.add_argument("--zone", metavar="ZONE", help="time zone that decides days (default: Europe/Berlin)")
    parser.add_argument("--currency", metavar="CODE", help="currency of the figures (default: that of most deals)")
    parser.add_argument(
        "--rate", action="append", default=[], metavar="CODE=RATE", help="what a unit of another currency is worth"
    )
    parser.add_argument(
        "--plan-column", default="", metavar="HEADING", help="column with the plan (default: recognised)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON; - for the terminal")


def run(given: argparse.Namespace) -> int:
    """Read, recognise, tell."""
    from turnus.cli.histories import read_history
    from turnus.cli.recognised_words import summary
    from turnus.cli.recognising import as_json, recognised, settings_from
    from turnus.kit.errors import UserError

    if len(given.file) > 1:
        raise UserError("history.one_file", count=len(given.file))
    settings = settings_from(_settings(given))
    history = read_history(
        given.file[0], currency=settings.currency or "EUR", zone=settings.zone, plan_heading=given.plan_column,
        as_of=settings.as_of,
    )  # fmt: skip
    result = recognised(history, settings, progress=progress("recognise"))
    if given.json:
        _write(json.dumps(as_json(result), ensure_ascii=False, indent=1), given.json)
    if str(given.json) != "-":
        is_plain = not (sys.stdout.encoding or "").lower().startswith("utf")
        for line in summary(result, is_plain=is_plain):
            tell(line.encode("ascii", "replace").decode() if is_plain else line)
    return 0


def _settings(given: argparse.Namespace) -> dict[str, Any]:
    from turnus.cli.recognising import read_settings
    from turnus.kit.errors import UserError

    settings = read_settings(given.settings) if given.settings else {}
    rates = dict(settings.get("rates") or {})
    for pair in given.rate:
        code, found, rate = pair.partition("=")
        if not found:
            raise UserError("rate.invalid", rate=pair)
        rates[code] = rate
    flags = {"as_of": given.as_of, "timezone": given.zone, "currency": given.currency}
    return {**settings, **{key: value for key, value in flags.items() if value}, "rates": rates}


def _write(text: str, path: Path) -> None:
    if str(path) == "-":
        tell(text)
    else:
        path.write_text(text + "\n", encoding="utf-8")
