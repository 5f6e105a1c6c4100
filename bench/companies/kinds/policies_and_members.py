"""Kinds whose customers hold policies, memberships, magazines or contracts of leasing."""

from dataclasses import replace
from datetime import date, timedelta

from bench.companies.company import Company
from bench.companies.facts import Contract, Term
from turnus.core.cadence import (
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    YEARLY,
    Cadence,
    CadenceUnit,
)

_POLICIES = (
    ("Gebäudeversicherung", "Building insurance"),
    ("Haftpflicht", "Liability insurance"),
    ("Unfallversicherung", "Accident insurance"),
    ("Flottenversicherung", "Fleet insurance"),
    ("Cyberversicherung", "Cyber insurance"),
    ("Transportversicherung", "Cargo insurance"),
    ("Rechtsschutzpolice", "Legal cover"),
)
_MAGAZINES = (
    ("Gartenbote", "Garden Courier"),
    ("Werkstattbrief", "Workshop Letter"),
    ("Jagdkalender", "Hunting Review"),
    ("Küstenmagazin", "Coast Magazine"),
)
_CLASSES = (("Tarif Solo", "Solo plan"), ("Tarif Paar", "Couple plan"))
_LEASED = (
    ("Leasing Kopierer", "Copier lease"),
    ("Leasing Stapler", "Forklift lease"),
    ("Leasing Transporter", "Van lease"),
    ("Leasing Kaffeemaschine", "Coffee machine lease"),
)


def insurance(company: Company) -> None:
    """Sell one to four policies each; bonuses follow an index, some are paid in parts."""
    policies = company.words(_POLICIES)
    for _ in range(company.size):
        customer = company.customer(person_share=0.6)
        for policy in company.random.sample(
            policies, company.random.randint(1, 4)
        ):
            weights = {
                YEARLY: 6.0,
                HALF_YEARLY: 2.0,
                QUARTERLY: 3.0,
                MONTHLY: 1.5,
            }
            cadence = company.pick(weights)
            price = company.price(90, 1900)
            company.sign(
                Contract(customer, policy, cadence, price, mean_years=9)
            )


def club(company: Company) -> None:
    """Collect dues of persons at the same few prices; some take a year off."""
    passive = company.word("Beitrag Fördermitglied", "Supporting member dues")
    active = company.word("Beitrag Aktive", "Active member dues")
    fees = {active: company.price(18, 40), passive: company.price(6, 15)}
    for _ in range(company.size * 2):
        customer = company.customer(person_share=1)
        product = company.pick({active: 3.0, passive: 1.0})
        cadence, periods = company.pick(
            {(QUARTERLY, 3): 2.0, (YEARLY, 12): 2.0}
        )
        price = fees[product] * periods
        terms = company.terms(Contract(customer, product, cadence, price))
        if cadence == QUARTERLY and len(terms) > 14 and company.chance(0.15):
            middle = len(terms) // 2
            line = company.line_count
            company.line_count += 1
            company.keep(terms[:middle], line=line)
            company.keep(terms[middle + 5 :], line=line)
            continue
        company.keep(terms)
    party = company.word("Helferfest", "Volunteers' party")
    for _ in range(company.size // 5):
        company.buy(
            company.customer(person_share=1), party, company.price(20, 90)
        )


def gym(company: Company) -> None:
    """Bill members monthly, with free months in a campaign now and then."""
    plans = company.words(_CLASSES)
    fees = {plan: company.price(25, 60) for plan in plans}
    drinks = company.word("Getränkekarte", "Drinks card")
    for _ in range(company.size):
        customer = company.customer(person_share=1)
        plan = company.random.choice(plans)
        contract = Contract(customer, plan, MONTHLY, fees[plan], mean_years=2)
        company.keep(_with_free_terms(company, company.terms(contract)))
        if company.chance(0.2):
            company.buy(customer, drinks, company.price(15, 50))


def _with_free_terms(company: Company, terms: list[Term]) -> list[Term]:
    """Return the terms, in a third of all cases with one or two that cost nothing."""
    if len(terms) < 6 or company.chance(0.66):
        return terms
    free = company.random.randrange(1, len(terms) - 2)
    count = company.random.choice((1, 2))
    return [
        replace(term, price=term.price * 0)
        if 0 <= place - free < count
        else term
        for place, term in enumerate(terms)
    ]


def magazines(company: Company) -> None:
    """Send magazines for a year at list prices, to some as a gift that ends by itself."""
    titles = company.words(_MAGAZINES)
    prices = {title: company.price(30, 140) for title in titles}
    for _ in range(company.size * 2):
        customer = company.customer(person_share=0.8)
        title = company.random.choice(titles)
        cadence = company.pick({YEARLY: 5.0, HALF_YEARLY: 1.0, QUARTERLY: 1.0})
        price = prices[title] if cadence == YEARLY else prices[title] / 2
        company.sign(Contract(customer, title, cadence, price, mean_years=5))
    special = company.word("Sonderheft", "Special issue")
    for _ in range(company.size // 3):
        company.buy(
            company.customer(person_share=1), special, company.price(8, 20)
        )


def leasing(company: Company) -> None:
    """Lease for 36 to 60 months at a price that never changes, then perhaps a successor."""
    leased = company.words(_LEASED)
    for _ in range(company.size):
        customer = company.customer(person_share=0.1)
        product = company.random.choice(leased)
        cadence = company.pick({MONTHLY: 4.0, QUARTERLY: 1.0})
        months = company.random.choice((36, 48, 60))
        starts_on = company.day()
        contract = Contract(
            customer,
            product,
            cadence,
            company.price(90, 900),
            starts_on=starts_on,
            has_steps=False,
        )
        terms = company.terms(contract, has_end=False)
        count = months // cadence.every
        company.keep(terms[:count])
        ends_on = cadence.due(starts_on, count)
        if ends_on < company.as_of and company.chance(0.4):
            later = ends_on + timedelta(days=company.random.randint(60, 200))
            if later < company.as_of:
                price = company.price(90, 900)
                company.sign(
                    Contract(
                        customer, product, cadence, price, starts_on=later
                    )
                )


def cooperative(company: Company) -> None:
    """Bill members each January for the year, and by the quarter for what they use."""
    dues = company.word("Genossenschaftsbeitrag", "Cooperative dues")
    store = company.word("Lagerumlage", "Storage levy")
    share = company.word("Geschäftsanteil", "Member share")
    fee = company.price(60, 240)
    for _ in range(company.size):
        customer = company.customer(person_share=0.5)
        year = company.random.randint(company.first.year, company.as_of.year)
        starts_on = date(year, 1, 2)
        company.buy(customer, share, company.price(500, 500), on=starts_on)
        contract = Contract(customer, dues, YEARLY, fee, starts_on=starts_on)
        company.sign(contract)
        if company.chance(0.5):
            price = company.price(40, 300)
            company.sign(
                Contract(
                    customer, store, QUARTERLY, price, starts_on=starts_on
                )
            )


def prepaid(company: Company) -> None:
    """Host by the year; some pay three or two years at once, then by the year again."""
    domain = company.word("Webspace", "Web space")
    for _ in range(company.size):
        customer = company.customer()
        price = company.price(60, 400)
        terms = company.terms(
            Contract(customer, domain, YEARLY, price, mean_years=12)
        )
        years = company.random.choice((2, 3))
        if len(terms) >= years + 3 and company.chance(0.5):
            place = company.random.randint(1, len(terms) - years - 1)
            terms = _paid_at_once(company, terms, place, years)
        company.keep(terms, accepted=[YEARLY])


def _paid_at_once(
    company: Company, terms: list[Term], place: int, years: int
) -> list[Term]:
    several = terms[place]
    length = company.word(f"{years} Jahre", f"{years} years")
    at_once = replace(
        several,
        cadence=Cadence(CadenceUnit.YEAR, years),
        price=several.price * years * 9 / 10,
        product=f"{several.product} {length}",
    )
    return [*terms[:place], at_once, *terms[place + years :]]
