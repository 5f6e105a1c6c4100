"""What a deal's title says once the noise of copying is gone: the service, not the copy's number, month or customer."""

import re
from functools import lru_cache

from turnus.core.folding import fold
from turnus.core.recognise.customers import name_key, without_form

_MONTHS = "januar|februar|marz|maerz|april|mai|juni|juli|august|september|oktober|november|dezember|january|february|march|may|june|july|october|december|jan|feb|mar|mrz|apr|jun|jul|aug|sep|sept|okt|oct|nov|dez|dec"
#: Words that copying adds, or that stand where nobody thought of a title.
_NOISE = re.compile(
    rf"\b(?:{_MONTHS}|q[1-4]|kopie|copy|of|von|verlaengerung|verlangerung|renewal|erneuerung|folgeauftrag|neu|new|deal|auftrag|order|abo|abonnement"
    r"|subscription|rechnung|invoice|angebot|offer|quote|vertrag|contract|laufzeit|term|fuer|fur|for|nr|no|w?\d+\w?)\b"
)
_WORK = re.compile(
    r"\b(?:einrichtung\w*|installation\w*|inbetriebnahme|setup|set up|schulung\w*|training\w*|workshop\w*|seminar\w*|umzug|move|relocation|migration\w*"
    r"|onboarding|einmalig\w*|beratungstag\w*|konzept\w*|audit\w*|projekt|project|catering|messebau|reparatur\w*|repair\w*|hardware\w*"
    r"|kauf|purchase|relaunch|redesign|event|feier|\w*feier)\b"
)
_OTHER = re.compile(r"[\W_]+")


def service_named(title: str, customer: str) -> str:
    """Return the words of a title that name the service, sorted, empty when none is left.

    >>> service_named("Kühn GmbH - Support-Paket Gold (Kopie) Oktober 2022", "Kühn GmbH")
    'gold paket support'
    """
    key = name_key(title)
    for name in (name_key(customer), without_form(name_key(customer))):
        if name:
            key = key.replace(name, " ")
    return " ".join(sorted(set(_NOISE.sub(" ", key).split())))


def is_work(title: str) -> bool:
    """Say whether the title names work that is done once."""
    return _WORK.search(_OTHER.sub(" ", fold(title))) is not None


@lru_cache(maxsize=100_000)
def likeness(one: str, other: str) -> float:
    """Return how alike two named services are, 1 for the same, 0 for nothing in common: the share of common letter triples.

    >>> likeness("hosting pro", "hosting pro"), likeness("hosting", "wartung") < 0.3
    (1.0, True)
    """
    if one == other:
        return 1.0
    mine, theirs = _triples(one), _triples(other)
    return len(mine & theirs) / len(mine | theirs)


@lru_cache(maxsize=20_000)
def _triples(text: str) -> frozenset[str]:
    padded = f" {text} "
    return frozenset(padded[index : index + 3] for index in range(len(padded) - 2))
