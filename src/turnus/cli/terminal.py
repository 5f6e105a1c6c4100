"""Talking to a terminal: lines of output, a progress bar on a terminal only, questions with defaults."""

import getpass
import sys
from collections.abc import Callable, Iterable
from pathlib import Path


def tell(text: str = "") -> None:
    """Write a line of output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def is_plain() -> bool:
    """Return whether the terminal knows ASCII only."""
    return not (sys.stdout.encoding or "").lower().startswith("utf")


def tell_all(lines: Iterable[str]) -> None:
    """Write lines for a person; letters that the terminal does not know become question marks."""
    for line in lines:
        tell(line.encode("ascii", "replace").decode() if is_plain() else line)


def progress(label: str) -> Callable[[int, int], None]:
    """Return a function that draws how far something is; it stays silent where nobody looks."""

    def draw(done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        share = min(done / total, 1) if total else 0
        bar = "#" * int(share * 30)
        sys.stderr.write(
            f"\r{label} [{bar:<30}] {done:,}/{total:,}" + ("\n" if total and done >= total else "")
        )
        sys.stderr.flush()

    return draw


def ask(question: str, default: str = "") -> str:
    """Ask on the terminal; an empty answer means the default. Raises UserError where nobody can answer."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    return _answer(input, shown).strip() or default


def ask_secret(question: str) -> str:
    """Ask without showing what is typed. Raises UserError where nobody can answer."""
    return _answer(getpass.getpass, f"{question}: ")


def _answer(read: Callable[[str], str], shown: str) -> str:
    from turnus.kit.errors import UserError

    try:
        return read(shown)
    except EOFError:
        tell()
        raise UserError("answer.missing", question=shown.rstrip(": ")) from None


def first_line(file: Path) -> str:
    """Return the first line of a file that holds a password; raises UserError if the file cannot be read."""
    from turnus.kit.errors import UserError

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError("file.missing", path=str(file)) from None
    return text.partition("\n")[0].rstrip("\r")
