"""What a command is given: days, numbers, text."""

import argparse
from collections.abc import Callable
from datetime import date

from turnus.core.calendar import FIRST_DAY, LAST_DAY, is_reckonable
from turnus.core.texts import is_storable
from turnus.kit.errors import UserError

#: Longer numbers fit into no column.
_DIGITS = 18
_QUOTED = 40


def day(text: str) -> date:
    """Return the day that an argument says, as 2025-06-30."""
    try:
        given = date.fromisoformat(text)
    except ValueError:
        message = f"“{text}” is not a day; expected, for example: 2025-06-30"
        raise argparse.ArgumentTypeError(message) from None
    if not is_reckonable(given):
        message = f"“{text}” is too far away; days lie between {FIRST_DAY} and {LAST_DAY}"
        raise argparse.ArgumentTypeError(message)
    return given


def record_number(text: str) -> int:
    """Return the number of a run or a record that an argument says."""
    if not (text.isdecimal() and len(text) <= _DIGITS):
        message = f"“{text[:_QUOTED]}” is not a number of this instance"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def number_between(lowest: int, highest: int) -> Callable[[str], int]:
    """Return what reads an argument that is a whole number from `lowest` to `highest`."""

    def read(text: str) -> int:
        is_number = text.isdecimal() and len(text) <= _DIGITS
        if not (is_number and lowest <= int(text) <= highest):
            message = f"“{text[:_QUOTED]}” is not a number from {lowest} to {highest}"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return read


def refuse_unreadable(given: argparse.Namespace) -> None:
    """Refuse arguments that are no text, as a terminal in another encoding hands them over; names of files may be so."""
    for name, value in vars(given).items():
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and not is_storable(text) for text in texts):
            raise UserError("argument.unreadable", name="--" + name.replace("_", "-"))
