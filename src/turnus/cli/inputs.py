"""What a command is given: files to read, days."""

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

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


def json_object(path: Path) -> dict[str, Any]:
    """Return what a file of answers, settings or a mapping says; raises UserError where it is no JSON object."""
    check_input(path)
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        loaded = None
    if not isinstance(loaded, dict):
        raise UserError("json.not_object", path=str(path))
    return loaded
