"""Undoing a run while others work: no deal comes back to a contact that goes to the trash."""

import pytest

from tests.at_once import at_once
from tests.conftest import AT
from tests.world import World
from turnus.contacts.actions import trash_contacts
from turnus.contacts.models import Organization
from turnus.core.records import RecordKind
from turnus.history.undoing import UndoResult
from turnus.sales.actions_bulk import change_many, undo_many
from turnus.sales.models import Deal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("on_disk"),
]


@pytest.mark.parametrize("attempt", range(5))
def test_a_contact_goes_to_the_trash_or_gets_its_deal_back_not_both(
    world: World, attempt: int
) -> None:
    first = world.organization("Elbe")
    second = world.organization("Spree")
    deal = world.deal(organization=first.pk)
    run = change_many(
        RecordKind.DEAL,
        records=Deal.objects.all(),
        by=world.admin,
        at=AT,
        values={"organization": second.pk},
        title=f"{attempt}",
    )

    def undo() -> UndoResult:
        return undo_many(run_id=run.pk, by=world.admin, at=AT)

    def trash() -> int | str:
        return trash_contacts(
            RecordKind.ORGANIZATION,
            records=Organization.objects.filter(pk=first.pk),
            by=world.admin,
            at=AT,
        )

    undone, trashed = at_once(undo, trash)
    deal.refresh_from_db()
    is_back = deal.organization_id == first.pk
    assert is_back == (not undone.conflicts)
    assert trashed == ("contact.has_deals" if is_back else 1)
    assert (first in Organization.objects.present()) == is_back
