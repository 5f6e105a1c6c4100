"""A person's deals without the person's name; the amounts stay for the books."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from turnus.core.records import RecordKind
from turnus.core.redacting import Redaction
from turnus.history.tracked import tracked
from turnus.sales.models import Deal

_TEXTS = ("title", "lost_reason", "lost_comment", "channel", "channel_id", "custom", "lines")
_BLOCK = 500


def redact_deals(ids: Collection[int], redaction: Redaction, *, at: datetime) -> None:
    """Take a person out of all texts of the deals `ids`; amounts, days and statuses stay. For the caller's transaction."""
    derive = tracked(RecordKind.DEAL).derive
    found = Deal.objects.filter(pk__in=ids).values()
    rows: Iterable[dict[str, Any]] = found.iterator(chunk_size=_BLOCK)  # type: ignore[assignment]  # read by name
    for row in rows:
        columns = {name: redaction.value(row[name]) for name in _TEXTS}
        columns["title"] = columns["title"][:255]
        if columns == {name: row[name] for name in _TEXTS}:
            continue
        Deal.objects.filter(pk=row["id"]).update(**columns, **derive(row | columns), updated_at=at)
