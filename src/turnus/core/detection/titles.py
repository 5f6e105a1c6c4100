"""What a deal's title says once the noise of copying is gone.

That is the service, not the copy's number, month or customer.
"""

import re
from collections import Counter
from functools import lru_cache

from turnus.core.detection.customers import without_form
from turnus.core.folding import fold
from turnus.core.naming import name_key

_MONTHS = (
    "januar|februar|marz|maerz|april|mai|juni|juli|august|september|oktober|november|dezember"
    "|january|february|march|may|june|july|october|december"
    "|jan|feb|mar|mrz|apr|jun|jul|aug|sep|sept|okt|oct|nov|dez|dec"
)
#: Words that copying adds, or that stand where nobody thought of a title.
_NOISE = re.compile(
    rf"\b(?:{_MONTHS}|q[1-4]|kopie|copy|of|von|verlaengerung|verlangerung|renewal|erneuerung"
    rf"|folgeauftrag|follow ?up|neu|new|deal|auftrag|order|abo|abonnement"
    r"|subscription|rechnung|invoice|angebot|offer|quote|vertrag|contract|laufzeit|term|fuer"
    r"|fur|for|nr|no|w?\d+\w?)\b"
)
_WORK = re.compile(
    r"\b(?:einrichtung\w*|installation\w*|inbetriebnahme|setup|set up|schulung\w*|training\w*"
    r"|workshop\w*|seminar\w*|umzug|move|relocation|migration\w*"
    r"|onboarding|einmalig\w*|beratungstag\w*|konzept\w*|audit\w*|projekt|project|catering"
    r"|messebau|reparatur\w*|repair\w*|hardware\w*"
    r"|uebersetzung\w*|ubersetzung\w*|translation\w*|gutachten|shooting|\w*shooting|sonder\w+"
    r"|special order|toner|\w*patronen|laptops?|notebooks?"
    r"|kauf|purchase|relaunch|redesign|event|feier|\w*feier)\b"
)
#: What is sold by the month or the year, and what people write on a copy that renews something.
_SERVICE = re.compile(
    r"(?:abo\b|abonnement|subscri|verlaengerung|verlangerung|erneuerung|renewal|renew\b|wartung"
    r"|maintenance|support|hosting|lizenz|licen[cs]e|service"
    r"|betreuung|pflege|miete|\brent|leasing|\blease|retainer|backup|monitoring|ueberwachung"
    r"|uberwachung|versicherung|insurance|mitglied|member"
    r"|flatrate|cloud|managed|domain|newsletter|\bsaas\b|vertrag|contract|lieferung|beauftragt"
    r"|buchhaltung|bookkeeping|payroll)"
)
#: What says by itself that it is paid again and again.
_SUBSCRIPTION = re.compile(
    r"\babo\b|abonnement|subscri|verlaengerung|verlangerung|erneuerung|renew"
)
_OTHER = re.compile(r"[\W_]+")


def service_named(title: str, customer: str) -> str:
    """Return the words of a title that name the service, sorted, empty when none is left.

    >>> service_named("Kühn GmbH - Support-Paket Gold (Kopie) Oktober 2022", "Kühn GmbH")
    'gold paket support'
    >>> service_named("-", "Kühn GmbH")
    ''
    """
    key = name_key(title)
    for name in (name_key(customer), without_form(name_key(customer))):
        if name:
            key = key.replace(name, " ")
    words = set(_NOISE.sub(" ", key).split())
    return " ".join(sorted(word for word in words if _names_something(word)))


def _names_something(word: str) -> bool:
    """Return whether a word is more than a dash that stands for a title."""
    return any(sign.isalnum() for sign in word)


def is_work(title: str) -> bool:
    """Return whether the title names work that is done once."""
    return _WORK.search(_OTHER.sub(" ", fold(title))) is not None


def is_service(title: str) -> bool:
    """Return whether the title names what is sold by time, or says that it is a renewal."""
    return (
        not is_work(title)
        and _SERVICE.search(_OTHER.sub(" ", fold(title))) is not None
    )


def is_subscription(title: str) -> bool:
    """Return whether the title calls itself a subscription or a renewal."""
    return (
        not is_work(title)
        and _SUBSCRIPTION.search(_OTHER.sub(" ", fold(title))) is not None
    )


@lru_cache(maxsize=100_000)
def likeness(title: str, other: str) -> float:
    """Return how alike two named services are, from 0 to 1.

    The same service is 1, one with a typing error 0.9. For any others it is half the share
    of the letter triples that they have in common.

    >>> likeness("hosting pro", "hosting pro"), likeness("hosting pro", "hostnig pro")
    (1.0, 0.9)
    >>> likeness("hosting", "wartung") < 0.2
    True
    >>> likeness("l server", "s server") < 0.5
    True
    """
    if title == other:
        return 1.0
    # Letters swapped, doubled or missing: the same letters but for two.
    # Another place or size differs by more.
    is_near = len(_letters(title) ^ _letters(other)) <= 2
    if is_near and not _differ_in_a_size(title, other):
        return 0.9
    triples = _triples(title)
    other_triples = _triples(other)
    return len(triples & other_triples) / len(triples | other_triples) / 2


def _differ_in_a_size(title: str, other: str) -> bool:
    """Return whether each has a word of one letter that the other lacks: server L, server S."""
    words = set(title.split())
    other_words = set(other.split())
    return any(len(word) == 1 for word in words - other_words) and any(
        len(word) == 1 for word in other_words - words
    )


@lru_cache(maxsize=20_000)
def _letters(text: str) -> frozenset[tuple[str, int]]:
    """Return the letters of a text, each with how often it has come before: `a0 n0 n1 a1`."""
    counts: Counter[str] = Counter()
    letters = []
    for letter in text.replace(" ", ""):
        letters.append((letter, counts[letter]))
        counts[letter] += 1
    return frozenset(letters)


@lru_cache(maxsize=20_000)
def _triples(text: str) -> frozenset[str]:
    padded = f" {text} "
    return frozenset(
        padded[index : index + 3] for index in range(len(padded) - 2)
    )
