"""Flags of the commands that read a file of deals: which file, and how to read it."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from turnus.cli.reading_flags import add_reading_flags, reading_choices
from turnus.kit.errors import UserError
from turnus.kit.input_files import json_object

if TYPE_CHECKING:
    from turnus.detection.files.detecting import Settings, SettingsFile
    from turnus.detection.files.reading_options import ReadingOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags for the file and for how to read it."""
    parser.add_argument(
        "file",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="XLSX, XLS or CSV file of won deals",
    )
    _add_settings(parser)
    parser.add_argument(
        "--plan-column",
        default="",
        metavar="HEADING",
        help="column with the plan (default: detected)",
    )
    formats = parser.add_argument_group(
        "format of the file (default: detected)"
    )
    _add_notations(formats)
    add_reading_flags(formats, totals_help="total rows (default: leave-out)")
    _add_answers(formats)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the flags for what a database would know: today, time zone, currency and rates."""
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="day, time zone, currency and rates (JSON)",
    )
    parser.add_argument(
        "--as-of",
        metavar="DAY",
        help="treat DAY as today, e.g. 2025-06-30 (default: current day)",
    )
    parser.add_argument(
        "--zone",
        metavar="ZONE",
        help="time zone of dates (default: Europe/Berlin)",
    )
    parser.add_argument(
        "--currency",
        metavar="CODE",
        help="currency of the figures (default: that of most deals)",
    )
    parser.add_argument(
        "--rate",
        action="append",
        default=[],
        metavar="CODE=RATE",
        help="value of one unit of another currency",
    )


def _add_notations(formats: argparse._ArgumentGroup) -> None:
    """Add the flags for how the file writes numbers and days."""
    formats.add_argument(
        "--decimal",
        choices=("comma", "point"),
        help="whether 1.200 is 1200 (comma) or 1.2 (point)",
    )
    days = formats.add_mutually_exclusive_group()
    days.add_argument(
        "--day-first",
        action="store_true",
        help="03/04/2018 is the 3rd of April",
    )
    days.add_argument(
        "--month-first",
        action="store_true",
        help="03/04/2018 is the 4th of March",
    )


def _add_answers(formats: argparse._ArgumentGroup) -> None:
    """Add the flags for what cannot be read without an answer."""
    formats.add_argument(
        "--answers",
        type=Path,
        metavar="FILE",
        help="answers as for an import (JSON)",
    )
    formats.add_argument(
        "--leave-out-unreadable",
        action="store_true",
        help="skip rows that cannot be read",
    )


def reading_options(options: argparse.Namespace) -> "ReadingOptions":
    """Return the options for reading the file, from the flags and the answers."""
    from turnus.detection.files.reading_options import ReadingOptions

    decimal_comma = None
    if options.decimal is not None:
        decimal_comma = options.decimal == "comma"
    answers = json_object(options.answers) if options.answers else {}
    return ReadingOptions(
        choices=reading_choices(options),
        plan_heading=options.plan_column,
        decimal_comma=decimal_comma,
        day_first=_is_day_first(options),
        answers=answers,
        skips_unreadable=options.leave_out_unreadable,
    )


def _is_day_first(options: argparse.Namespace) -> bool | None:
    if options.day_first:
        return True
    return False if options.month_first else None


def file_given(options: argparse.Namespace) -> Path:
    """Return the file; raises UserError for several, whose rows have no order."""
    if len(options.file) > 1:
        raise UserError("history.one_file", count=len(options.file))
    return Path(options.file[0])


def settings_given(options: argparse.Namespace) -> "Settings":
    """Return the settings of the settings file; flags override it."""
    from turnus.detection.files.detecting import settings_from

    settings = json_object(options.settings) if options.settings else {}
    rates = dict(cast("Mapping[str, object]", settings.get("rates") or {}))
    for pair in options.rate:
        code, found, rate = pair.partition("=")
        if not found:
            raise UserError("rate.pair_invalid", pair=pair)
        rates[code] = rate
    flags = {
        "as_of": options.as_of,
        "timezone": options.zone,
        "currency": options.currency,
    }
    overriding = {key: value for key, value in flags.items() if value}
    return settings_from(
        cast("SettingsFile", {**settings, **overriding, "rates": rates})
    )
