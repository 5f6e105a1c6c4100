"""Cells -> texts: as they were typed, within the length that a field holds."""

import re
from datetime import datetime

from turnus.core.cut_texts import is_cut, without_controls
from turnus.core.fields.errors import ParseError
from turnus.core.fields.letters import shown_number, visible
from turnus.core.fields.notes import Notes
from turnus.core.fields.phones import is_phone
from turnus.core.fields.values import Address
from turnus.core.issues import IssueCode
from turnus.core.tables import Cell, FormattedNumber, UnreadCell

#: Longest texts by kind (pipedrive.md: Lengths of text).
LONGEST_LARGE_TEXT = 65_000
LONGEST_TEXT = 255
#: What a spreadsheet shows of a number with more than eleven digits: the number of a contract, of
#: an account.
_SCIENTIFIC = re.compile(r"\d[.,]\d+E\+\d{2,3}", re.IGNORECASE)
_LONGEST_SCIENTIFIC = 30


def text_of(cell: Cell) -> str:
    """Return a cell as the text that a person sees in it, with newlines as line ends."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, FormattedNumber):
        return shown_number(cell)
    if isinstance(cell, UnreadCell):
        return cell.text
    return without_controls(str(cell)).strip()


def limited(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return `text` if it is not longer than `limit`, else raise TOO_LONG."""
    if len(text) > limit:
        raise ParseError(IssueCode.TOO_LONG, length=len(text), limit=limit)
    return text


def text_in(cell: Cell, notes: Notes, *, longest: int) -> str:
    """Return the text of a cell; notes it where a spreadsheet has shortened a number.

    Raises TEXT_CUT for a text that an export had to cut: it would take the place of the whole one.
    """
    whole = text_of(cell)
    if len(whole) > LONGEST_TEXT and is_cut(whole):
        raise ParseError(IssueCode.TEXT_CUT)
    text = limited(whole, longest)
    if len(text) <= _LONGEST_SCIENTIFIC and _SCIENTIFIC.fullmatch(text):
        notes.add(IssueCode.DIGITS_LOST, text=text)
    return text


def address_in(cell: Cell) -> Address:
    """Return the address in a cell; its parts are not known."""
    return Address(limited(text_of(cell)))


def phone_in(cell: Cell, notes: Notes) -> str | None:
    """Return the phone number in a cell as it was typed; None with a note if it cannot be one."""
    text = limited(visible(text_of(cell)))
    if is_phone(text):
        return text
    notes.add(IssueCode.PHONE_INVALID, text=text)
    return None
