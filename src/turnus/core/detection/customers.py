"""Who the customer of each deal is: its ID, else its name as people mean it."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from turnus.core.detection.facts import Sold
from turnus.core.detection.renamed import renamed
from turnus.core.naming import name_key

#: Legal forms as they stand once punctuation is gone; the longer before those they contain.
_FORMS = (
    "gmbh und co kg",
    "gmbh und co kgaa",
    "ag und co kg",
    "ug haftungsbeschraenkt",
    "ug haftungsbeschrankt",
    "gesmbh",
    "ggmbh",
    "gmbh",
    "mbh",
    "kgaa",
    "ohg",
    "gbr",
    "partg mbb",
    "partg",
    "e k",
    "ek",
    "e v",
    "ev",
    "e g",
    "eg",
    "kg",
    "ag",
    "ug",
    "se",
    "sarl",
    "s a r l",
    "sa",
    "s a",
    "ltd",
    "limited",
    "llc",
    "llp",
    "plc",
    "inc",
    "corp",
    "co",
    "b v",
    "bv",
    "n v",
    "nv",
    "oy",
    "ab",
    "aps",
    "as",
    "srl",
    "s r l",
    "spa",
    "s p a",
)


def without_form(key: str) -> str:
    """Return a compared name without its legal form: "kuehn gmbh" is "kuehn"."""
    for form in _FORMS:
        if key.endswith(" " + form):
            return key[: -len(form) - 1]
    return key


def customers_of(sold: Sequence[Sold]) -> tuple[list[int], list[str]]:
    """Return each deal's customer as a number, and the name of each number.

    Numbers follow the order of the names' keys.

    An ID decides where the file has one. A name without a legal form is the one customer that is
    called so with a form; of several, the one of the same person. Rows without an organization
    belong to the one that their person always appears with.
    """
    named_keys = _keys(sold)
    keys = renamed(sold, named_keys)
    known = sorted(set(keys))
    numbers = {key: number for number, key in enumerate(known)}
    names: dict[str, str] = {}
    for key, deal in zip(named_keys, sold, strict=True):
        name = " ".join((deal.organization or deal.person).split())
        names[key] = max(
            names.get(key, ""), name, key=lambda each: (len(each), each)
        )
    return [numbers[key] for key in keys], [names[key] for key in known]


def _keys(sold: Sequence[Sold]) -> list[str]:
    organizations = _resolved(sold)
    of_person = _sole(
        (_person(deal), key)
        for deal, key in zip(sold, organizations, strict=True)
    )
    keys = []
    for deal, key in zip(sold, organizations, strict=True):
        person = _person(deal)
        keys.append(key or of_person.get(person) or person)
    return keys


def _person(deal: Sold) -> str:
    if deal.person_id:
        return f"p#{deal.person_id}"
    key = _key(deal.person)
    return f"p:{key}" if key else ""


def _key(name: str) -> str:
    """Return the key of a name.

    Empty for one without any letter or digit, which names nobody here.
    """
    key = name_key(name)
    return key if any(sign.isalnum() for sign in key) else ""


def _resolved(sold: Sequence[Sold]) -> list[str]:
    """Return the organization of each deal, empty without one; a bare name as the one it means."""
    keys = [
        f"o#{deal.organization_id}"
        if deal.organization_id
        else _key(deal.organization)
        for deal in sold
    ]
    formed: dict[str, set[str]] = defaultdict(set)
    for key in set(keys):
        if key and without_form(key) != key:
            formed[without_form(key)].add(key)
    of_person = _sole(
        ((_person(deal), without_form(key)), key)
        for deal, key in zip(sold, keys, strict=True)
        if key not in formed
    )
    resolved = []
    for deal, key in zip(sold, keys, strict=True):
        candidates = formed.get(key, ())
        if len(candidates) == 1:
            resolved.append(next(iter(candidates)))
        else:
            resolved.append(
                of_person.get((_person(deal), key), key)
                if candidates and _person(deal)
                else key
            )
    return resolved


def _sole(pairs: Iterable[tuple[Hashable, str]]) -> Mapping[Hashable, str]:
    """Return what each key always stands with; nothing for a key that stands with several."""
    found: dict[Hashable, set[str]] = defaultdict(set)
    for key, other in pairs:
        if key and other:
            found[key].add(other)
    return {
        key: next(iter(others))
        for key, others in found.items()
        if len(others) == 1
    }
