"""The one place where a library's error over a damaged file becomes a refusal."""

import logging
import traceback
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import ParseError

from turnus.core.tables import Row
from turnus.kit.errors import UserError
from turnus.sheets.errors import SheetError

log = logging.getLogger(__name__)

#: What libraries raise over damaged files. Anything else is refused and logged as well: it may be
#: our own mistake.
_OF_DAMAGED_FILES = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeError,
)
_OURS = Path(__file__).parents[1]
_LONGEST_REASON = 200


@contextmanager
def damages_named() -> Iterator[None]:
    """Turn whatever goes wrong while a file is read into a SheetError; its cause is kept."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if _is_lack_of_memory(error):
            raise SheetError("sheet.too_much_memory") from None
        if _may_be_ours(error):
            places = _places(error)
            log.error("%r while reading a file: %s", error, places)  # noqa: TRY400 (one line)
        raise SheetError("sheet.broken", reason=_reason(error)) from error


def rows_with_damages_named(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows; what goes wrong while they are read is a SheetError."""
    with damages_named():
        yield from rows


def _is_lack_of_memory(error: Exception) -> bool:
    """Return whether memory ran out, which libraries in C report in words of their own."""
    says_so = isinstance(error, ParseError | zlib.error) and (
        "out of memory" in str(error) or "Error -4" in str(error)
    )
    return says_so or isinstance(error, MemoryError)


def _may_be_ours(error: Exception) -> bool:
    innermost = traceback.extract_tb(error.__traceback__)[-1]
    is_raised_here = Path(innermost.filename).is_relative_to(_OURS)
    is_of_damaged_file = isinstance(error, _OF_DAMAGED_FILES)
    # A LookupError as such is an encoding that nobody knows.
    is_unknown_encoding = type(error) is LookupError
    return is_raised_here and not (is_of_damaged_file or is_unknown_encoding)


def _places(error: Exception) -> str:
    """Return where an error comes from in one line, the innermost place first."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames
    )


def _reason(error: Exception) -> str:
    """Return what an error says, on one line; its class where it says nothing."""
    text = str(error)
    for letter in set(text):
        if not letter.isprintable():
            text = text.replace(letter, " ")
    return text[:_LONGEST_REASON].strip() or type(error).__name__
