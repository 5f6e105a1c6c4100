"""Talking to a terminal: lines of output, a progress bar, questions with defaults."""

import getpass
import sys
from collections.abc import Callable, Iterable


def tell(text: str = "") -> None:
    """Write a line of output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def is_plain() -> bool:
    """Return whether the terminal can only show ASCII."""
    return not (sys.stdout.encoding or "").lower().startswith("utf")


def tell_all(lines: Iterable[str]) -> None:
    """Write lines for a person; letters that the terminal cannot show become question marks."""
    for line in lines:
        if is_plain():
            tell(line.encode("ascii", "replace").decode())
        else:
            tell(line)


def progress(label: str) -> Callable[[int, int], None]:
    """Return a function that draws a progress bar; it is silent without a terminal."""

    def draw(done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        share = min(done / total, 1) if total else 0
        bar = "#" * int(share * 30)
        is_done = total > 0 and done >= total
        end = "\n" if is_done else ""
        sys.stderr.write(f"\r{label} [{bar:<30}] {done:,}/{total:,}{end}")
        sys.stderr.flush()

    return draw


def ask(question: str, default: str = "") -> str:
    """Ask on the terminal; no answer means the default. Raises UserError if nobody can answer."""
    prompt = f"{question} [{default}]: " if default else f"{question}: "
    return _answer(input, prompt).strip() or default


def ask_secret(question: str) -> str:
    """Ask without showing what is typed. Raises UserError if nobody can answer."""
    return _answer(getpass.getpass, f"{question}: ")


def _answer(read: Callable[[str], str], prompt: str) -> str:
    from turnus.kit.errors import UserError

    try:
        return read(prompt)
    except EOFError:
        tell()
        raise UserError(
            "answer.missing", question=prompt.rstrip(": ")
        ) from None
