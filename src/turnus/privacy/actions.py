"""Erasing a person's data, everywhere."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from turnus.accounts.access import Permission
from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.contacts.actions_erasing import anonymise_person
from turnus.contacts.models import Person
from turnus.core.records import RecordKind
from turnus.core.redacting import Redaction
from turnus.detection.actions_erasing import redact_proposals
from turnus.exports.actions import delete_all_exports
from turnus.history.actions_erasing import (
    erase_events,
    redact_events,
    redact_runs,
)
from turnus.imports.actions_erasing import (
    redact_imports,
    refuse_while_importing,
)
from turnus.jobs.actions_pruning import redact_jobs
from turnus.kit.errors import UserError
from turnus.listing.actions_erasing import redact_filters
from turnus.privacy.queries import deals_of, subscriptions_of, words_of
from turnus.revenue.subscriptions.actions.redact import redact_subscriptions
from turnus.sales.actions_erasing import redact_deals


def require_admin(by: User) -> None:
    """Refuse with `access.denied` whoever is not an admin.

    A person's data is in records that others may not see.
    """
    if not by.is_admin or not by.is_active:
        raise UserError("access.denied", permission=str(Permission.COMPANY))


def erase_person(*, person: Person, by: User, at: datetime) -> str:
    """Remove everything that tells who a person was, for good; return the name that replaces it.

    The record stays, nameless and empty, with its deals, subscriptions and their amounts. What
    texts, history, stored plans of imports, proposals, filters and errors say about the person is
    replaced; uploaded files and generated exports are deleted, for nobody can know what they say.
    Refused while an import is running.

    What is found by the person's names comes first and the person last: after a failure, the
    erasure can be started again.
    """
    require_admin(by)
    refuse_while_importing()
    with override(company().language):
        name = _("Erased person %(number)s") % {"number": person.pk}
    redaction = Redaction(words_of(person), name)
    redact_imports(redaction)
    delete_all_exports()
    redact_proposals(redaction)
    redact_filters(redaction)
    redact_jobs(redaction)
    redact_runs(redaction)
    _erase_records(person, redaction, by=by, at=at)
    return name


@transaction.atomic
def _erase_records(
    person: Person, redaction: Redaction, *, by: User, at: datetime
) -> None:
    deals = deals_of(person)
    subscriptions = subscriptions_of(person)
    redact_deals(deals, redaction, at=at)
    redact_events(RecordKind.DEAL, deals, redaction)
    redact_subscriptions(subscriptions, redaction, at=at)
    redact_events(RecordKind.SUBSCRIPTION, subscriptions, redaction)
    anonymise_person(person, name=redaction.stand_in, at=at)
    erase_events(RecordKind.PERSON, person.pk, by_id=by.pk, at=at)
