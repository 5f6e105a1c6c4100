"""Signs and words for currencies as people put them beside amounts."""

from collections.abc import Mapping

from turnus.core.currencies import SIGNS

#: Words beside the signs of `core.currencies`, as people write them.
_WORDS: Mapping[str, str] = {
    "euro": "EUR",
    "euros": "EUR",
    "fr": "CHF",
    "sfr": "CHF",
    "lei": "RON",
    "dm": "DEM",
}
#: Signs and words by their folded form: people write "KČ" and "ft".
_MEANINGS: Mapping[str, str] = {
    **{sign.casefold(): code for sign, code in SIGNS.items()},
    **_WORDS,
}
#: Signs that several countries use: only a person knows which is meant.
_SHARED = frozenset(
    {"kr", "kr.", "rs", "rs.", "₨", "r", "din", "din.", "د.إ", "﷼"}
)
#: Words of three letters beside amounts that are no currencies.
_QUANTITIES = frozenset(
    {
        "mio",
        "mrd",
        "tsd",
        "mil",
        "stk",
        "std",
        "net",
        "ust",
        "vat",
        "inc",
        "zzg",
        "mon",
        "qty",
        "pcs",
        "max",
        "min",
    }
)
_CODE_LENGTH = 3


def currency_of(word: str) -> str | None:
    """Return the ISO 4217 code that `word` beside an amount means; None if it means none.

    A word that several currencies are called by is returned as it is; `is_code` tells the two
    apart.

    >>> currency_of("R$"), currency_of("chf"), currency_of("kr"), currency_of("netto")
    ('BRL', 'CHF', 'kr', None)
    """
    key = word.casefold()
    if key in _MEANINGS:
        return _MEANINGS[key]
    if key in _SHARED:
        return word
    is_code_like = (
        len(word) == _CODE_LENGTH
        and word.isascii()
        and word.isalpha()
        and key not in _QUANTITIES
    )
    return word.upper() if is_code_like else None


def is_code(currency: str) -> bool:
    """Return whether `currency` is a three-letter code, not a sign of several currencies."""
    return (
        len(currency) == _CODE_LENGTH
        and currency.isascii()
        and currency.isalpha()
        and currency.isupper()
    )
