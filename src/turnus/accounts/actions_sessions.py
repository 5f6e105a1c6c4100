"""Throwing ended sessions away."""

from datetime import datetime

from django.contrib.sessions.models import Session


def clear_sessions(*, at: datetime) -> int:
    """Delete the sessions that ended before a moment; return how many."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]
