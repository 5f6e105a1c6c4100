"""Whether a won deal pays for days that a subscription's term stands for already.

By customer, amount and days, then by words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from turnus.core.calendar import DateRange
from turnus.core.detection.titles import is_work, likeness, service_named
from turnus.core.naming import name_key

#: A copy made by hand is dated a working day or two before the day that it is meant for.
EARLY_DAYS = 3
#: A long term is renewed earlier: so much of it, up to so many days. A deal in its last days means
#: the next one.
_EARLY_SHARE, _EARLY_MOST = 0.05, 20
#: A deal of another name repeats a term only near the term's first day: so much of the term's days,
#: within these bounds.
_NEAR_SHARE = 0.15
_NEAR_LEAST, _NEAR_MOST = timedelta(days=3), timedelta(days=31)
#: But for a typing error, or the same.
_SAME = 0.9
#: Beyond such a jump a price is no change of price.
_PRICE_JUMP = 2.3
#: What says how often is paid, or that something is paid, and names no service.
_RHYTHM = re.compile(
    r"\b(?:\w*jaehrlich\w*|\w*jahrlich\w*|\w*monatlich\w*|\w*woechentlich\w*|\w*wochentlich\w*"
    r"|taeglich|taglich|jahr\w*|monat\w*|woche\w*|quartal\w*"
    r"|year\w*|annual\w*|month\w*|week\w*|quarter\w*|daily|semi|half|bi|zweimal|einmal|alle"
    r"|twice|once|every|mal|x|a|per|pro|im|in|der|the"
    r"|ein|zwei|drei|two|three|zahlung\w*|payment\w*|beitrag\w*|gebuehr\w*|gebuhr\w*|fee|betrag"
    r"|plan|periode|period|wiederkehrend\w*|recurring"
    r"|import|gewonnen|won)\b"
)


class Wording(StrEnum):
    """What a deal's title says of a subscription, the telling first."""

    #: It names the same service.
    SAME = "same"
    #: It names no service at all: the customer, "Renewal", a month, how often is paid.
    NOTHING = "nothing"
    #: It names another one.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sale:
    """A won deal, positive, of a customer of these names; `value_e4` in ten-thousandths."""

    title: str
    customers: tuple[str, ...]
    won_on: date
    value_e4: int


@dataclass(frozen=True, slots=True)
class PaidTime:
    """A term, booked or due: its days, what it may have cost, and what it is called.

    `amounts_e4` holds its own price, its deal's value, and those of the term before, for a copy is
    made of the deal before.
    """

    subscription: int
    number: int
    days: DateRange
    amounts_e4: frozenset[int]
    names: tuple[str, ...]
    #: The stored term; None for one that is due.
    term: int | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """The term that a deal pays for, once more or first, and what the title says of it."""

    time: PaidTime
    wording: Wording


def early_days(days: DateRange) -> int:
    """Return how many days before its first day a deal may pay for a term.

    Three, of long terms 5 %, at most 20.

    >>> ends = (date(2018, 2, 1), date(2018, 4, 1), date(2019, 1, 1))
    >>> [early_days(DateRange(date(2018, 1, 1), end)) for end in ends]
    [3, 4, 18]
    """
    share = round((days.end - days.start).days * _EARLY_SHARE)
    return max(EARLY_DAYS, min(share, _EARLY_MOST))


def covering(
    sale: Sale, times: Iterable[PaidTime], *, at_any_price: bool = False
) -> Cover | None:
    """Return the term that a deal repeats, all of one customer and currency.

    The one that its words mean, then the nearest.

    None where no term has its amount and its day. `at_any_price`: a deal that names the very
    service may cost something else, up to 2.3 times as much or as little.

    >>> november = DateRange(date(2018, 11, 1), date(2018, 12, 1))
    >>> term = PaidTime(7, 3, november, frozenset({1_000_000}), ("Hosting",))
    >>> sale = Sale("Hosting (Kopie)", ("Elbe AG",), date(2018, 11, 27), 1_000_000)
    >>> covering(sale, [term]).wording
    <Wording.SAME: 'same'>
    >>> covering(Sale("Drucker", ("Elbe AG",), date(2018, 11, 27), 1_000_000), [term]) is None
    True
    """
    found = [
        Cover(time, wording)
        for time in times
        if (wording := _wording(sale, time, at_any_price=at_any_price))
        is not None
    ]
    return min(
        found, key=lambda cover: _order(cover, sale.won_on), default=None
    )


def wording(
    title: str, names: Iterable[str], customers: Sequence[str]
) -> Wording:
    """Return what a deal's title says of a subscription that is called `names`.

    >>> misspelled = wording("Hostnig 2018", ["Hosting"], ["Elbe AG"])
    >>> wording("Elbe AG", ["Hosting"], ["Elbe AG"]), misspelled.value
    (<Wording.NOTHING: 'nothing'>, 'same')
    """
    own = service(title, tuple(customers))
    if not own:
        return Wording.NOTHING
    theirs = (service(name, tuple(customers)) for name in names)
    return (
        Wording.SAME
        if any(_is_same(own, each) for each in theirs)
        else Wording.OTHER
    )


@lru_cache(maxsize=100_000)
def service(title: str, customers: tuple[str, ...]) -> str:
    """Return the words of a title that name a service, sorted.

    Empty where only the customer, a rhythm or a copy is named.
    """
    named = service_named(title, next(iter(customers), ""))
    people = {word for name in customers for word in name_key(name).split()}
    return " ".join(
        word for word in _RHYTHM.sub(" ", named).split() if word not in people
    )


def _is_same(one: str, other: str) -> bool:
    if not other:
        return False
    mine, theirs = set(one.split()), set(other.split())
    return mine <= theirs or mine >= theirs or likeness(one, other) >= _SAME


def _wording(
    sale: Sale, time: PaidTime, *, at_any_price: bool
) -> Wording | None:
    """Return what the title says of the term that the deal repeats.

    None where it repeats another one, or none.
    """
    is_same_price = sale.value_e4 in time.amounts_e4
    if not (is_same_price or at_any_price):
        return None
    if not _is_of(sale.won_on, time.days):
        return None
    said = wording(sale.title, time.names, sale.customers)
    if not is_same_price and (
        said is not Wording.SAME or not _is_changed_price(sale.value_e4, time)
    ):
        return None
    if said is Wording.SAME:
        return said
    is_likely = said is Wording.NOTHING or (
        not is_work(sale.title) and sale.won_on <= _near_until(time.days)
    )
    return said if is_likely else None


def _is_of(day: date, days: DateRange) -> bool:
    """Return whether a deal of `day` means the term.

    A short term is as likely paid late as the next one early.
    """
    early = early_days(days)
    end = days.end - timedelta(days=early if early > EARLY_DAYS else 0)
    return days.start - timedelta(days=early) <= day < end


def _is_changed_price(value_e4: int, time: PaidTime) -> bool:
    return any(
        value_e4 < one * _PRICE_JUMP and one < value_e4 * _PRICE_JUMP
        for one in time.amounts_e4
    )


def _near_until(days: DateRange) -> date:
    """Return the last day on which a deal of another name may still repeat the term."""
    share = timedelta(days=round((days.end - days.start).days * _NEAR_SHARE))
    return days.start + min(max(share, _NEAR_LEAST), _NEAR_MOST)


def _order(cover: Cover, won_on: date) -> tuple[int, int, int, int]:
    time = cover.time
    apart = abs((won_on - time.days.start).days)
    return (
        list(Wording).index(cover.wording),
        apart,
        time.subscription,
        time.number,
    )
