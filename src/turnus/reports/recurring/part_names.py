"""The names behind the parts of a figure: customers, subscriptions, deals, events.

A few queries for all parts together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from turnus.accounts.viewer import Viewer
from turnus.contacts.models import Organization, Person
from turnus.core.customers import Customer
from turnus.core.money import Money
from turnus.history.models import Event
from turnus.reports.shape import Group, Part
from turnus.revenue.models import Subscription
from turnus.revenue.scope import counted_terms
from turnus.sales.models import Deal

#: Parts named at a time: what a database takes as values of one query.
_BLOCK = 5_000
_DAY = timedelta(days=1)
#: What happened on the day after a term's last day.
_AFTER_THE_TERM = frozenset({"ended", "lapsed", "paused"})


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part as it is shown; a deal or customer that the person may not see has no name and no id.

    `imported_from` is the file that brought the term, where no deal books it: empty if somebody
    else imported it, None where a deal books it.
    """

    customer: str
    organization: int | None
    person: int | None
    subscription: int | None
    subscription_name: str
    deal: int | None
    deal_title: str
    imported_from: str | None
    on: date | None
    what: str
    amount: Money | int
    #: The event of the subscription's history that did it, when, and who; None where a deal did.
    event: int | None
    event_at: datetime | None
    event_by: str


def named_parts(
    group: Group, viewer: Viewer, *, limit: int | None = None
) -> list[NamedPart]:
    """Return the parts with their names, the largest amounts first, at most `limit`.

    Six queries for each five thousand.
    """
    rest = iter(sorted(group.parts, key=_largest_first)[:limit])
    result: list[NamedPart] = []
    while block := list(islice(rest, _BLOCK)):
        result += _Names(block, viewer).named(group)
    return result


def _largest_first(part: Part) -> tuple[object, ...]:
    return -abs(part.amount), part.customer, part.subscription or 0


@dataclass(frozen=True, slots=True)
class EventShown:
    """An event: when it happened, and who did it."""

    id: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a term goes back to: its deal, or the file that brought it.

    `file` is empty if somebody else brought it, None where there is none.
    """

    deal: int | None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class _TermStart:
    on: date
    origin: Origin


class _Names:
    """The names that `viewer` may see behind some parts."""

    def __init__(self, parts: Sequence[Part], viewer: Viewer) -> None:
        customers = [Customer.of_key(part.customer) for part in parts]
        organizations = _present(
            customer.organization_id for customer in customers
        )
        persons = _present(customer.person_id for customer in customers)
        subscriptions = _present(part.subscription for part in parts)
        self.organizations = _names(Organization, organizations, viewer)
        self.persons = _names(Person, persons, viewer)
        self.subscriptions = _names(Subscription, subscriptions, viewer)
        self.starts = _term_starts(subscriptions, viewer)
        self.parts = parts
        self.origins = [self._origin(part) for part in parts]
        deals = _present(origin.deal for origin in self.origins)
        events = _present(part.event for part in parts)
        self.deals = _titles(deals, viewer)
        self.events = events_shown(events)

    def named(self, group: Group) -> list[NamedPart]:
        """Return the parts of `group` with their names."""
        pairs = zip(self.parts, self.origins, strict=True)
        return [self._named(part, origin, group) for part, origin in pairs]

    def _named(self, part: Part, origin: Origin, group: Group) -> NamedPart:
        customer = Customer.of_key(part.customer)
        organization = _if_seen(customer.organization_id, self.organizations)
        person = _if_seen(customer.person_id, self.persons)
        deal = _if_seen(origin.deal, self.deals)
        event = self.events.get(part.event or 0)
        organization_name = _name(organization, self.organizations)
        person_name = _name(person, self.persons)
        return NamedPart(
            customer=organization_name or person_name,
            organization=organization,
            person=person,
            subscription=part.subscription,
            subscription_name=_name(part.subscription, self.subscriptions),
            deal=deal,
            deal_title=_name(deal, self.deals),
            imported_from=origin.file,
            on=part.on,
            what=part.what,
            amount=group.rounded(part),
            event=event.id if event else None,
            event_at=event.at if event else None,
            event_by=event.by if event else "",
        )

    def _origin(self, part: Part) -> Origin:
        """Return what a part goes back to: what the term does which runs on its day.

        Of what ended, that is the term of the day before.
        """
        if part.on is None or part.is_of_deal:
            return Origin(part.deal)
        day = part.on
        if part.what in _AFTER_THE_TERM:
            day -= _DAY
        starts = self.starts.get(part.subscription or 0, [])
        for start in reversed(starts):
            if start.on <= day:
                return start.origin
        return Origin(part.deal)


def _present(ids: Iterable[int | None]) -> set[int]:
    return {pk for pk in ids if pk}


def _if_seen(pk: int | None, names: Mapping[int, str]) -> int | None:
    return pk if pk in names else None


def _name(pk: int | None, names: Mapping[int, str]) -> str:
    return names.get(pk or 0, "")


def _names(
    model: type[Organization] | type[Person] | type[Subscription],
    ids: set[int],
    viewer: Viewer,
) -> Mapping[int, str]:
    visible = model.objects.visible_to(viewer.user)
    names = visible.filter(pk__in=ids).values_list("pk", "name")
    return dict(names)


def _titles(ids: set[int], viewer: Viewer) -> Mapping[int, str]:
    visible = Deal.objects.visible_to(viewer.user)
    titles = visible.filter(pk__in=ids).values_list("pk", "title")
    return dict(titles)


def events_shown(ids: set[int]) -> Mapping[int, EventShown]:
    """Return events by id; one query. For events of subscriptions that the person may see."""
    rows = Event.objects.filter(pk__in=ids).values_list("pk", "at", "by__name")
    return {pk: EventShown(pk, at, name or "") for pk, at, name in rows}


def _term_starts(
    subscriptions: set[int], viewer: Viewer
) -> Mapping[int, list[_TermStart]]:
    """Return the terms of each subscription in order; one query."""
    terms = counted_terms(viewer).filter(subscription__in=subscriptions)
    in_order = terms.order_by("number")
    columns = (
        "subscription_id",
        "starts_on",
        "deal_id",
        "run__title",
        "run__by",
    )
    starts: dict[int, list[_TermStart]] = defaultdict(list)
    for pk, start, deal, title, importer in in_order.values_list(*columns):
        file = None if deal else _file(title, importer, viewer)
        origin = Origin(deal, file)
        starts[pk].append(_TermStart(start, origin))
    return starts


def _file(
    title: str | None, importer: int | None, viewer: Viewer
) -> str | None:
    """Return the name of a file: only whoever imported it, and admins, learn what it is called."""
    if title is None:
        return None
    is_own = viewer.user.is_admin or importer == viewer.user.pk
    return title if is_own else ""
