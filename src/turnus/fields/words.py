"""Words of fields and choices in every language: they stand in the message catalogs.

Their context there is "field", or what they are about. Files carry them, and read them back.
"""

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.utils.formats import get_format
from django.utils.functional import Promise
from django.utils.translation import override

from turnus.core.fields import Notation


class Words(Mapping[str, str]):
    """One text by language, for every language of the product; looked up when it is needed."""

    def __init__(self, text: Promise) -> None:
        self._text = text
        self._found: dict[str, str] = {}

    def __getitem__(self, language: str) -> str:
        if language not in self._found:
            if language not in languages():
                raise KeyError(language)
            with override(language):
                self._found[language] = str(self._text)
        return self._found[language]

    def __iter__(self) -> Iterator[str]:
        return iter(languages())

    def __len__(self) -> int:
        return len(languages())


def languages() -> list[str]:
    """Return the codes of the languages that have a catalog; English needs none."""
    return [code for code, _name in settings.LANGUAGES]


def notation_of(language: str) -> Notation:
    """Return how numbers and days are written in a language."""
    mark = get_format("DECIMAL_SEPARATOR", lang=language, use_l10n=True)
    return Notation(decimal_comma=mark == ",", day_first=True)


def delimiter_of(language: str) -> str:
    """Return what spreadsheets of a language expect between the columns of a CSV file."""
    return ";" if notation_of(language).decimal_comma else ","
