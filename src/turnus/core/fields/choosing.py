"""Cells -> choices: options, users, stages, labels and all else that has known words."""

from turnus.core.fields.currencies import currency_of
from turnus.core.fields.errors import ParseError
from turnus.core.fields.letters import plain
from turnus.core.fields.rules import Choices
from turnus.core.fields.texts import limited, text_of
from turnus.core.issues import IssueCode
from turnus.core.tables import Cell

#: A word of a choice is no longer than an option may be; longer texts are refused before anything
#: looks into them.
_LONGEST_WORD = 255
_LONGEST_LIST = 10_000
#: So many commas may stand inside one word at the most.
_COMMAS_INSIDE = 8


def choice_in(cell: Cell, choices: Choices | None) -> int | str:
    """Return the stored form of the one choice that a cell names."""
    word = text_of(cell)
    found = found_in(word, choices)
    if found is None:
        raise ParseError(IssueCode.OPTION_UNKNOWN, text=word)
    return found


def currency_in(cell: Cell, choices: Choices | None) -> int | str:
    """Return the currency that a cell names by its code, a word of the company, or a sign."""
    word = text_of(cell)
    code = currency_of(plain(word)) if len(word) <= _LONGEST_WORD else None
    found = found_in(word, choices)
    if found is None and code is not None:
        found = found_in(code, choices)
    if found is None:
        raise ParseError(IssueCode.OPTION_UNKNOWN, text=word)
    return found


def found_in(word: str, choices: Choices | None) -> int | str | None:
    """Return the choice called `word`, invisible signs aside; None if there is none."""
    if choices is None or len(word) > _LONGEST_WORD:
        return None
    found = choices.find(word)
    if found is None and not word.isascii():
        found = choices.find(plain(word))
    return found


def choices_in(cell: Cell, choices: Choices | None) -> tuple[int, ...]:
    """Return the stored forms of the choices that a cell lists, separated by commas."""
    text = limited(text_of(cell), _LONGEST_LIST)
    parts = [part for part in text.split(",") if part.strip()]
    found: set[int] = set()
    start = 0
    while start < len(parts):
        end = _end_of_word(parts, start, choices)
        choice = choice_in(_word(parts, start, end), choices)
        found.add(int(choice))
        start = end
    return tuple(sorted(found))


def _end_of_word(parts: list[str], start: int, choices: Choices | None) -> int:
    """Return where the word ends that begins with the part `start`.

    A word may have commas of its own: the longest beginning that is known is one.
    """
    longest = min(len(parts), start + _COMMAS_INSIDE)
    for end in range(longest, start, -1):
        if found_in(_word(parts, start, end), choices) is not None:
            return end
    return start + 1


def _word(parts: list[str], start: int, end: int) -> str:
    return ",".join(parts[start:end]).strip()
