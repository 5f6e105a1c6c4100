"""Which column of a file is which field: recognised by its heading in either language, old words and new."""

from collections.abc import Container, Iterable, Mapping, Sequence

from turnus.core.folding import fold


def heading_key(heading: str) -> str:
    """Return a heading as it is compared: folded, without the asterisk of required columns and stray punctuation.

    >>> heading_key("Deal - Gewonnen am *"), heading_key("Deal – Won  time")
    ('deal - gewonnen am', 'deal - won time')
    """
    plain = fold(heading.replace("–", "-").replace("—", "-").replace("*", " ").replace("_", " "))
    return plain.strip(" :")


def guess(
    headings: Sequence[str], names: Mapping[str, Iterable[str]], *, repeatable: Container[str] = ()
) -> list[str | None]:
    """Return for each heading the field path it names, None where none does.

    `names` lists for every field path the headings that mean it, the most telling fields first. A field is given to one column
    only, the first that names it; but for `repeatable` ones, which several columns may fill.
    """
    meanings: dict[str, str] = {}
    for path, aliases in names.items():
        for alias in aliases:
            meanings.setdefault(heading_key(alias), path)
    taken: set[str] = set()
    result: list[str | None] = []
    for heading in headings:
        found = meanings.get(heading_key(heading))
        result.append(None if found in taken else found)
        if found is not None and found not in repeatable:
            taken.add(found)
    return result
