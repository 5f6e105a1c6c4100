"""What the radar finds: the kinds of findings, what each says, and what can be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypedDict

from turnus.core.money import Money


class FindingKind(StrEnum):
    """What is wrong."""

    #: Terms of an active subscription that are due and not booked.
    MISSED = "missed"
    #: A number between two booked terms that no term has.
    NUMBER = "number"
    #: A term whose deal was removed for good.
    GONE = "gone"
    #: A term between two detected copies, which counts although nobody entered it.
    FORGOTTEN = "forgotten"
    #: A term whose deal lies in the trash.
    TRASHED = "trashed"
    #: A term whose deal was lost while later ones are booked.
    LOST = "lost"
    #: A term whose deal is still open after its grace.
    OPEN = "open"
    #: A won deal that says the same as one that books a term.
    DEAL_TWICE = "deal_twice"
    #: Two subscriptions that bill one customer the same thing.
    SUBSCRIPTION_TWICE = "subscription_twice"
    #: A negative won deal of a subscription's whole price, and the subscription goes on.
    CREDIT = "credit"


class Action(StrEnum):
    """What can be done about a finding."""

    BOOK = "book"
    SKIP = "skip"
    TRASH = "trash"
    END = "end"


GAPS = (
    FindingKind.MISSED,
    FindingKind.NUMBER,
    FindingKind.GONE,
    FindingKind.FORGOTTEN,
    FindingKind.TRASHED,
    FindingKind.LOST,
    FindingKind.OPEN,
)
ACTIONS: Mapping[FindingKind, Sequence[Action]] = {
    **dict.fromkeys(GAPS, (Action.BOOK, Action.SKIP)),
    FindingKind.DEAL_TWICE: (Action.TRASH,),
    FindingKind.SUBSCRIPTION_TWICE: (Action.END, Action.TRASH),
    FindingKind.CREDIT: (Action.END,),
}


class Details(TypedDict, total=False):
    """What a sentence about a finding names besides, by the kind of the finding."""

    #: Days that a missed term is late.
    late: int
    #: The number of a term, counted from 0, and the first day after it.
    number: int
    ends_on: date
    #: A deal that repeats a term, or is negative.
    title: str
    is_imported: bool
    wording: str
    #: What is repeated: its name, None for a deal that the person may not see, and its days.
    other: str | None
    other_on: date | None
    starts_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; `one` and `other` identify it.

    missed: subscription, number of the first term; number: subscription, number; other gaps: term,
    deal (0: gone); deal_twice: the duplicate, the term; subscription_twice: the later subscription,
    the earlier one; credit: the negative deal, the subscription.
    """

    kind: FindingKind
    one: int
    other: int
    subscription_id: int
    #: The first day concerned.
    on: date
    money: Money
    #: Terms concerned.
    count: int = 1
    #: What a sentence about it, or its repair, needs besides.
    details: Details = field(default_factory=Details)

    @property
    def key(self) -> str:
        """The finding as a form names it."""
        return f"{self.kind}-{self.one}-{self.other}"

    @property
    def actions(self) -> Sequence[Action]:
        """What can be done about it, the usual first."""
        return ACTIONS[self.kind]


@dataclass(frozen=True, slots=True)
class NamedFinding:
    """A finding with the names of its subscription and customer.

    `is_editable`: whether the person may repair it.
    """

    finding: Finding
    subscription: str
    customer: str
    is_editable: bool
