"""What a command is given: files to read, days."""

import argparse
from datetime import date
from pathlib import Path

from turnus.kit.errors import UserError


def day(text: str) -> date:
    """Return the day that an argument says, as 2025-06-30."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"“{text}” is not a day; expected, for example: 2025-06-30"
        raise argparse.ArgumentTypeError(message) from None


def check_input(path: Path) -> None:
    """Refuse what is no file."""
    if path.is_dir():
        raise UserError("file.is_folder", path=str(path))
    if not path.is_file():
        raise UserError("file.missing", path=str(path))
