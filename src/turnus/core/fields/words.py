"""Words that stand for no value: spreadsheet errors, and what is written for nothing."""

import re

#: Error values of Excel, Google Sheets and LibreOffice, in English and German. Sources: the
#: functions' help pages of each (ERROR.TYPE / FEHLER.TYP), and LibreOffice's list of error codes.
_ERRORS = frozenset(
    {
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#N/A!",
        "#GETTING_DATA",
        "#SPILL!",
        "#CONNECT!",
        "#BLOCKED!",
        "#UNKNOWN!",
        "#FIELD!",
        "#CALC!",
        "#BUSY!",
        "#PYTHON!",
        "#EXTERNAL!",
        "#TIMEOUT!",
        "#ERROR!",
        "#FMT",
        "#MACRO?",
        "#LOADING...",
        "#WERT!",
        "#BEZUG!",
        "#ZAHL!",
        "#NV",
        "#ÜBERLAUF!",
        "#UEBERLAUF!",
        "#VERBINDEN!",
        "#BLOCKIERT!",
        "#UNBEKANNT!",
        "#FELD!",
        "#KALK!",
        "#DATEN_ABRUFEN",
        "#DATEN WERDEN ABGERUFEN",
        "#BESCHÄFTIGT!",
        "#FEHLER!",
        "#LEER!",
    }
)
#: LibreOffice's numbered errors; and a cell whose column is too narrow.
_OTHER_ERRORS = re.compile(
    r"(?:Err|Fehler|Error):\s?\d{3}|#{2,}", re.IGNORECASE
)
#: First letters of all of these: other cells need no closer look.
_FIRST_LETTERS = frozenset("#EeFf")
_LONGEST_ERROR = 300

#: What programs write for nothing, letter for letter: Null with one capital is a surname, Nan a
#: first name.
_OF_PROGRAMS = frozenset(
    {
        "NULL",
        "null",
        "(NULL)",
        "(null)",
        "<NULL>",
        "<null>",
        "[NULL]",
        "[null]",
        "\\N",
        "nan",
        "NaN",
        "NAN",
        "<NA>",
        "<na>",
        "NaT",
        "None",
        "nil",
        "undefined",
        "UNDEFINED",
        "(leer)",
        "(Leer)",
        "(blank)",
        "(Blank)",
        "(empty)",
        "(none)",
        "(keine)",
        "#NULL",
        "[object Object]",
    }
)
#: What people write, in any case and without its spaces.
_OF_PEOPLE = frozenset(
    {
        "-",
        "--",
        "---",
        "–",
        "—",
        "n/a",
        "n.a.",
        "na",
        "n.v.",
        "n/v",
        "k.a.",
        "k.a",
        "k/a",
        "keine",
        "keiner",
        "kein",
        "keineangabe",
        "keineangaben",
        "none",
        "leer",
        "empty",
        "blank",
        "nichtvorhanden",
        "notavailable",
        "notapplicable",
        "entfällt",
        "./.",
        "?",
        "??",
        "???",
        "/",
        "//",
        "x.x",
    }
)
_LONGEST_EMPTY = 20
#: First letters of all of these: most cells need no closer look.
_FIRST_OF_EMPTY = frozenset(
    word[0].lower() for words in (_OF_PROGRAMS, _OF_PEOPLE) for word in words
)


def is_error_word(text: str) -> bool:
    """Return whether `text` is what a spreadsheet shows where there is no result.

    >>> is_error_word("#ÜBERLAUF!"), is_error_word("Err:502"), is_error_word("#1 Consulting")
    (True, True, False)
    """
    if not text or text[0] not in _FIRST_LETTERS or len(text) > _LONGEST_ERROR:
        return False
    return text.upper() in _ERRORS or _OTHER_ERRORS.fullmatch(text) is not None


def is_programs_blank(text: str) -> bool:
    """Return whether `text` is how a program writes that there is nothing: NULL, nan, (leer)."""
    return text in _OF_PROGRAMS


def is_word_for_nothing(text: str) -> bool:
    """Return whether a text says, in the word of a program or a person, that there is nothing.

    >>> tuple(map(is_word_for_nothing, ("NULL", "k. A.", "Null", "NULL GmbH")))
    (True, True, False, False)
    """
    if len(text) > _LONGEST_EMPTY or text[:1].lower() not in _FIRST_OF_EMPTY:
        return False
    return text in _OF_PROGRAMS or "".join(text.lower().split()) in _OF_PEOPLE
