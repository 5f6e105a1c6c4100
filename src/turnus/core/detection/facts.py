"""What goes into the detection of subscriptions, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from turnus.core.cadence import Cadence
from turnus.core.cadence_words import Guess
from turnus.core.money import Money


@dataclass(frozen=True, slots=True)
class Sold:
    """A won deal as a file has it. `minute` of the day is None where only the day is known.

    Ids are empty where a file has none.
    """

    deal: int
    won_on: date
    value_e4: int
    currency: str
    title: str = ""
    plan: str = ""
    organization: str = ""
    person: str = ""
    organization_id: str = ""
    person_id: str = ""
    minute: int | None = None

    @property
    def value(self) -> Money:
        """What it is worth."""
        return Money(self.value_e4, self.currency)


class Sitting(IntEnum):
    """With how many other customers' deals a deal was entered."""

    #: Its time of day, or that of the others, is not known.
    UNKNOWN = 0
    ALONE = 1
    FEW = 2
    SEVERAL = 3
    #: One of a list that was imported or typed at once.
    LIST = 4
    #: Of a list that repeats the one before it within minutes: it pays for the next period.
    SECOND_LIST = 5
    #: Of a list that was imported once more as a whole.
    REPEATED_LIST = 6


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a deal, or what is booked already; every reading obeys it.

    `together`: deals of one number are one subscription, those of another number are none of it.
    None: it does not recur.
    """

    together: int | None
    cadence: Cadence | None = None


@dataclass(frozen=True, slots=True)
class TitleHabit:
    """What the customers of a history make of one title."""

    #: Natural logarithm of the odds that it is renewed.
    recurring_odds: float
    #: Of its lines, the share with each cadence; empty if it is never renewed.
    cadence_shares: Mapping[Cadence, float]


@dataclass(frozen=True, slots=True)
class Copy:
    """A deal as the search sees it: a day's number, the plan's words, the title's service."""

    deal: int
    day: int
    value_e4: int
    plan: Guess
    #: Whether the title, not the plan field, named the cadence: weaker evidence.
    is_plan_from_title: bool
    #: Empty when the title names nothing (a copy's number, the customer, "Renewal").
    title: str
    #: Whether the title names work that is done once: set-up, training, a move.
    is_work: bool
    #: Whether it names what is sold by the month or the year, or says that it is a renewal.
    is_service: bool
    #: Whether it calls itself a subscription or a renewal.
    is_subscription: bool
    #: Its place among the customer's deals in order of time.
    position: int
    #: The contact person's key; empty without one, or where the person is the customer.
    contact: str = ""
    sitting: Sitting = Sitting.UNKNOWN
    #: None: nobody said anything, the likeliest reading holds.
    said: Said | None = None
    #: What other customers make of the title; None where nothing is known yet.
    habit: TitleHabit | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """A deal's place in a chain: its period begins on `starts_on`, counted by `cadence`."""

    deal: int
    starts_on: date
    cadence: Cadence


@dataclass(frozen=True, slots=True)
class Chain:
    """Deals of one customer that renew one another, in order of their periods.

    And the negative deal that ended them.
    """

    customer: int
    currency: str
    paid: tuple[Paid, ...]
    credits: tuple[int, ...] = ()

    @property
    def cadence(self) -> Cadence:
        """How it recurs now."""
        return self.paid[-1].cadence

    @property
    def deals(self) -> tuple[int, ...]:
        """The deals of its periods."""
        return tuple(each.deal for each in self.paid)


class Doubt(StrEnum):
    """Why a person should look at a deal."""

    #: Another reading of the customer's history is nearly as good.
    CLOSE_CALL = "close_call"
    #: One purchase only, and no word says whether it recurs.
    SINGLE = "single"
    #: Two deals whose titles have nothing in common make no rhythm.
    TWO_ONLY = "two_only"
    #: A price that is more than 2.3 times the one before, or less than its inverse.
    PRICE_JUMP = "price_jump"
    #: The plan's word contradicts the rhythm.
    PLAN_WORD = "plan_word"
    #: A single purchase with exactly the price of a renewal, near a due date.
    LOOKS_LIKE_RENEWAL = "looks_like_renewal"
    #: A negative deal that ends nothing.
    CREDIT = "credit"
    #: A subscription that is here already costs the same, as often.
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class DealQuestion:
    """A deal that a person should look at.

    The less the margin, the less sure (0: as likely as not).
    """

    deal: int
    doubt: Doubt
    margin: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of some deals, nearly as likely; `margin` as for a question."""

    margin: float
    deals: tuple[int, ...]
    #: Deals in none of these do not recur.
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """What a history means.

    `single` are deals that do not recur, `doubles` were imported twice and count for nothing.
    """

    chains: tuple[Chain, ...]
    single: tuple[int, ...]
    doubles: tuple[int, ...]
    credits: tuple[int, ...]
    questions: tuple[DealQuestion, ...]
    #: The name of each customer, by its number.
    customers: tuple[str, ...]
    alternatives: tuple[Alternative, ...] = ()
