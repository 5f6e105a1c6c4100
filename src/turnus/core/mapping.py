"""Which column of a file is which field, by its heading in either language, old words and new."""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache

from turnus.core.currencies import CODES, SIGNS
from turnus.core.folding import fold, visible_letters

#: Dashes of any kind, which separate the record from the field, and underscores, which machines
#: write for spaces.
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | {"_": " ", "*": " "})
#: Quotation marks that a broken file leaves in its headings.
_STRAY = " :\"'“”„‟«»‚‘’`´"
#: Signs of currencies that are no letters, perhaps with letters before them: US$.
_SIGNS = re.escape(
    "".join(sign for sign in SIGNS if len(sign) == 1 and not sign.isalpha())
)
_UNIT = rf"[A-Z]{{3}}|[A-Z]{{0,3}}[{_SIGNS}]|%|Euro|kr\.?|S?Fr\.?|zł|Kč"
#: A unit behind the name of an amount: `Betrag (€)`, `Betrag in EUR`, `Umsatz [CHF]`, `Wert €`.
_WITH_UNIT = re.compile(
    r"(?P<name>.*?\S)\s*"
    rf"(?:[(\[]\s*(?:in\s+)?(?P<inside>{_UNIT})\s*[)\]]|[\s,]+(?:in\s+)?(?P<behind>{_UNIT}))"
)

Names = Mapping[str, Iterable[str]]


def heading_key(heading: str) -> str:
    r"""Return a heading as it is compared: folded, without invisible letters and stray marks.

    The asterisk of required columns is a stray mark as well.

    >>> heading_key("Deal - Gewonnen am *"), heading_key("Deal – Won  time")
    ('deal - gewonnen am', 'deal - won time')
    >>> heading_key('\ufeff"Won_time')
    'won time'
    """
    with_plain_dashes = visible_letters(heading).translate(_DASHES)
    return fold(with_plain_dashes.strip(_STRAY)).strip(_STRAY)


def loose_key(heading: str) -> str:
    """Return the letters and digits of a heading, for those that match none letter for letter.

    >>> loose_key("Gewonnen-Datum"), loose_key("E-mail 1 - Value"), loose_key("wonTime")
    ('gewonnendatum', 'email1value', 'wontime')
    """
    return "".join(
        letter for letter in heading_key(heading) if letter.isalnum()
    )


def without_unit(heading: str) -> tuple[str, str]:
    """Return the name and the unit of a heading; the unit is empty where it has none.

    >>> without_unit("Betrag (€)"), without_unit("Betrag in EUR"), without_unit("Phase (Pipeline)")
    (('Betrag', '€'), ('Betrag', 'EUR'), ('Phase (Pipeline)', ''))
    >>> without_unit("Subscription - MRR"), without_unit("Amount (US$)")
    (('Subscription - MRR', ''), ('Amount', 'US$'))
    """
    match = _WITH_UNIT.fullmatch(heading.strip())
    if match is None:
        return heading, ""
    unit = match["inside"] or match["behind"]
    is_like_code = unit.isascii() and unit.isalpha() and unit.isupper()
    if is_like_code and unit not in CODES:
        return heading, ""
    return match["name"], unit


def guess(
    headings: Sequence[str],
    names: Names,
    *,
    others: Names | None = None,
    repeatable: Container[str] = (),
) -> list[str | None]:
    """Return for each heading the field path it names, None where none does.

    `names` lists for every field path the headings that mean it, the most telling fields first;
    `others` further ones, which mean it only where no field is called so. What is written letter
    for letter comes before what differs in dashes, spaces or a unit. A field is given to one column
    only, the first that names it; but for `repeatable` ones, which several columns may fill.
    """
    result: list[str | None] = [None] * len(headings)
    taken: set[str] = set()
    for read in _readings(names, others or {}):
        for index, heading in enumerate(headings):
            if result[index] is not None:
                continue
            path = read(heading)
            if path is None or path in taken:
                continue
            result[index] = path
            if path not in repeatable:
                taken.add(path)
    return result


def _readings(
    names: Names, others: Names
) -> Iterable[Callable[[str], str | None]]:
    """Yield ways to read a heading, the strictest first."""
    loose = [_certain_meanings(tier, loose_key) for tier in (names, others)]
    for tier in (names, others):
        yield _reading(_meanings(tier, heading_key), heading_key)
    for meanings in loose:
        yield _reading(meanings, loose_key)
    for meanings in loose:
        yield _reading(
            meanings, lambda heading: loose_key(without_unit(heading)[0])
        )


def _reading(
    meanings: Mapping[str, str], key_of: Callable[[str], str]
) -> Callable[[str], str | None]:
    return lambda heading: meanings.get(key_of(heading))


def _meanings(names: Names, key_of: Callable[[str], str]) -> dict[str, str]:
    meanings: dict[str, str] = {}
    for path, aliases in names.items():
        for alias in aliases:
            meanings.setdefault(_key_of_name(alias, key_of), path)
    return meanings


def _certain_meanings(
    names: Names, key_of: Callable[[str], str]
) -> dict[str, str]:
    """Return what keys mean that belong to one field only.

    `Plan A-1` and `Plan A1` share a loose key, and are told apart letter for letter.
    """
    paths_of: dict[str, set[str]] = {}
    for path, aliases in names.items():
        for alias in aliases:
            key = _key_of_name(alias, key_of)
            paths_of.setdefault(key, set()).add(path)
    return {
        key: paths.pop() for key, paths in paths_of.items() if len(paths) == 1
    }


@lru_cache(maxsize=16_384)
def _key_of_name(name: str, key_of: Callable[[str], str]) -> str:
    """Return the key of a name of a field.

    Fields have some thousand names, the same for every file; headings of files are not remembered.
    """
    return key_of(name)
