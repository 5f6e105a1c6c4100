"""The names behind the parts of a figure: customers, subscriptions and the deal that a part goes back to; a few queries for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from turnus.accounts.viewer import Viewer
from turnus.contacts.models import Organization, Person
from turnus.core.customers import Customer
from turnus.core.money import Money
from turnus.history.models import Event
from turnus.reports.shape import Group, Part
from turnus.revenue.loading import counted_terms
from turnus.revenue.models import Subscription
from turnus.sales.models import Deal

#: Parts named at a time: what a database takes as values of one query.
_BLOCK = 5_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part as it is shown; a deal or a customer that the person may not see has no name and no id.

    `imported_from` is the file that brought the term, where no deal books it: empty if somebody else imported it, None
    where a deal books it.
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


def named(group: Group, viewer: Viewer, *, limit: int | None = None) -> list[NamedPart]:
    """Return the parts with their names, the largest amounts first; at most `limit`; six queries for each five thousand."""
    ordered = sorted(
        group.parts, key=lambda one: (-abs(one.amount), one.customer, one.subscription or 0)
    )
    rest = iter(ordered[:limit])
    result: list[NamedPart] = []
    while block := list(islice(rest, _BLOCK)):
        result += _named(block, group, viewer)
    return result


def _named(block: Sequence[Part], group: Group, viewer: Viewer) -> list[NamedPart]:
    customers = [Customer.of_key(one.customer) for one in block]
    organizations = _names(
        Organization, {each.id for each in customers if not each.is_person}, viewer
    )
    persons = _names(Person, {each.id for each in customers if each.is_person}, viewer)
    subscriptions = _names(
        Subscription, {one.subscription for one in block if one.subscription}, viewer
    )
    bases = _bases(block, viewer)
    titles = _titles({deal for deal, _file in bases if deal}, viewer)
    events = events_named({one.event for one in block if one.event})
    result = []
    for one, customer, (deal, file) in zip(block, customers, bases, strict=True):
        names = persons if customer.is_person else organizations
        is_visible = customer.id in names
        shown = deal if deal in titles else None
        result.append(
            NamedPart(
                names.get(customer.id, ""),
                customer.organization_id if is_visible else None,
                customer.person_id if is_visible else None,
                one.subscription,
                subscriptions.get(one.subscription or 0, ""),
                shown,
                titles.get(shown or 0, ""),
                file,
                one.on,
                one.what,
                group.rounded(one),
                *events.get(one.event or 0, (None, None, "")),
            )
        )
    return result


def _names(
    model: type[Organization] | type[Person] | type[Subscription],
    ids: set[int],
    viewer: Viewer,
) -> Mapping[int, str]:
    return dict(model.objects.visible_to(viewer.user).filter(pk__in=ids).values_list("pk", "name"))


def _titles(ids: set[int], viewer: Viewer) -> Mapping[int, str]:
    return dict(Deal.objects.visible_to(viewer.user).filter(pk__in=ids).values_list("pk", "title"))


def events_named(ids: set[int]) -> Mapping[int, tuple[int, datetime, str]]:
    """Return id -> (id, when, who) of events; one query. For events of subscriptions that the person may see."""
    rows = Event.objects.filter(pk__in=ids).values_list("pk", "at", "by__name")
    return {pk: (pk, at, name or "") for pk, at, name in rows}


#: What a term goes back to: its deal, or the file that brought it; empty if somebody else's, None where there is none.
Basis = tuple[int | None, str | None]


def _bases(block: Sequence[Part], viewer: Viewer) -> list[Basis]:
    """Return what each part goes back to: the basis of the term which runs on its day, or ended the day before."""
    ids = {one.subscription for one in block if one.subscription}
    terms: dict[int, list[tuple[date, Basis]]] = {}
    counted = counted_terms(viewer).filter(subscription__in=ids).order_by("number")
    columns = ("subscription_id", "starts_on", "deal_id", "run__title", "run__by")
    for pk, start, deal, title, importer in counted.values_list(*columns):
        is_told = (
            viewer.user.is_admin or importer == viewer.user.pk
        )  # files are called by whoever imports them
        file = (title if is_told else "") if title is not None else None
        terms.setdefault(pk, []).append((start, (deal, None if deal else file)))
    return [_basis(one, terms.get(one.subscription or 0, [])) for one in block]


def _basis(part: Part, terms: Sequence[tuple[date, Basis]]) -> Basis:
    if part.on is None or part.is_of_deal:
        return part.deal, None
    day = part.on - _DAY if part.what in {"ended", "lapsed", "paused"} else part.on
    return next((basis for start, basis in reversed(terms) if start <= day), (part.deal, None))
