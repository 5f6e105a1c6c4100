"""What the commands about copied deals are given: which file, and how it is to be read."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turnus.kit.errors import UserError

if TYPE_CHECKING:
    from turnus.cli.recognise.recognising import Settings


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


def file_given(given: argparse.Namespace) -> Path:
    """Return the one file; raises UserError for several, whose rows nobody has put into an order."""
    if len(given.file) > 1:
        raise UserError("history.one_file", count=len(given.file))
    return Path(given.file[0])


def settings_given(given: argparse.Namespace) -> "Settings":
    """Return the settings of the file and of the flags, which go before it."""
    from turnus.cli.recognise.recognising import read_settings, settings_from

    settings = read_settings(given.settings) if given.settings else {}
    rates: dict[str, Any] = dict(settings.get("rates") or {})
    for pair in given.rate:
        code, found, rate = pair.partition("=")
        if not found:
            raise UserError("rate.pair_invalid", pair=pair)
        rates[code] = rate
    flags = {"as_of": given.as_of, "timezone": given.zone, "currency": given.currency}
    return settings_from({**settings, **{key: value for key, value in flags.items() if value}, "rates": rates})
