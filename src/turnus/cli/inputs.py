"""Arguments of commands: days, numbers, text."""

import argparse
from collections.abc import Callable
from datetime import date

from turnus.core.calendar import FIRST_DAY, LAST_DAY, is_reckonable
from turnus.core.texts import is_storable
from turnus.kit.errors import UserError

#: Longer numbers do not fit into a column.
_DIGITS = 18
_QUOTED = 40


def day(text: str) -> date:
    """Return the day in an argument, written like 2025-06-30."""
    try:
        named_day = date.fromisoformat(text)
    except ValueError:
        message = f"“{text}” is not a day; write it like 2025-06-30"
        raise argparse.ArgumentTypeError(message) from None
    if not is_reckonable(named_day):
        message = f"“{text}” is too far away; enter a day from {FIRST_DAY} to {LAST_DAY}"
        raise argparse.ArgumentTypeError(message)
    return named_day


def record_number(text: str) -> int:
    """Return the number of a run or a record in an argument."""
    if not (text.isdecimal() and len(text) <= _DIGITS):
        message = f"“{text[:_QUOTED]}” is not a number of this instance"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def number_between(lowest: int, highest: int) -> Callable[[str], int]:
    """Return a reader of arguments that are whole numbers from `lowest` to `highest`."""

    def read(text: str) -> int:
        is_number = text.isdecimal() and len(text) <= _DIGITS
        if not (is_number and lowest <= int(text) <= highest):
            message = f"“{text[:_QUOTED]}” is not a number from {lowest} to {highest}"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return read


def refuse_unreadable(options: argparse.Namespace) -> None:
    """Refuse arguments that a terminal passes in another encoding; names of files may be so."""
    for name, value in vars(options).items():
        texts = value if isinstance(value, list) else [value]
        if any(
            isinstance(text, str) and not is_storable(text) for text in texts
        ):
            raise UserError(
                "argument.unreadable", name="--" + name.replace("_", "-")
            )
