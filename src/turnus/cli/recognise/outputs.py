"""Files that a command writes: checked before the work begins, there whole or not at all."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from turnus.kit.errors import UserError


def check_output(path: Path | None, endings: Sequence[str], *, source: Path) -> None:
    """Refuse a file that could not be written, or that is the one being read; no `endings`: any will do."""
    if path is None or (str(path) == "-" and not endings):
        return
    if endings and path.suffix.lower() not in endings:
        raise UserError("output.ending", file=path.name, endings=", ".join(endings))
    if path.is_dir():
        raise UserError("output.is_folder", path=str(path))
    if not path.absolute().parent.is_dir():
        raise UserError("output.no_folder", folder=str(path.absolute().parent))
    if path.exists() and source.exists() and path.samefile(source):
        raise UserError("output.is_source", path=str(path))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name of a file to write; it takes the place of `path` once it is complete, and is gone after an error."""
    target = path.resolve()
    # What is no file (/dev/null) is written to, never replaced.
    is_special = target.exists() and not target.is_file()
    draft = target if is_special else target.with_name(f".turnus-{os.getpid()}{target.suffix}")
    try:
        yield draft
        if not is_special:
            draft.replace(target)
    except OSError as error:
        raise UserError("output.refused", path=str(path), reason=error.strerror or str(error)) from error
    finally:
        if not is_special:
            with suppress(OSError):
                draft.unlink()


def write_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")
