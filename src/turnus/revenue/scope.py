"""Which subscriptions and terms count, for the person who asks and the day they ask about.

Figures are made of nothing else (decision 0013).
"""

from django.db.models import F, Q, QuerySet

from turnus.accounts.viewer import Viewer
from turnus.revenue.models import Subscription, Term, imported_terms


def visible_subscriptions(viewer: Viewer) -> QuerySet[Subscription]:
    """Return the subscriptions that count: not in the trash, and seen by the person who asks."""
    return Subscription.objects.present().visible_to(viewer.user)


def counted_terms_now() -> QuerySet[Term]:
    """Return the terms that count by everything that is known.

    Their deal is won and not in the trash, or a file brought them.
    """
    booked = Q(
        deal__status="won", deal__trashed_at__isnull=True, price_e4__gte=0
    )
    return Term.objects.filter(booked | imported_terms())


def waiting_terms(terms: QuerySet[Term]) -> QuerySet[Term]:
    """Return those of `terms` that cover days and whose deal does not book them (yet).

    It is open, lost or in the trash.
    """
    booked = Q(deal__status="won", deal__trashed_at__isnull=True)
    return terms.filter(
        deal__isnull=False, ends_on__gt=F("starts_on")
    ).exclude(booked)


def counted_terms(viewer: Viewer) -> QuerySet[Term]:
    """Return the terms of all subscriptions that count, as known when `viewer` says."""
    terms = counted_terms_now()
    if viewer.known_on is None:
        return terms
    was_won = Q(deal__isnull=True) | Q(deal__won_on__lte=viewer.known_on)
    return terms.filter(was_won, recorded_at__lt=viewer.recorded_before)
