"""Files that a command reads, checked to be there and to be what they should."""

import json
from pathlib import Path

from turnus.kit.errors import UserError


def check_input(path: Path) -> None:
    """Refuse a path that is not a file."""
    if path.is_dir():
        raise UserError("file.is_folder", path=str(path))
    if not path.is_file():
        raise UserError("file.missing", path=str(path))


def json_object(path: Path) -> dict[str, object]:
    """Return the JSON object in a file; raises UserError if it holds something else."""
    check_input(path)
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        loaded = None
    if not isinstance(loaded, dict):
        raise UserError("json.not_object", path=str(path))
    return loaded


def first_line(file: Path) -> str:
    """Return the first line of a file with a password; raises UserError if it is unreadable."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError("file.missing", path=str(file)) from None
    return text.partition("\n")[0].rstrip("\r")
