"""Kinds that sell work, software and hosting beside what recurs."""

from dataclasses import replace
from datetime import date, timedelta

from bench.companies.company import Company
from bench.companies.facts import Contract, Customer, Term
from bench.companies.offices import without_form
from turnus.core.cadence import (
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    YEARLY,
    Cadence,
    CadenceUnit,
)

_SEMINARS = (
    ("Erste Hilfe Kurs", "First aid course"),
    ("Seminar Führung", "Leadership seminar"),
    ("Workshop Woche Vertrieb", "Sales workshop week"),
    ("Staplerschein", "Forklift licence"),
    ("Azubi-Tag", "Apprentices' day"),
)
_WEB = (
    ("Hosting Paket", "Hosting package"),
    ("Pflegevertrag Website", "Website care"),
    ("Newsletter-Versand", "Newsletter service"),
    ("Domain", "Domain"),
)
_PROJECTS = (
    ("Relaunch Website", "Website relaunch"),
    ("Fotoshooting", "Photo shoot"),
    ("Logo", "Logo"),
    ("Landingpage Kampagne", "Campaign landing page"),
)
_SERVERS = (
    ("Cloudserver S", "Cloud server S"),
    ("Cloudserver L", "Cloud server L"),
    ("Backup-Speicher", "Backup storage"),
    ("Postfach", "Mailbox"),
    ("SSL-Zertifikat", "SSL certificate"),
)


def training(company: Company) -> None:
    """Sell courses once or again and again; few customers have a yearly licence."""
    seminars = company.words(_SEMINARS)
    licence = company.word(
        "Lernportal Jahreslizenz", "Learning portal licence"
    )
    for _ in range(company.size * 2):
        customer = company.customer(person_share=0.1)
        for _ in range(company.random.randint(1, 6)):
            seminar = company.random.choice(seminars)
            company.buy(customer, seminar, company.price(300, 3000))
        if company.chance(0.3):
            price = company.price(300, 2500)
            company.sign(Contract(customer, licence, YEARLY, price))
        if company.chance(0.1):
            _rebook(company, customer, company.random.choice(seminars))


def _rebook(company: Company, customer: Customer, seminar: str) -> None:
    """Buy a course about once a year: a subscription to some, not to others."""
    contract = Contract(customer, seminar, YEARLY, company.price(300, 900))
    terms = [
        replace(
            term, due=term.due + timedelta(days=company.random.randint(0, 30))
        )
        for term in company.terms(contract)
    ]
    past = [term for term in terms if term.due <= company.as_of]
    company.keep(past, is_unknowable=True)


def web_agency(company: Company) -> None:
    """Sell websites in instalments, and hosting, care and domains afterwards."""
    services = company.words(_WEB)
    projects = company.words(_PROJECTS)
    part = company.word("Abschlag", "instalment")
    for _ in range(company.size):
        customer = company.customer()
        project = company.random.choice(projects)
        starts_on = company.day()
        price = company.price(900, 6000)
        for number in range(company.random.randint(1, 3)):
            day = starts_on + timedelta(
                days=number * company.random.randint(20, 50)
            )
            if day <= company.as_of:
                company.buy(
                    customer, f"{project} {part} {number + 1}", price, on=day
                )
        for service in company.random.sample(
            services, company.random.randint(0, 3)
        ):
            cadence = company.pick({YEARLY: 3.0, MONTHLY: 2.0, QUARTERLY: 0.5})
            contract = Contract(
                customer,
                service,
                cadence,
                company.price(15, 300),
                starts_on=starts_on,
            )
            company.sign(contract)


def tax_adviser(company: Company) -> None:
    """Keep books by the month, close years once a year, and give advice by the hour."""
    books = company.word("Finanzbuchhaltung", "Bookkeeping")
    wages = company.word("Lohnabrechnung", "Payroll")
    closing = company.word("Jahresabschluss", "Annual accounts")
    advice = company.word("Beratung Nachfolge", "Succession advice")
    for _ in range(company.size):
        customer = company.customer(person_share=0.3)
        for product in (books, wages):
            if company.chance(0.6):
                price = company.price(60, 900)
                company.sign(
                    Contract(customer, product, MONTHLY, price, mean_years=9)
                )
        if company.chance(0.5):
            _close_years(company, customer, closing)
        if company.chance(0.3):
            company.buy(customer, advice, company.price(200, 2500))


def _close_years(company: Company, customer: Customer, product: str) -> None:
    """Bill the accounts of each year when they are done: sometime within four months."""
    price = company.price(700, 4000)
    due_first = date(company.first.year, company.random.randint(3, 8), 10)
    contract = Contract(customer, product, YEARLY, price, starts_on=due_first)
    years = []
    for term in company.terms(contract):
        day = term.due + timedelta(days=company.random.randint(-25, 25))
        if day <= company.as_of:
            title = f"{product} {day.year - 1}"
            years.append(replace(term, due=day, product=title))
    company.keep(years, is_unknowable=True)


def hosting(company: Company) -> None:
    """Rent servers, boxes and certificates in any rhythm, several to a customer."""
    servers = company.words(_SERVERS)
    setup = company.word("Einrichtung", "Set-up")
    for _ in range(company.size):
        customer = company.customer()
        for server in company.random.sample(
            servers, company.random.randint(1, 4)
        ):
            cadence = company.pick(
                {MONTHLY: 5.0, YEARLY: 4.0, QUARTERLY: 1.0, HALF_YEARLY: 0.5}
            )
            price = company.price(5, 250)
            company.sign(
                Contract(customer, server, cadence, price, mean_years=5)
            )
        if company.chance(0.3):
            company.buy(customer, setup, company.price(60, 600))


def software(company: Company) -> None:
    """Sell seats whose number grows and shrinks; some change from monthly to yearly."""
    product = company.word("Planungssoftware", "Planner")
    training_day = company.word("Schulungstag", "Training day")
    for _ in range(company.size):
        customer = company.customer(person_share=0.05)
        seat = company.price(9, 60)
        cadence = company.pick({MONTHLY: 3.0, YEARLY: 2.0})
        contract = Contract(customer, product, cadence, seat)
        terms = _with_seats(company, company.terms(contract))
        if cadence == MONTHLY and len(terms) > 20 and company.chance(0.2):
            terms = _by_the_year(company, terms)
        company.keep(terms)
        if company.chance(0.4):
            company.buy(customer, training_day, company.price(700, 1500))


def _with_seats(company: Company, terms: list[Term]) -> list[Term]:
    seats = company.random.randint(1, 20)
    every = 1 if terms and terms[0].cadence.bare == YEARLY else 6
    result = []
    for place, term in enumerate(terms):
        if place and place % every == 0 and company.chance(0.5):
            seats = max(1, seats + company.random.randint(-1, 4))
        result.append(replace(term, price=term.price * seats))
    return result


def _by_the_year(company: Company, terms: list[Term]) -> list[Term]:
    """Go over to yearly terms with two months free, from some month on."""
    place = company.random.randint(6, len(terms) - 8)
    first = terms[place]
    later = [
        replace(
            first, due=term.days.start, cadence=YEARLY, price=first.price * 10
        )
        for term in YEARLY.terms(
            first.due, until=company.as_of + timedelta(days=1)
        )
    ]
    return [*terms[:place], *later]


def agency(company: Company) -> None:
    """Live on retainers with different hours each month, and on projects."""
    retainer = company.word("Retainer Betreuung", "Retainer")
    projects = company.words(_PROJECTS)
    for _ in range(company.size // 2):
        customer = company.customer(person_share=0)
        if company.chance(0.7):
            price = company.price(600, 5000)
            contract = Contract(
                customer, retainer, MONTHLY, price, mean_years=2
            )
            company.keep(_by_the_hour(company, company.terms(contract)))
        for _ in range(company.random.randint(0, 5)):
            project = company.random.choice(projects)
            company.buy(customer, project, company.price(500, 20_000))


def _by_the_hour(company: Company, terms: list[Term]) -> list[Term]:
    """In some companies the price follows the hours of the month."""
    if company.office.step_percent < 8:
        return terms
    return [
        replace(term, price=term.price * company.random.randint(85, 118) / 100)
        for term in terms
    ]


def municipal(company: Company) -> None:
    """Bill by a 4-4-5 calendar: quarters of 13 weeks with months of 4, 4 and 5 weeks."""
    month_service = company.word("Betriebsführung", "Operations")
    quarter_service = company.word("Grünflächenpflege", "Park upkeep")
    four_weeks = Cadence(CadenceUnit.WEEK, 4)
    thirteen_weeks = Cadence(CadenceUnit.WEEK, 13)
    for _ in range(company.size):
        customer = company.customer(person_share=0)
        is_monthly = company.chance(0.7)
        product = month_service if is_monthly else quarter_service
        cadence = MONTHLY if is_monthly else QUARTERLY
        contract = Contract(
            customer, product, cadence, company.price(200, 4000)
        )
        terms = _by_weeks(company.terms(contract), company.as_of)
        company.keep(terms, accepted=[four_weeks, thirteen_weeks])


def _by_weeks(terms: list[Term], as_of: date) -> list[Term]:
    """Return the terms at the weeks 0, 4 and 8 of quarters of 13 weeks."""
    step = 1 if terms[0].cadence.bare == MONTHLY else 3
    first = terms[0].due
    result = []
    for place, term in enumerate(terms):
        quarter, month = divmod(place * step, 3)
        due = first + timedelta(weeks=13 * quarter + 4 * month)
        if due <= as_of:
            result.append(replace(term, due=due))
    return result


def resellers(company: Company) -> None:
    """Bill several contacts of one firm for the same licence at the same price."""
    licence = company.word("Portallizenz", "Portal licence")
    for _ in range(company.size // 3):
        firm = company.customer(person_share=0)
        price = company.price(30, 300)
        cadence = company.pick({MONTHLY: 3.0, YEARLY: 1.0})
        starts_on = company.day()
        for _ in range(company.random.randint(2, 4)):
            contact = company.contact()
            if company.chance(0.5):
                starts_on = company.day()
            company.sign(
                Contract(
                    firm,
                    licence,
                    cadence,
                    price,
                    starts_on=starts_on,
                    contact=contact,
                )
            )


def renamed(company: Company) -> None:
    """Rename some customers in between, and merge some into another's name."""
    service = company.word("Fernwartung", "Remote support")
    extra = company.word("Datensicherung", "Backup service")
    for _ in range(company.size):
        customer = company.customer(person_share=0)
        cadence = company.pick({MONTHLY: 3.0, QUARTERLY: 1.0, YEARLY: 1.0})
        for product in (service, extra)[: company.pick({1: 2, 2: 1})]:
            price = company.price(30, 600)
            terms = company.terms(Contract(customer, product, cadence, price))
            company.keep(terms)
        if company.chance(0.3):
            _rename(company, customer)


def _rename(company: Company, customer: Customer) -> None:
    """Give a customer's deals from some day on another name, with the same contacts."""
    later_name = replace(
        company.customer(person_share=0), contacts=customer.contacts
    )
    new_name = replace(later_name, number=customer.number)
    day = company.day()
    for deal in company.deals:
        if (
            deal.customer.number == customer.number
            and deal.moment.date() >= day
        ):
            old_words = without_form(customer)
            deal.title = deal.title.replace(old_words, without_form(new_name))
            deal.customer = new_name
