"""What a made-up company is made of: customers, terms, deals and the runs they belong to."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from turnus.core.cadence import Cadence


class Role(StrEnum):
    """What a deal truly is."""

    FIRST = "first"
    RENEWAL = "renewal"
    PURCHASE = "purchase"
    DUPLICATE = "duplicate"
    CREDIT = "credit"
    #: Open or lost: no part of any history.
    NOT_WON = "not_won"


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys; `number` stays the same when the name changes."""

    number: int
    name: str
    is_person: bool = False
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """What was agreed; the price is for each period."""

    customer: Customer
    product: str
    cadence: Cadence
    price: Decimal
    #: None: some day within the company's years.
    starts_on: date | None = None
    #: How long such contracts last, on average.
    mean_years: float = 6
    contact: str = ""
    #: Whether prices rise now and then.
    has_steps: bool = True


@dataclass(frozen=True, slots=True)
class Term:
    """A period of a contract as it is due, and what its deal would say."""

    due: date
    cadence: Cadence
    price: Decimal
    product: str
    customer: Customer
    contact: str = ""


@dataclass(slots=True)
class Deal:
    """A row of the file; the number is its place in order of entry."""

    moment: datetime
    title: str
    price: Decimal
    customer: Customer
    contact: str
    plan: str
    role: Role
    number: int = 0
    run: "Run | None" = None
    term: Term | None = None
    #: Nobody could tell whether it recurs: not scored, and its money is a band.
    is_unknowable: bool = False


@dataclass(slots=True)
class Run:
    """Deals that renew one another without an end between them."""

    line: int
    customer: Customer
    deals: list[Deal] = field(default_factory=list)
    credits: list[Deal] = field(default_factory=list)
    #: Other cadences that describe the same calendar as well.
    accepted: tuple[Cadence, ...] = ()
