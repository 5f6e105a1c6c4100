"""Rows of subscriptions as they are read and changed in bulk: each column with its type."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict


class Schedule(TypedDict):
    """What due days are counted from."""

    cadence: str
    anchor_on: date
    anchor_number: int


class TermSchedule(Schedule):
    """What says which days a term covers."""

    end_on: date | None


#: Of whatever query: a row that has at least the columns of a schedule.
ReadSchedule = Schedule | Mapping[str, Any]
ReadTermSchedule = TermSchedule | Mapping[str, Any]


class DueRow(TermSchedule):
    """What says which terms of a subscription are due, and what they cost."""

    id: int
    plan_id: int
    renewal_way: str
    next_number: int
    price_e4: int
    currency: str


class SubscriptionRow(DueRow):
    """All stored columns of a subscription."""

    name: str
    name_folded: str
    organization_id: int | None
    person_id: int | None
    mrr_e4: int
    state: str
    started_on: date
    next_due_on: date | None
    end_reason: str
    paused_on: date | None
    owner_id: int
    creator_id: int
    visibility: str
    labels: list[int]
    custom: dict[str, object]
    folded: dict[str, object]
    created_at: datetime
    updated_at: datetime
    trashed_at: datetime | None
    trashed_by_id: int | None


class SubscriptionChange(TypedDict, total=False):
    """Columns of a subscription that get other values; those that follow are derived."""

    cadence: str
    anchor_on: date
    anchor_number: int
    end_on: date | None
    plan_id: int
    renewal_way: str
    next_number: int
    price_e4: int
    name: str
    state: str
    end_reason: str
    paused_on: date | None
    trashed_at: datetime | None
    trashed_by_id: int | None


class NewColumns(SubscriptionChange, total=False):
    """The columns that a subscription starts with; those that are absent have their defaults."""

    organization_id: int | None
    person_id: int | None
    currency: str
    started_on: date
    owner_id: int
    visibility: str
    labels: list[int]
    custom: dict[str, object]
