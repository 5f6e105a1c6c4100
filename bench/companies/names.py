"""Names of made-up firms, people and places."""

from random import Random

from bench.companies.facts import Customer

LAST_NAMES = (
    "Abendroth", "Baumgart", "Cramer", "Dorn", "Engelke", "Falk", "Gessner",
    "Hoppe", "Illing", "Joost", "Kirsch", "Lohse", "Marquardt", "Neuhaus",
    "Oertel", "Pape", "Quast", "Rehbein", "Seidler", "Thoma", "Uhlig",
    "Vierk", "Wiegand", "Zabel", "Brandt", "Carstens", "Drews", "Ebeling",
)  # fmt: skip
FIRST_NAMES = (
    "Anja", "Birgit", "Claas", "Dörte", "Enno", "Frauke", "Gesa", "Hauke",
    "Imke", "Jule", "Knut", "Lale", "Malte", "Nele", "Onno", "Paula",
    "Ralf", "Sönke", "Tomke", "Ulf", "Wiebke", "Yusuf", "Zoe", "Emre",
)  # fmt: skip
TRADES = (
    "Holzbau", "Druckerei", "Spedition", "Apotheke", "Autohaus", "Gärtnerei",
    "Architekten", "Bäckerei", "Elektro", "Feinkost", "Möbelhaus", "Sanitär",
    "Steuerbüro", "Werft", "Zahnärzte", "Kanzlei", "Medienhaus", "Bauhof",
)  # fmt: skip
FORMS = ("GmbH", "AG", "KG", "e.K.", "OHG", "GmbH & Co. KG", "UG")
PLACES = (
    "Aurich", "Bocholt", "Coburg", "Döbeln", "Eutin", "Freising", "Görlitz",
    "Husum", "Ilmenau", "Jever", "Kleve", "Landshut", "Mölln", "Norden",
    "Olpe", "Pirna", "Quedlinburg", "Rheine", "Soest", "Torgau", "Uelzen",
    "Verden", "Wismar", "Xanten", "Zittau", "Apolda", "Bebra", "Cham",
    "Dachau", "Erding", "Fulda", "Greiz", "Hameln", "Idstein", "Jena",
    "Kamenz", "Lemgo", "Melle", "Nordhorn", "Osterode",
)  # fmt: skip


def person_name(random: Random) -> str:
    """Return a first and a last name."""
    return f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"


def firm_name(random: Random) -> str:
    """Return the name of a firm with its legal form."""
    trade, last = random.choice(TRADES), random.choice(LAST_NAMES)
    place, form = random.choice(PLACES), random.choice(FORMS)
    patterns = (
        f"{trade} {last} {form}",
        f"{last} {trade} {form}",
        f"{trade} {place} {form}",
        f"{last} & {random.choice(LAST_NAMES)} {form}",
    )
    return random.choice(patterns)


def new_customer(
    random: Random, number: int, *, person_share: float
) -> Customer:
    """Return a firm with one to three contacts, or a person."""
    if random.random() < person_share:
        return Customer(number, person_name(random), is_person=True)
    contact_count = random.choice((1, 1, 1, 2, 3))
    contacts = {person_name(random) for _ in range(contact_count)}
    return Customer(
        number, firm_name(random), contacts=tuple(sorted(contacts))
    )
