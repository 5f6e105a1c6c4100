"""A person's subscriptions without the person's name; what they earn stays."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from turnus.core.records import RecordKind
from turnus.core.redacting import Redaction
from turnus.history.tracked import tracked
from turnus.revenue.models import Subscription

_TEXTS = ("name", "end_reason", "custom")

_BLOCK = 500


def redact_subscriptions(ids: Collection[int], redaction: Redaction, *, at: datetime) -> None:
    """Take a person out of all texts of the subscriptions `ids`; for the caller's transaction."""
    derive = tracked(RecordKind.SUBSCRIPTION).derive
    found = Subscription.objects.filter(pk__in=ids).values()
    rows: Iterable[dict[str, Any]] = found.iterator(chunk_size=_BLOCK)  # type: ignore[assignment]  # read by name
    for row in rows:
        columns = {name: redaction.value(row[name]) for name in _TEXTS}
        columns["name"] = columns["name"][:255]
        if columns == {name: row[name] for name in _TEXTS}:
            continue
        Subscription.objects.filter(pk=row["id"]).update(
            **columns, **derive(row | columns), updated_at=at
        )
