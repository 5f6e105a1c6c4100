"""Doing the work of a form once, however often and however fast it is sent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from django.db import IntegrityError, transaction

from turnus.accounts.models import SentForm, User

#: How long a form is known again: longer than a page stays open in a forgotten tab over a weekend.
_KEPT = timedelta(days=5)


class LedTo(TypedDict, total=False):
    """Where the work of a form led: an address, and what is said there (level, words, tags)."""

    address: str
    messages: Sequence[tuple[int, str, str]]


@dataclass(slots=True)
class Sending:
    """One sending of a form."""

    #: When the form did its work before; None: this sending does it.
    done_at: datetime | None = None
    #: Where the work led: left by the first sending, or to be left by this one. Empty: no work.
    led_to: LedTo = field(default_factory=LedTo)
    #: Set by whoever does the work if it was refused: nothing of it stays.
    is_refused: bool = False


@contextmanager
def sent_once(*, by: User, mark: str, at: datetime) -> Iterator[Sending]:
    """Let the form `mark` of `by` do its work in the block, in one transaction with a note of it.

    A second sending waits for the first and then finds where it led (`done_at`, `led_to`); where
    the first failed, was refused or led nowhere, the second does the work. So there is never a note
    without the work, nor work without the note.
    """
    with transaction.atomic():
        claim, is_new = _claimed(by, mark, at)
        sending = Sending() if is_new else Sending(claim.at, claim.led_to)
        yield sending
        if not is_new:
            return
        if sending.is_refused:
            transaction.set_rollback(True)
        elif sending.led_to:
            claim.led_to = sending.led_to
            claim.save(update_fields=["led_to"])
        else:
            claim.delete()


def _claimed(by: User, mark: str, at: datetime) -> tuple[SentForm, bool]:
    """Return the form's note and whether it is new; PostgreSQL waits here for the same form."""
    try:
        with transaction.atomic():
            return SentForm.objects.create(user=by, mark=mark, at=at), True
    except IntegrityError:
        return SentForm.objects.get(user=by, mark=mark), False


@transaction.atomic
def prune_sent_forms(*, at: datetime) -> int:
    """Forget forms that were sent more than five days ago; return how many."""
    return SentForm.objects.filter(at__lt=at - _KEPT).delete()[0]
