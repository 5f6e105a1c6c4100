"""A made-up company: signs contracts, copies deals, forgets some; the truth is kept beside."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from bench.companies import offices
from bench.companies.facts import Contract, Customer, Deal, Role, Run, Term
from bench.companies.names import new_customer, person_name
from bench.companies.offices import Make
from turnus.core.cadence import Cadence

T = TypeVar("T")
_YEARS = 6
#: Between two lists that are imported in one sitting.
_NEXT_LIST = timedelta(minutes=8)
_MAKES = list(Make)


class Company:
    """The deals and runs of one company; the same seed makes the same company."""

    def __init__(self, kind: str, *, seed: int, size: int) -> None:
        self.kind = kind
        self.seed = seed
        self.size = size
        self.random = Random(f"{kind} {seed}")  # noqa: S311 (made-up deals, no secrets)
        year = self.random.choice((2023, 2024, 2025))
        self.as_of = date(year, 1, 1) + timedelta(
            days=self.random.randrange(365)
        )
        self.first = date(self.as_of.year - _YEARS, 1, 1)
        make = _MAKES[seed % len(_MAKES)]
        self.office = offices.office_of(
            self.random, make, first=self.first, as_of=self.as_of
        )
        self.deals: list[Deal] = []
        self.runs: list[Run] = []
        self.customer_count = 0
        self.line_count = 0
        self._names: set[str] = set()
        self._places: dict[date, int] = {}

    # What kinds choose from.

    def word(self, german: str, english: str) -> str:
        """Return the word in the company's language."""
        return german if self.office.language == "de" else english

    def words(self, pairs: Sequence[tuple[str, str]]) -> list[str]:
        """Return the words in the company's language."""
        return [self.word(german, english) for german, english in pairs]

    def chance(self, share: float) -> bool:
        """Return whether something happens that happens in such a share of all cases."""
        return self.random.random() < share

    def pick(self, weights: dict[T, float]) -> T:
        """Return one of the keys, by weight."""
        return self.random.choices(list(weights), list(weights.values()))[0]

    def price(self, least: int, most: int) -> Decimal:
        """Return a price as the office rounds it."""
        amount = Decimal(self.random.randint(least * 100, most * 100)) / 100
        return offices.rounded(self.office, amount)

    def day(self, *, after: date | None = None) -> date:
        """Return a day within the company's years, after one of them if it is named."""
        first = after or self.first
        span = max(1, (self.as_of - first).days)
        return first + timedelta(days=self.random.randrange(span))

    def customer(self, *, person_share: float = 0.2) -> Customer:
        """Return a customer whose name nobody else has."""
        while True:
            number = self.customer_count
            customer = new_customer(
                self.random, number, person_share=person_share
            )
            if self.take_name(customer):
                self.customer_count += 1
                return customer

    def take_name(self, customer: Customer) -> bool:
        """Return whether the name was free; from now on it is taken."""
        name = offices.without_form(customer)
        if name in self._names:
            return False
        self._names.add(name)
        return True

    def contact(self) -> str:
        """Return the name of a further contact."""
        return person_name(self.random)

    # Subscriptions and purchases.

    def sign(
        self, contract: Contract, *, cuts_short: bool = True
    ) -> list[Run]:
        """Copy the deals of a contract; now and then it is refunded at its end."""
        return self.keep(self.terms(contract, has_end=cuts_short))

    def terms(self, contract: Contract, *, has_end: bool = True) -> list[Term]:
        """Return the terms that are due by now, with their prices."""
        starts_on = contract.starts_on or self.day()
        days = self.random.expovariate(1 / (365 * contract.mean_years)) + 45
        ends_on = starts_on + timedelta(days=int(days) if has_end else 40_000)
        until = min(ends_on, self.as_of + timedelta(days=1))
        contact = contract.contact or next(
            iter(contract.customer.contacts), ""
        )
        price, year = contract.price, starts_on.year
        terms = []
        for term in contract.cadence.terms(starts_on, until=until):
            due = term.days.start
            if due.year > year:
                year = due.year
                if contract.has_steps and self.chance(self.office.step_share):
                    price = offices.stepped(self.office, self.random, price)
            terms.append(
                Term(
                    due,
                    contract.cadence.anchored(starts_on),
                    price,
                    contract.product,
                    contract.customer,
                    contact,
                )
            )
        return terms

    def keep(
        self,
        terms: Sequence[Term],
        *,
        line: int | None = None,
        accepted: Iterable[Cadence] = (),
        is_unknowable: bool = False,
    ) -> list[Run]:
        """Copy the deal of each term and return the run; none if there are no terms."""
        if not terms:
            return []
        if line is None:
            line = self.line_count
            self.line_count += 1
        run = Run(line, terms[0].customer, accepted=tuple(accepted))
        was_forgotten = False
        before: datetime | None = None
        for place, term in enumerate(terms):
            can_be_forgotten = bool(run.deals) and not was_forgotten
            was_forgotten = can_be_forgotten and self.chance(
                self.office.forgotten_share
            )
            if was_forgotten:
                continue
            moment = self._moment(term, is_first=place == 0)
            if moment is None or moment.date() > self.as_of:
                break
            if before and moment - before < _NEXT_LIST:
                # Two periods in one sitting: the second list follows the first.
                moment = before + _NEXT_LIST
            before = moment
            self._copy(run, term, moment, is_unknowable=is_unknowable)
        self.runs.append(run)
        return [run]

    def buy(
        self,
        customer: Customer,
        product: str,
        price: Decimal,
        *,
        on: date | None = None,
    ) -> None:
        """Sell something once."""
        day = on or self.day()
        contact = (
            self.random.choice(customer.contacts) if customer.contacts else ""
        )
        deal = Deal(
            datetime.combine(day, self._clock(day)),
            product,
            price,
            customer,
            contact,
            offices.plan_of(self.office, self.random, None),
            Role.PURCHASE,
        )
        self.deals.append(deal)

    def _moment(self, term: Term, *, is_first: bool) -> datetime | None:
        """Return when a deal is entered: the first one when it is agreed."""
        if is_first:
            return datetime.combine(term.due, self._clock(term.due))
        length = (term.cadence.due(term.due, 1) - term.due).days
        day = offices.entered_on(
            self.office, self.random, term.due, longest_days=length
        )
        if day is None:
            return None
        is_listed = offices.is_listed(self.office, longest_days=length)
        return datetime.combine(day, self._clock(day, is_listed=is_listed))

    def _clock(self, day: date, *, is_listed: bool = False) -> time:
        place = self._places.get(day, 0)
        self._places[day] = place + int(is_listed)
        return offices.time_of_entry(
            self.office, self.random, place, is_listed=is_listed
        )

    def _copy(
        self, run: Run, term: Term, moment: datetime, *, is_unknowable: bool
    ) -> None:
        number = len(self.deals) + 1
        contact = term.contact
        if term.customer.contacts and self.chance(self.office.contact_share):
            contact = self.random.choice(term.customer.contacts)
        deal = Deal(
            moment,
            offices.title_of(self.office, self.random, term, number),
            term.price,
            term.customer,
            contact,
            offices.plan_of(self.office, self.random, term.cadence),
            Role.RENEWAL if run.deals else Role.FIRST,
            run=run,
            term=term,
            is_unknowable=is_unknowable,
        )
        run.deals.append(deal)
        self.deals.append(deal)

    # The last touch.

    def close(self) -> None:
        """Double some deals, add open and lost ones, and number all by entry."""
        self._double()
        self._refund()
        self._leave_open()
        self.deals.sort(key=lambda deal: deal.moment)
        for number, deal in enumerate(self.deals, start=3001):
            deal.number = number

    def _double(self) -> None:
        """Enter deals twice: a list as a whole, other deals one by one."""
        if self.office.make is Make.BOOKS:
            return
        share = self.office.doubled_share
        if self.office.make is Make.LIST and share:
            for day in self.random.sample(self.office.sessions, k=2):
                later = timedelta(minutes=self.random.randint(1, 6))
                listed = [
                    deal for deal in self.deals if deal.moment.date() == day
                ]
                self.deals += [_again(deal, later) for deal in listed]
            return
        for deal in [deal for deal in self.deals if self.chance(share)]:
            later = timedelta(minutes=self.random.randint(1, 6))
            self.deals.append(_again(deal, later))

    def _refund(self) -> None:
        """Give the last period's price back to some who left."""
        for run in self.runs:
            last = run.deals[-1]
            if last.term is None or last.price == 0:
                continue
            ends_on = last.term.cadence.due(last.term.due, 1)
            if ends_on > self.as_of or not self.chance(0.02):
                continue
            half = (ends_on - last.moment.date()) / 2
            day = last.moment.date() + max(half, timedelta(days=1))
            credit = replace(
                last,
                moment=datetime.combine(day, self._clock(day)),
                price=-last.price,
                role=Role.CREDIT,
            )
            run.credits.append(credit)
            self.deals.append(credit)

    def _leave_open(self) -> None:
        """Add a few deals that were not won."""
        won = [deal for deal in self.deals if deal.role is Role.PURCHASE]
        for deal in won[:: 1 + len(won) // 5]:
            self.deals.append(_again(deal, timedelta(days=1), Role.NOT_WON))


def _again(deal: Deal, later: timedelta, role: Role = Role.DUPLICATE) -> Deal:
    """Return what a deal says once more, as part of no run."""
    return replace(
        deal, moment=deal.moment + later, role=role, run=None, term=None
    )
