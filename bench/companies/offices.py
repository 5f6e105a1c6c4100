"""How the people of a company copy their deals and what they write into them.

Three makes: a *desk* copies each deal by hand about when it is due, a *list* is imported about
once a month, *books* have the first working day of the month and know no time of day.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random

from bench.companies.facts import Customer, Term
from turnus.core.cadence import (
    EVERY_TWO_WEEKS,
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    TWICE_A_MONTH,
    WEEKLY,
    YEARLY,
    Cadence,
)


class Make(StrEnum):
    """Who enters the deals."""

    DESK = "desk"
    LIST = "list"
    BOOKS = "books"


class TitleStyle(StrEnum):
    """What a title is made of besides the product."""

    PLAIN = "plain"
    CUSTOMER = "customer"
    PERIOD = "period"
    INVOICE = "invoice"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Office:
    """The habits of one company; shares are of its deals."""

    make: Make
    language: str
    title_style: TitleStyle
    #: Of the deals, how many have a plan; None: the file has no such column.
    plan_share: float | None
    #: Standard deviation of the days between due day and deal.
    scatter_days: float
    late_share: float
    forgotten_share: float
    untitled_share: float
    misspelled_share: float
    doubled_share: float
    #: How many renewals name another contact of the customer.
    contact_share: float
    has_weekends: bool
    #: Of all subscriptions, how many become dearer in a year, and by how much at most.
    step_share: float
    step_percent: int
    has_cents: bool
    #: Days on which lists are imported; empty for other makes.
    sessions: tuple[date, ...] = ()


_SHORTEST_MONTH = 28
PLAN_WORDS = {
    "de": {
        YEARLY: ("jährlich", "Jährlich", "12 Monate"),
        HALF_YEARLY: ("halbjährlich", "6 Monate"),
        QUARTERLY: ("vierteljährlich", "quartalsweise"),
        MONTHLY: ("monatlich", "Monatlich", "mtl."),
        TWICE_A_MONTH: ("zweimal monatlich", "2x im Monat"),
        EVERY_TWO_WEEKS: ("14-tägig", "alle zwei Wochen"),
        WEEKLY: ("wöchentlich",),
    },
    "en": {
        YEARLY: ("yearly", "annual", "Annually"),
        HALF_YEARLY: ("half-yearly", "every 6 months"),
        QUARTERLY: ("quarterly", "every 3 months"),
        MONTHLY: ("monthly", "Monthly"),
        TWICE_A_MONTH: ("twice a month",),
        EVERY_TWO_WEEKS: ("every two weeks", "fortnightly"),
        WEEKLY: ("weekly",),
    },
}
ONE_OFF_WORDS = {"de": "einmalig", "en": "one-off"}
_UNTITLED = {
    "de": (
        "{name} Deal",
        "Verlängerung",
        "Rechnung {number}",
        "Abo",
        "Folgeauftrag",
    ),
    "en": (
        "{name} deal",
        "Renewal",
        "Invoice {number}",
        "Subscription",
        "Follow-up",
    ),
}
_COPIED = {
    "de": ("{title}", "{title}", "{title} (Kopie)", "{title} - Verlängerung"),
    "en": ("{title}", "{title}", "{title} (copy)", "{title} renewal"),
}
# fmt: off
_MONTH_NAMES = {
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
        "September", "Oktober", "November", "Dezember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August",
        "September", "October", "November", "December",
    ),
}
# fmt: on
_LEGAL_FORMS = (
    " GmbH & Co. KG",
    " GmbH",
    " AG",
    " KG",
    " e.K.",
    " OHG",
    " UG",
)


def office_of(
    random: Random, make: Make, *, first: date, as_of: date
) -> Office:
    """Return an office of a make, as careful or careless as chance will have it."""
    is_list = make is Make.LIST
    plan_share = random.choice((None, None, random.uniform(0.3, 0.9), 1.0))
    return Office(
        make=make,
        language=random.choice(("de", "de", "en")),
        title_style=random.choice(list(TitleStyle)),
        plan_share=plan_share,
        scatter_days=random.choice((0, 1, 2, 4)),
        late_share=random.choice((0, 0.02, 0.05)),
        forgotten_share=random.choice((0, 0.01, 0.03)),
        untitled_share=random.choice((0, 0, 0.03, 0.1)),
        misspelled_share=random.choice((0, 0.01, 0.03)),
        doubled_share=random.choice((0, 0.004, 0.01)),
        contact_share=random.choice((0, 0.02, 0.05)),
        has_weekends=random.random() < 0.3,
        step_share=random.uniform(0.2, 0.9),
        step_percent=random.choice((3, 5, 8)),
        has_cents=random.random() < 0.5,
        sessions=_sessions(random, first=first, as_of=as_of)
        if is_list
        else (),
    )


def _sessions(random: Random, *, first: date, as_of: date) -> tuple[date, ...]:
    """Return a day in most months; now and then a month is left to the next one."""
    usual_day = random.randint(3, 26)
    days = []
    for due in MONTHLY.terms(first.replace(day=usual_day), until=as_of):
        if random.random() < 0.04:
            continue
        days.append(
            due.days.start + timedelta(days=random.choice((0, 0, 0, 1, 2, 4)))
        )
    return tuple(day for day in days if day <= as_of)


def entered_on(
    office: Office, random: Random, due: date, *, longest_days: int
) -> date | None:
    """Return the day on which a renewal is entered; None: not by now.

    What is due more often than lists are imported is entered by hand.
    """
    if is_listed(office, longest_days=longest_days):
        return next((day for day in office.sessions if day >= due), None)
    if office.make is Make.BOOKS:
        return _working_day(due, has_weekends=False)
    distance = random.gauss(office.scatter_days / 4, office.scatter_days)
    if random.random() < office.late_share:
        distance = random.uniform(5, 25)
    most = max(0.3 * longest_days, 0)
    days = round(max(-most, min(distance, most)))
    return _working_day(
        due + timedelta(days=days), has_weekends=office.has_weekends
    )


def is_listed(office: Office, *, longest_days: int) -> bool:
    """Return whether renewals of periods so long come with a list."""
    return office.make is Make.LIST and longest_days >= _SHORTEST_MONTH


def _working_day(day: date, *, has_weekends: bool) -> date:
    if has_weekends or day.weekday() < 5:
        return day
    return day + timedelta(days=7 - day.weekday())


def time_of_entry(
    office: Office, random: Random, place: int, *, is_listed: bool
) -> time:
    """Return the time of day; deals of a list follow one another, twenty a minute."""
    if office.make is Make.BOOKS:
        return time(0, 0)
    if is_listed:
        return time(9 + place // 1200, place // 20 % 60)
    return time(
        random.randint(8, 17), random.randint(0, 59), random.randint(0, 59)
    )


def title_of(office: Office, random: Random, term: Term, number: int) -> str:
    """Return the title of a term's deal as somebody of this office would type it."""
    name = without_form(term.customer)
    if random.random() < office.untitled_share:
        pattern = random.choice(_UNTITLED[office.language])
        return pattern.format(name=name, number=number)
    title = term.product
    if random.random() < office.misspelled_share:
        title = _misspelled(random, title)
    match office.title_style:
        case TitleStyle.PLAIN:
            return title
        case TitleStyle.CUSTOMER:
            return f"{title} - {name}"
        case TitleStyle.PERIOD:
            return f"{title} {_period(office, term)}"
        case TitleStyle.INVOICE:
            return f"RE-{term.due.year}-{number:05} {title}"
        case TitleStyle.COPY:
            return random.choice(_COPIED[office.language]).format(title=title)


def _period(office: Office, term: Term) -> str:
    due = term.due
    if term.cadence.billings_per_year <= 1:
        return str(due.year)
    if term.cadence == QUARTERLY:
        return f"Q{(due.month + 2) // 3}/{due.year}"
    if office.has_cents:
        return f"{due.month:02}/{due.year}"
    return f"{_MONTH_NAMES[office.language][due.month - 1]} {due.year}"


def _misspelled(random: Random, title: str) -> str:
    place = random.randrange(max(1, len(title) - 1))
    return (
        title[:place]
        + title[place + 1 : place + 2]
        + title[place:][:1]
        + title[place + 2 :]
    )


def without_form(customer: Customer) -> str:
    """Return the name as people say it, without the legal form."""
    for form in _LEGAL_FORMS:
        if customer.name.endswith(form):
            return customer.name.removesuffix(form)
    return customer.name


def plan_of(office: Office, random: Random, cadence: Cadence | None) -> str:
    """Return the plan's word for a cadence, None for a single purchase; often nothing."""
    if office.plan_share is None or random.random() >= office.plan_share:
        return ""
    if cadence is None:
        return ONE_OFF_WORDS[office.language]
    words = PLAN_WORDS[office.language].get(cadence.bare)
    return random.choice(words) if words else _counted(office, cadence)


def _counted(office: Office, cadence: Cadence) -> str:
    units = {
        "de": {
            "d": "Tage",
            "w": "Wochen",
            "m": "Monate",
            "y": "Jahre",
            "h": "Wochen",
        },
        "en": {
            "d": "days",
            "w": "weeks",
            "m": "months",
            "y": "years",
            "h": "weeks",
        },
    }
    unit = units[office.language][cadence.unit.value]
    every = "alle" if office.language == "de" else "every"
    return f"{every} {cadence.every} {unit}"


def stepped(office: Office, random: Random, price: Decimal) -> Decimal:
    """Return the price after a raise, rounded as the office rounds."""
    percent = Decimal(random.randint(1, office.step_percent))
    raised = price * (100 + percent) / 100
    return rounded(office, raised)


def rounded(office: Office, price: Decimal) -> Decimal:
    """Return a price in whole units, or with cents where the office has them."""
    return price.quantize(Decimal("0.01") if office.has_cents else Decimal(1))
