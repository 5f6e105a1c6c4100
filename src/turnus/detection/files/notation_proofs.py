"""What a column leaves open about how it is written, and what else in the file proves it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from turnus.core.detection.facts import Sold
from turnus.core.detection.fitting import Fit, fit_of
from turnus.core.fields import Notation
from turnus.core.fields.notation import (
    guess_notation,
    needs_day_first,
    needs_decimal_comma,
)
from turnus.core.folding import fold
from turnus.core.mapping import heading_key
from turnus.detection.files.deals import DealSheet
from turnus.detection.files.fields import FIELDS
from turnus.fields.choices import STATUS_WORDS
from turnus.imports.files import NOTATION_ROWS

#: A reading is proven if at least this share of the distances fits it, and at most
#: that share fits the other reading.
_FITS, _FITS_NOT = 0.75, 0.35
_LEAST_DISTANCES = 3
#: Signs of a language beside the column itself that prove it; one alone may be chance.
_LEAST_SIGNS = 2
_DOTTED_DAY = re.compile(r"\s*\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}\b")
_NUMBER = re.compile(r"\s*[-+]?\d[\d.,]*\s*")


@dataclass(frozen=True, slots=True)
class Proof:
    """How a column is written, and why that is known: `code` has its sentence, with `params`."""

    index: int
    notation: Notation
    code: str
    params: Mapping[str, str | int]


def proof_of_numbers(sheet: DealSheet, notation: Notation) -> Proof | None:
    """Return the notation of the values if the file proves it.

    1.200 in a German file is 1200, and so is 1,200 in an English one.

    None where the column itself is clear, or where nothing proves it; nobody writes 1.200
    for 1.2.
    """
    index = sheet.columns["value"]
    texts = [
        text for text in _texts(sheet, index) if needs_decimal_comma(text)
    ]
    if notation.decimal_comma is not None or not texts:
        return None
    marks = {mark for text in texts for mark in ".," if mark in text}
    is_german = marks == {"."} and _signs_of_german(sheet) >= _LEAST_SIGNS
    is_english = marks == {","} and _signs_of_english(sheet) >= _LEAST_SIGNS
    if not (is_german or is_english):
        return None
    code = "history.numbers_german" if is_german else "history.numbers_english"
    params = {"column": sheet.heading("value"), "text": texts[0]}
    return Proof(
        index, replace(notation, decimal_comma=is_german), code, params
    )


def proof_of_dates(
    sheet: DealSheet,
    notation: Notation,
    sold_if: Callable[[Notation], Iterable[Sold]],
) -> Proof | None:
    """Return the notation of the won times if only one reading makes copies of the deals.

    `sold_if` reads the deals in one notation.

    None where the column says it itself, or where both readings, or none, fit the plans.
    """
    index = sheet.columns["won_at"]
    if notation.day_first is not None or not any(
        map(needs_day_first, _texts(sheet, index))
    ):
        return None
    fits = {
        is_first: fit_of(sold_if(replace(notation, day_first=is_first)))
        for is_first in (True, False)
    }
    proven = [
        is_first
        for is_first, fit in fits.items()
        if _is_proven(fit, fits[not is_first])
    ]
    if len(proven) != 1:
        return None
    fit, other = fits[proven[0]], fits[not proven[0]]
    params: dict[str, str | int] = {
        "column": sheet.heading("won_at"),
        "fitting": fit.fitting,
        "distances": fit.distances,
        "other": other.fitting,
    }
    code = (
        "history.dates_day_first" if proven[0] else "history.dates_month_first"
    )
    return Proof(index, replace(notation, day_first=proven[0]), code, params)


def _is_proven(fit: Fit, other: Fit) -> bool:
    return (
        fit.distances >= _LEAST_DISTANCES
        and fit.share >= _FITS
        and other.share <= _FITS_NOT
    )


def _signs_of_german(sheet: DealSheet) -> int:
    """Return how many signs say that the file is German; 0 where one says that it is English."""
    german, english = _signs(sheet)
    return 0 if english else german


def _signs_of_english(sheet: DealSheet) -> int:
    german, english = _signs(sheet)
    return 0 if german else english


def _signs(sheet: DealSheet) -> tuple[int, int]:
    """Return the number of signs of German and of English.

    Signs are the separator, headings, words, days, and other numbers.
    """
    delimiter = sheet.source.delimiter
    words = (
        {fold(text) for text in _texts(sheet, sheet.columns["status"])}
        if "status" in sheet.columns
        else set()
    )
    numbers = _other_numbers(sheet)
    has_dotted_days = any(
        _DOTTED_DAY.match(text)
        for text in _texts(sheet, sheet.columns["won_at"])
    )
    german = [
        delimiter == ";",
        _has_headings(sheet, "de"),
        bool(words & _status_words("de")),
        has_dotted_days,
        True in numbers,
    ]
    english = [
        delimiter == ",",
        _has_headings(sheet, "en"),
        bool(words & _status_words("en")),
        False in numbers,
    ]
    return sum(german), sum(english)


def _has_headings(sheet: DealSheet, language: str) -> bool:
    """Return whether a heading is a field's name in this language and not in the other one."""
    other = "en" if language == "de" else "de"
    bilingual = [
        path
        for path in sheet.columns
        if {"de", "en"} <= FIELDS[path].names.keys()
    ]
    telling = (
        _heading_keys(path, language) - _heading_keys(path, other)
        for path in bilingual
    )
    return any(
        heading_key(sheet.heading(path)) in keys
        for path, keys in zip(bilingual, telling, strict=True)
    )


def _heading_keys(path: str, language: str) -> set[str]:
    field = FIELDS[path]
    return {
        heading_key(name)
        for name in (field.name(language), field.heading(language))
    }


def _other_numbers(sheet: DealSheet) -> set[bool]:
    """Return what other columns prove: a decimal comma (True), a decimal point (False)."""
    found = set()
    for index in range(len(sheet.table.headings)):
        if index not in {sheet.columns["value"], sheet.columns["won_at"]}:
            is_comma = guess_notation(
                text
                for text in _texts(sheet, index)
                if _NUMBER.fullmatch(text)
            ).decimal_comma
            if is_comma is not None:
                found.add(is_comma)
    return found


def _texts(sheet: DealSheet, index: int) -> list[str]:
    cells = (row.cells[index] for row in sheet.rows[:NOTATION_ROWS])
    return [cell for cell in cells if isinstance(cell, str)]


@cache
def _status_words(language: str) -> frozenset[str]:
    return frozenset(
        fold(words.shown[language]) for words in STATUS_WORDS.values()
    )
