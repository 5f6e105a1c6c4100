"""Reading the radar: what is found and not dismissed, by money; and the names for a page of it."""

from collections import defaultdict
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


def findings(
    user: User, *, on: date, dismissed: bool = False
) -> list[Finding]:
    """Return what is found of what `user` may see, the most money first.

    `dismissed`: what people dismissed, instead of the rest. About a dozen queries whatever there
    is, and the time of reading the terms' numbers once.
    """
    dismissals = set(Dismissal.objects.values_list("kind", "one", "other"))
    found = []
    for finding in _everything(user, on):
        dismissal = (str(finding.kind), finding.one, finding.other)
        is_dismissed = dismissal in dismissals
        if is_dismissed == dismissed:
            found.append(finding)
    subscription_ids = _subscription_ids(found)
    subscriptions = Subscription.objects.present().visible_to(user)
    visible_ids = _among(subscription_ids, subscriptions)
    visible = [each for each in found if each.subscription_id in visible_ids]
    present_rates = rates()
    return sorted(
        visible, key=lambda finding: _order(finding, present_rates, on)
    )


def _subscription_ids(found: Iterable[Finding]) -> set[int]:
    return {finding.subscription_id for finding in found}


def _order(
    finding: Finding, present_rates: Rates, on: date
) -> tuple[int, date, str]:
    """Return what sorts findings: the most money first; without a rate by the bare amount."""
    money = finding.money
    amount_e4 = present_rates.convert(money.amount_e4, money.currency, on)
    if amount_e4 is None:
        amount_e4 = money.amount_e4
    return -amount_e4, finding.on, finding.key


def totals(found: Iterable[Finding]) -> list[FindingSums]:
    """Return how many findings of each kind there are, and their money."""
    by_kind: dict[FindingKind, list[Money]] = defaultdict(list)
    for finding in found:
        by_kind[finding.kind].append(finding.money)
    sums_of_kinds = []
    for kind in FindingKind:
        amounts = by_kind.get(kind)
        if amounts:
            sums = _sums(amounts)
            sums_of_kinds.append(FindingSums(kind, len(amounts), sums))
    return sums_of_kinds


def _sums(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Return the sum of each currency, in order of the currencies."""
    sums_e4: dict[str, int] = defaultdict(int)
    for money in amounts:
        sums_e4[money.currency] += money.amount_e4
    in_order = sorted(sums_e4)
    return tuple(Money(sums_e4[currency], currency) for currency in in_order)


def changeable(found: Sequence[Finding], user: User) -> list[Finding]:
    """Return the findings about subscriptions that `user` may change.

    A query for each two thousand.
    """
    editable = Subscription.objects.editable_by(user)
    editable_ids = _among(_subscription_ids(found), editable)
    return [
        finding for finding in found if finding.subscription_id in editable_ids
    ]


def named(found: Sequence[Finding], user: User) -> list[NamedFinding]:
    """Return findings with the names of subscription and customer.

    Two queries for each two thousand.
    """
    names: dict[int, str] = {}
    customers: dict[int, str] = {}
    editable_ids: set[int] = set()
    ids = sorted(_subscription_ids(found))
    for block in blocks(ids, _BLOCK):
        subscriptions = Subscription.objects.filter(pk__in=block)
        with_contacts = subscriptions.annotate(**names_seen(user))
        for pk, name, organization, person in with_contacts.values_list(
            *_NAMES
        ):
            names[pk] = name
            customers[pk] = organization or person or str(Unseen.CONTACT)
        editable = Subscription.objects.editable_by(user).filter(pk__in=block)
        editable_ids.update(editable.values_list("pk", flat=True))
    result = []
    for finding in found:
        pk = finding.subscription_id
        is_editable = pk in editable_ids
        result.append(
            NamedFinding(finding, names[pk], customers[pk], is_editable)
        )
    return result


def _everything(user: User, on: date) -> Iterator[Finding]:
    yield from missed_terms(on)
    yield from missing_numbers()
    yield from unbooked_terms(user, on)
    yield from deals_twice(user)
    yield from subscriptions_twice(user)
    yield from credits_without_end(user, on)


def _among(
    ids: Iterable[int], subscriptions: QuerySet[Subscription]
) -> set[int]:
    """Return those of `ids` that are among `subscriptions`."""
    found: set[int] = set()
    for block in blocks(sorted(ids), _BLOCK):
        in_block = subscriptions.filter(pk__in=block)
        found.update(in_block.values_list("pk", flat=True))
    return found
