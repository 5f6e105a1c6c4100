"""A person's subscriptions without the person's name; what they earn stays."""

from collections.abc import Collection
from datetime import datetime

from turnus.core.records import RecordKind
from turnus.core.redacting import Redaction
from turnus.history.tracked import StoredRow, tracked
from turnus.revenue.models import Subscription

_TEXTS = ("name", "end_reason", "custom")
_NAME_LENGTH = 255
_BLOCK = 500


def redact_subscriptions(
    ids: Collection[int], redaction: Redaction, *, at: datetime
) -> None:
    """Take a person out of all texts of the subscriptions `ids`; for the caller's transaction."""
    derive = tracked(RecordKind.SUBSCRIPTION).derive
    rows = (
        Subscription.objects.filter(pk__in=ids)
        .values()
        .iterator(chunk_size=_BLOCK)
    )
    for stored in rows:
        row: StoredRow = dict(stored)
        before = {name: row[name] for name in _TEXTS}
        after = {name: redaction.value(text) for name, text in before.items()}
        after["name"] = after["name"][:_NAME_LENGTH]
        if after != before:
            derived = derive(row | after)
            own = Subscription.objects.filter(pk=row["id"])
            own.update(**after, **derived, updated_at=at)
