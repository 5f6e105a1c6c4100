"""Files that a command writes: checked before the work begins, there whole or not at all."""

import glob
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from turnus.kit.errors import UserError
from turnus.kit.processes import is_alive


def check_output(path: Path | None, endings: Sequence[str], *, source: Path | None = None) -> None:
    """Refuse a file that could not be written, or that is the one being read; no `endings`: any will do."""
    if path is None or (str(path) == "-" and not endings):
        return
    if endings and path.suffix.lower() not in endings:
        raise UserError("output.ending", file=path.name, endings=", ".join(endings))
    if path.is_dir():
        raise UserError("output.is_folder", path=str(path))
    if not path.absolute().parent.is_dir():
        raise UserError("output.no_folder", folder=str(path.absolute().parent))
    if source and path.exists() and source.exists() and path.samefile(source):
        raise UserError("output.is_source", path=str(path))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name of a file to write; it takes the place of `path` once it is complete, and is gone after an error.

    The new file has the rights of the one it replaces. Raises UserError where it cannot be written.
    """
    if path.exists() and not path.is_file():
        # What is no file (/dev/null, a pipe) is written to, never replaced.
        with _refusing(path):
            yield path
        return
    target = path.resolve()
    draft = target.with_name(f".{target.stem}.turnus-{os.getpid()}{target.suffix}")
    _remove_left_over(target)
    try:
        with _refusing(path):
            _begin(draft, target)
            yield draft
            _settle(draft)
            draft.replace(target)
    finally:
        with suppress(OSError):
            draft.unlink()


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # whoever reads has enough
    except OSError as error:
        raise UserError(
            "output.refused", path=str(path), reason=error.strerror or str(error)
        ) from error


def _remove_left_over(target: Path) -> None:
    """Remove the drafts of commands that were killed on this file."""
    for draft in target.parent.glob(
        f".{glob.escape(target.stem)}.turnus-*{glob.escape(target.suffix)}"
    ):
        process = draft.stem.rpartition("-")[2]
        with suppress(OSError):
            if process.isdecimal() and not is_alive(int(process)):
                draft.unlink()


def _begin(draft: Path, target: Path) -> None:
    """Make the draft before a line stands in it, so that never more people can read it than the file it replaces."""
    draft.unlink(missing_ok=True)
    draft.touch(exist_ok=False)
    if target.exists():
        before = target.stat()
        draft.chmod(stat.S_IMODE(before.st_mode))
        with suppress(OSError):  # only root may give a file away
            os.chown(draft, before.st_uid, before.st_gid)


def _settle(draft: Path) -> None:
    """Wait until the draft is on the disk: a name that changed before its contents would be an empty file after a power cut."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def into_output(path: Path, *, of_stdout: str) -> Iterator[Path]:
    """Give the name of a file to write as `replacing` does; `-` is the standard output, where a file `of_stdout` is written whole."""
    if str(path) != "-":
        with replacing(path) as draft:
            yield draft
        return
    with TemporaryDirectory() as folder:
        whole = Path(folder) / of_stdout
        yield whole
        with whole.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def write_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8; `-` is the standard output."""
    with into_output(path, of_stdout="text") as draft:
        draft.write_text(text, encoding="utf-8")
