"""What can change about a deal, by the columns that hold it."""

from datetime import date, datetime

from turnus.core.deal_lines import StoredLine
from turnus.fields.columns import RecordChanges


class DealChanges(RecordChanges, total=False):
    """The columns of a deal that a change sets; those that are absent stay."""

    title: str
    #: Ten-thousandths of one unit of `currency`.
    value_e4: int
    currency: str
    #: `core.deal_lines.stored_lines`.
    lines: list[StoredLine] | None
    status: str
    pipeline_id: int
    stage_id: int
    person_id: int | None
    organization_id: int | None
    #: Per cent; None for the stage's.
    probability: int | None
    expected_close_on: date | None
    stage_changed_at: datetime | None
    won_at: datetime | None
    won_on: date | None
    lost_at: datetime | None
    lost_on: date | None
    first_won_at: datetime | None
    lost_reason: str
    lost_comment: str
    origin: str
    origin_id: str
    channel: str
    channel_id: str
    archived_at: datetime | None
