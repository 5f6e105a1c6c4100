"""Files that a command writes: checked before the work starts, complete or not there at all."""

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


def check_output(
    path: Path | None, endings: Sequence[str], *, source: Path | None = None
) -> None:
    """Refuse a file that cannot be written or is being read; without `endings`, any will do."""
    if path is None:
        return
    is_stdout = str(path) == "-" and not endings
    if is_stdout:
        return
    if endings and path.suffix.lower() not in endings:
        raise UserError(
            "output.ending", file=path.name, endings=", ".join(endings)
        )
    if path.is_dir():
        raise UserError("output.is_folder", path=str(path))
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UserError("output.no_folder", folder=str(folder))
    if source is not None and _is_same_file(path, source):
        raise UserError("output.is_source", path=str(path))


def _is_same_file(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a draft to write that replaces `path` once complete; after an error it is deleted.

    The new file has the rights of the one it replaces. Raises UserError where it cannot be written.
    """
    if path.exists() and not path.is_file():
        # /dev/null or a pipe is written to, never replaced.
        with _refusing(path):
            yield path
        return
    target = path.resolve()
    draft = target.with_name(
        f".{target.stem}.turnus-{os.getpid()}{target.suffix}"
    )
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
        raise  # the reader has enough
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            "output.refused", path=str(path), reason=reason
        ) from error


def _remove_left_over(target: Path) -> None:
    """Remove the drafts of commands that were killed while writing this file."""
    stem = glob.escape(target.stem)
    ending = glob.escape(target.suffix)
    for draft in target.parent.glob(f".{stem}.turnus-*{ending}"):
        process = draft.stem.rpartition("-")[2]
        with suppress(OSError):
            if process.isdecimal() and not is_alive(int(process)):
                draft.unlink()


def _begin(draft: Path, target: Path) -> None:
    """Create the draft, still empty, with the rights of the file that it will replace."""
    draft.unlink(missing_ok=True)
    draft.touch(exist_ok=False)
    if target.exists():
        before = target.stat()
        draft.chmod(stat.S_IMODE(before.st_mode))
        with suppress(OSError):  # only root may give a file away
            os.chown(draft, before.st_uid, before.st_gid)


def _settle(draft: Path) -> None:
    """Wait until the draft is on the disk.

    If its name changed before its contents were there, a power cut would leave an empty file.
    """
    with draft.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def into_output(path: Path, *, of_stdout: str) -> Iterator[Path]:
    """Yield a draft to write, as `replacing` does.

    For `-`, it is a file called `of_stdout` that is then copied to the standard output.
    """
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
