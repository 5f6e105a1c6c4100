"""Kinds that serve places: branches, sites, flats, meters, visits and seasons."""

from dataclasses import replace
from datetime import timedelta

from bench.companies.company import Company
from bench.companies.facts import Contract, Term
from bench.companies.names import PLACES
from turnus.core.cadence import (
    EVERY_TWO_WEEKS,
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    TWICE_A_MONTH,
    WEEKLY,
    YEARLY,
    Cadence,
    CadenceUnit,
)


def franchise(company: Company) -> None:
    """Bill the branches of a few chains at one price each; new branches open over time."""
    product = company.word("Kassenpaket", "Till package")
    branch = company.word("Filiale", "branch")
    for _ in range(max(1, company.size // 15)):
        chain = company.customer(person_share=0)
        price = company.price(60, 300)
        count = company.random.randint(4, 30)
        for place in company.random.sample(PLACES, count):
            company.sign(
                Contract(chain, f"{product} {branch} {place}", MONTHLY, price)
            )
    for _ in range(company.size // 2):
        customer = company.customer()
        company.sign(
            Contract(customer, product, MONTHLY, company.price(60, 300))
        )


def cleaning(company: Company) -> None:
    """Clean one to five sites of a customer at one price, by the week or the month."""
    product = company.word("Unterhaltsreinigung", "Office cleaning")
    windows = company.word("Glasreinigung", "Window cleaning")
    for _ in range(company.size // 2):
        customer = company.customer(person_share=0)
        cadence = company.pick(
            {
                MONTHLY: 5.0,
                EVERY_TWO_WEEKS: 1.0,
                WEEKLY: 0.5,
                TWICE_A_MONTH: 0.5,
            }
        )
        price = company.price(80, 700)
        sites = company.random.sample(PLACES, company.random.randint(1, 5))
        for site in sites:
            street = f"{site}er Str. {company.random.randint(1, 90)}"
            company.sign(
                Contract(customer, f"{product} {street}", cadence, price)
            )
        if company.chance(0.4):
            company.buy(customer, windows, company.price(100, 900))


def landlord(company: Company) -> None:
    """Let flats and garages, due early in the month; a settlement comes once a year."""
    flat = company.word("Miete Wohnung", "Rent flat")
    garage = company.word("Stellplatz", "Parking space")
    costs = company.word("Nebenkostenabrechnung", "Service charge statement")
    for number in range(company.size):
        tenant = company.customer(person_share=0.85)
        starts_on = company.day().replace(
            day=company.random.choice((1, 1, 3, 5))
        )
        starts_on = max(starts_on, company.first)
        contract = Contract(
            tenant,
            f"{flat} {number + 1}",
            MONTHLY,
            company.price(450, 1600),
            starts_on=starts_on,
            mean_years=4,
        )
        terms = company.terms(contract)
        company.keep(terms)
        if company.chance(0.3):
            price = company.price(40, 90)
            company.sign(
                Contract(tenant, garage, MONTHLY, price, starts_on=starts_on)
            )
        for term in terms[14::12]:
            late = term.due + timedelta(days=company.random.randint(0, 80))
            if late < min(company.as_of, terms[-1].due):
                company.buy(
                    tenant,
                    f"{costs} {late.year - 1}",
                    company.price(20, 400),
                    on=late,
                )


def energy(company: Company) -> None:
    """Take eleven or twelve instalments a year; the next year's differ by what was used."""
    power = company.word("Abschlag Strom", "Electricity instalment")
    gas = company.word("Abschlag Gas", "Gas instalment")
    for _ in range(company.size):
        customer = company.customer(person_share=0.7)
        for product in company.random.sample(
            [power, gas], company.pick({1: 2, 2: 1})
        ):
            cadence = company.pick(
                {MONTHLY: 8.0, Cadence(CadenceUnit.MONTH, 2): 1.0}
            )
            contract = Contract(
                customer, product, cadence, company.price(40, 400)
            )
            company.keep(_metered(company, company.terms(contract)))


def _metered(company: Company, terms: list[Term]) -> list[Term]:
    price = terms[0].price
    result = []
    for place, term in enumerate(terms):
        if place and place % 12 == 0:
            price = price * company.random.randint(82, 125) / 100
            price = price.quantize(terms[0].price)
        result.append(replace(term, price=price))
    return result


def maintenance(company: Company) -> None:
    """Serve lifts and boilers by contract; visits beside it cost what they cost."""
    contracts = company.words(
        (
            ("Wartungsvertrag Heizung", "Boiler service contract"),
            ("Wartungsvertrag Aufzug", "Lift service contract"),
            ("Wartungsvertrag Tor", "Gate service contract"),
        )
    )
    visits = company.words(
        (
            ("Störungseinsatz", "Call-out"),
            ("Ersatzteil", "Spare part"),
            ("Reparatur vor Ort", "Repair on site"),
        )
    )
    for _ in range(company.size):
        customer = company.customer()
        for product in company.random.sample(
            contracts, company.pick({1: 3, 2: 1})
        ):
            cadence = company.pick(
                {YEARLY: 4.0, HALF_YEARLY: 3.0, QUARTERLY: 2.0, MONTHLY: 1.0}
            )
            price = company.price(90, 900)
            company.sign(
                Contract(customer, product, cadence, price, mean_years=8)
            )
        for _ in range(company.random.randint(0, 4)):
            visit = company.random.choice(visits)
            company.buy(customer, visit, company.price(80, 1200))


def security(company: Company) -> None:
    """Guard by the month, patrol by the week, watch fairs once."""
    products = {
        company.word("Objektschutz", "Site guard"): MONTHLY,
        company.word("Streifendienst", "Patrol"): EVERY_TWO_WEEKS,
        company.word("Alarmaufschaltung", "Alarm monitoring"): QUARTERLY,
    }
    fair = company.word("Messebewachung 3 Tage", "Fair guard 3 days")
    for _ in range(company.size // 2):
        customer = company.customer(person_share=0)
        count = company.random.randint(1, 3)
        for product in company.random.sample(list(products), count):
            company.sign(
                Contract(
                    customer,
                    product,
                    products[product],
                    company.price(90, 2500),
                )
            )
        if company.chance(0.3):
            company.buy(customer, fair, company.price(900, 6000))


def seasonal(company: Company) -> None:
    """Care for gardens from April to October, year after year; some by the whole year."""
    garden = company.word("Gartenpflege Saison", "Garden care")
    winter = company.word("Winterdienst", "Snow clearing")
    for _ in range(company.size):
        customer = company.customer(person_share=0.4)
        is_winter = company.chance(0.25)
        product = winter if is_winter else garden
        months = {11, 12, 1, 2, 3} if is_winter else {4, 5, 6, 7, 8, 9, 10}
        year = company.random.randint(
            company.first.year, company.as_of.year - 2
        )
        starts_on = company.first.replace(
            year=year,
            month=11 if is_winter else 4,
            day=company.random.randint(1, 25),
        )
        contract = Contract(
            customer,
            product,
            MONTHLY,
            company.price(90, 500),
            starts_on=starts_on,
        )
        terms = company.terms(contract)
        company.keep([term for term in terms if term.due.month in months])
