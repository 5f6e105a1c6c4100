"""The columns that rows of a file set, of any kind of record, by their database names."""

from datetime import date
from typing import TypedDict

from turnus.contacts.changes import StoredPoint
from turnus.sales.changes import DealChanges


class PlannedStep(TypedDict):
    """What happened to a subscription on a day, as `insert_subscriptions` takes it."""

    kind: str
    #: ISO 8601.
    on: str
    #: Ten-thousandths; None where the price stays.
    price_e4: int | None
    #: Only of a change of plan.
    plan_id: int | None
    days: list[int] | None


class PlannedColumns(DealChanges, total=False):
    """The columns that a row sets; those that are absent stay, or are blank on a new record.

    A choice that the import will create stands in as a negative number.
    """

    # Organizations and persons; the points of a deal are added to its person.
    name: str
    address: str
    country: str
    bills_with_id: int | None
    first_name: str
    last_name: str
    emails: list[StoredPoint]
    phones: list[StoredPoint]

    # Subscriptions; the plan also of a deal that begins one.
    plan_id: int
    price_e4: int
    started_on: date
    #: The first day that is not covered, None for an open end.
    end_on: date | None
    booked_until: date
    state: str
    paused_on: date | None
    end_reason: str
    renewal_way: str
    steps: list[PlannedStep]
    #: The two days of the month of a plan that is paid twice a month; None for those of the plan.
    days: list[int] | None

    # Rows below a subscription: what happened to it. They are shown, never written by themselves.
    entry: str
    effective_on: date | None


class PointsAdded(TypedDict, total=False):
    """The emails and phones that a row adds to a person."""

    emails: list[StoredPoint]
    phones: list[StoredPoint]
