"""A person's deals without the person's name; the amounts stay for the books."""

from collections.abc import Collection
from datetime import datetime

from turnus.core.records import RecordKind
from turnus.core.redacting import Redaction
from turnus.fields.changing import BLOCK, blocks
from turnus.history.actions import rows_of
from turnus.history.tracked import tracked
from turnus.sales.models import Deal

_TEXTS = (
    "title",
    "lost_reason",
    "lost_comment",
    "channel",
    "channel_id",
    "custom",
    "lines",
)


def redact_deals(
    ids: Collection[int], redaction: Redaction, *, at: datetime
) -> None:
    """Take a person out of all texts of the deals `ids`; amounts, days and statuses stay.

    For the caller's transaction.
    """
    table = tracked(RecordKind.DEAL)
    for block in blocks(ids, BLOCK):
        for deal_id, row in rows_of(table, block).items():
            texts = {name: row[name] for name in _TEXTS}
            redacted = {
                name: redaction.value(text) for name, text in texts.items()
            }
            redacted["title"] = redacted["title"][:255]
            if redacted == texts:
                continue
            derived = table.derive(row | redacted)
            Deal.objects.filter(pk=deal_id).update(
                **redacted, **derived, updated_at=at
            )
