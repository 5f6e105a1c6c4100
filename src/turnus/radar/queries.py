"""Reading the radar: everything that is found and not called right, by money; and the names for a page of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.accounts.queries import rates
from turnus.contacts.queries import names_seen
from turnus.core.money import Money
from turnus.fields.changing import blocks
from turnus.listing.links import Unseen
from turnus.radar.credits import credits_without_end
from turnus.radar.duplicates import deals_twice, subscriptions_twice
from turnus.radar.findings import Finding, Kind, Named
from turnus.radar.gaps import missed_terms, missing_numbers, unbooked_terms
from turnus.radar.models import CalledRight
from turnus.revenue.models import Subscription

_BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """All findings of one kind: how many, and the money at stake by currency."""

    kind: Kind
    count: int
    sums: tuple[Money, ...]


def findings(user: User, *, on: date, called_right: bool = False) -> list[Finding]:
    """Return what is found of what `user` may see, the most money first; `called_right`: what people called right instead.

    About a dozen queries whatever there is, and the time of reading the terms' numbers once.
    """
    right = set(CalledRight.objects.values_list("kind", "one", "other"))
    found = [
        one
        for one in _everything(user, on)
        if ((str(one.kind), one.one, one.other) in right) == called_right
    ]
    seen = _seen(user, {one.subscription_id for one in found})
    known = rates()

    def order(one: Finding) -> tuple[int, date, str]:
        money = known.convert(one.money.amount_e4, one.money.currency, on)
        return -(one.money.amount_e4 if money is None else money), one.on, one.key

    return sorted((one for one in found if one.subscription_id in seen), key=order)


def totals(found: Iterable[Finding]) -> list[Found]:
    """Return how many findings of each kind there are, and their money."""
    sums: dict[Kind, dict[str, int]] = {}
    counts: dict[Kind, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        own = sums.setdefault(one.kind, {})
        own[one.money.currency] = own.get(one.money.currency, 0) + one.money.amount_e4
    return [
        Found(
            kind,
            counts[kind],
            tuple(Money(amount, code) for code, amount in sorted(sums[kind].items())),
        )
        for kind in Kind
        if kind in counts
    ]


def changeable(found: Sequence[Finding], user: User) -> list[Finding]:
    """Return the findings about subscriptions that `user` may change; a query for each two thousand."""
    mine = _among({one.subscription_id for one in found}, Subscription.objects.editable_by(user))
    return [one for one in found if one.subscription_id in mine]


def named(found: Sequence[Finding], user: User) -> list[Named]:
    """Return findings with the names of subscription and customer; two queries for each two thousand."""
    names: dict[int, tuple[str, str]] = {}
    mine: set[int] = set()
    columns = ("pk", "name", "organization_name", "person_name")
    for block in blocks(sorted({one.subscription_id for one in found}), _BLOCK):
        some = Subscription.objects.filter(pk__in=block)
        read = some.annotate(**names_seen(user)).values_list(*columns)
        names |= {
            pk: (name, organization or person or str(Unseen.CONTACT))
            for pk, name, organization, person in read
        }
        mine.update(
            Subscription.objects.editable_by(user).filter(pk__in=block).values_list("pk", flat=True)
        )
    return [Named(one, *names[one.subscription_id], one.subscription_id in mine) for one in found]


def _everything(user: User, on: date) -> Iterator[Finding]:
    yield from missed_terms(on)
    yield from missing_numbers()
    yield from unbooked_terms(user, on)
    yield from deals_twice(user)
    yield from subscriptions_twice(user)
    yield from credits_without_end(user, on)


def _seen(user: User, ids: Iterable[int]) -> set[int]:
    """Return the subscriptions among `ids` that are present and that `user` may see."""
    return _among(ids, Subscription.objects.present().visible_to(user))


def _among(ids: Iterable[int], known: QuerySet[Subscription]) -> set[int]:
    return {
        pk
        for block in blocks(sorted(ids), _BLOCK)
        for pk in known.filter(pk__in=block).values_list("pk", flat=True)
    }
