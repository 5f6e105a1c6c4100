"""What the radar finds: the kinds of findings, what each says, and what can be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from turnus.core.money import Money


class Kind(StrEnum):
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


GAPS = (Kind.MISSED, Kind.NUMBER, Kind.GONE, Kind.FORGOTTEN, Kind.TRASHED, Kind.LOST, Kind.OPEN)
ACTIONS: Mapping[Kind, Sequence[Action]] = {
    **dict.fromkeys(GAPS, (Action.BOOK, Action.SKIP)),
    Kind.DEAL_TWICE: (Action.TRASH,),
    Kind.SUBSCRIPTION_TWICE: (Action.END, Action.TRASH),
    Kind.CREDIT: (Action.END,),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; `one` and `other` identify it.

    missed: subscription, number of the first term; number: subscription, number; other gaps: term, deal (0: gone);
    deal_twice: the deal too many, the term; subscription_twice: the later subscription, the earlier one;
    credit: the negative deal, the subscription.
    """

    kind: Kind
    one: int
    other: int
    subscription_id: int
    #: The first day concerned.
    on: date
    money: Money
    #: Terms concerned.
    count: int = 1
    #: What a sentence about it names besides.
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The finding as a form names it."""
        return f"{self.kind}-{self.one}-{self.other}"

    @property
    def actions(self) -> Sequence[Action]:
        """What can be done about it, the usual first."""
        return ACTIONS[self.kind]


@dataclass(frozen=True, slots=True)
class Named:
    """A finding with the subscription and the customer it is about, and whether the person may put it right."""

    finding: Finding
    subscription: str
    customer: str
    is_editable: bool
