"""Reading the radar: what is found and not dismissed, by money; and the names for a page of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.accounts.queries import rates
from turnus.contacts.queries import names_seen
from turnus.core.money import Money, Rates
from turnus.fields.changing import blocks
from turnus.listing.links import Unseen
from turnus.radar.credits import credits_without_end
from turnus.radar.duplicates import deals_twice, subscriptions_twice
from turnus.radar.findings import Finding, FindingKind, NamedFinding
from turnus.radar.gaps import missed_terms, missing_numbers, unbooked_terms
from turnus.radar.models import Dismissal
from turnus.revenue.models import Subscription

_BLOCK = 2_000
_NAMES = ("pk", "name", "organization_name", "person_name")


@dataclass(frozen=True, slots=True)
class FindingSums:
    """All findings of one kind: how many, and the money at stake by currency."""

    kind: FindingKind
    count: int
    sums: tuple[Money, ...]


def findings(user: User, *, on: date, dismissed: bool = False) -> list[Finding]:
    """Return what is found of what `user` may see, the most money first.

    `dismissed`: what people dismissed, instead of the rest. About a dozen queries whatever there
    is, and the time of reading the terms' numbers once.
    """
    dismissals = set(Dismissal.objects.values_list("kind", "one", "other"))
    found = []
    for finding in _everything(user, on):
        is_dismissed = (str(finding.kind), finding.one, finding.other) in dismissals
        if is_dismissed == dismissed:
            found.append(finding)
    ids = {finding.subscription_id for finding in found}
    seen = _among(ids, Subscription.objects.present().visible_to(user))
    visible = [finding for finding in found if finding.subscription_id in seen]
    known_rates = rates()
    return sorted(visible, key=lambda finding: _order(finding, known_rates, on))


def _order(finding: Finding, known_rates: Rates, on: date) -> tuple[int, date, str]:
    """Return what sorts findings: the most money first; without a rate by the bare amount."""
    amount_e4 = finding.money.amount_e4
    converted_e4 = known_rates.convert(amount_e4, finding.money.currency, on)
    most_first = -(amount_e4 if converted_e4 is None else converted_e4)
    return most_first, finding.on, finding.key


def totals(found: Iterable[Finding]) -> list[FindingSums]:
    """Return how many findings of each kind there are, and their money."""
    amounts: dict[FindingKind, dict[str, int]] = {}
    counts: dict[FindingKind, int] = {}
    for finding in found:
        kind = finding.kind
        currency = finding.money.currency
        counts[kind] = counts.get(kind, 0) + 1
        own = amounts.setdefault(kind, {})
        own[currency] = own.get(currency, 0) + finding.money.amount_e4
    return [
        FindingSums(kind, counts[kind], _sums(amounts[kind]))
        for kind in FindingKind
        if kind in counts
    ]


def _sums(amounts: dict[str, int]) -> tuple[Money, ...]:
    return tuple(
        Money(amount_e4, currency) for currency, amount_e4 in sorted(amounts.items())
    )


def changeable(found: Sequence[Finding], user: User) -> list[Finding]:
    """Return the findings about subscriptions that `user` may change.

    A query for each two thousand.
    """
    ids = {finding.subscription_id for finding in found}
    mine = _among(ids, Subscription.objects.editable_by(user))
    return [finding for finding in found if finding.subscription_id in mine]


def named(found: Sequence[Finding], user: User) -> list[NamedFinding]:
    """Return findings with the names of subscription and customer.

    Two queries for each two thousand.
    """
    names: dict[int, str] = {}
    customers: dict[int, str] = {}
    mine: set[int] = set()
    ids = {finding.subscription_id for finding in found}
    for block in blocks(sorted(ids), _BLOCK):
        own = Subscription.objects.filter(pk__in=block)
        contacts = own.annotate(**names_seen(user))
        rows = contacts.values_list(*_NAMES)
        for pk, name, organization, person in rows:
            names[pk] = name
            customers[pk] = organization or person or str(Unseen.CONTACT)
        editable = Subscription.objects.editable_by(user).filter(pk__in=block)
        mine.update(editable.values_list("pk", flat=True))
    result = []
    for finding in found:
        pk = finding.subscription_id
        result.append(NamedFinding(finding, names[pk], customers[pk], pk in mine))
    return result


def _everything(user: User, on: date) -> Iterator[Finding]:
    yield from missed_terms(on)
    yield from missing_numbers()
    yield from unbooked_terms(user, on)
    yield from deals_twice(user)
    yield from subscriptions_twice(user)
    yield from credits_without_end(user, on)


def _among(ids: Iterable[int], subscriptions: QuerySet[Subscription]) -> set[int]:
    """Return those of `ids` that are among `subscriptions`."""
    found: set[int] = set()
    for block in blocks(sorted(ids), _BLOCK):
        found.update(subscriptions.filter(pk__in=block).values_list("pk", flat=True))
    return found
