"""Files that a command is given to read."""

from pathlib import Path

from turnus.kit.errors import UserError


def check_input(path: Path) -> None:
    """Refuse what is no file."""
    if path.is_dir():
        raise UserError("file.is_folder", path=str(path))
    if not path.is_file():
        raise UserError("file.missing", path=str(path))
