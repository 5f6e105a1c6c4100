"""The demo's old customers: years of deals copied by hand, without subscriptions so far."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from turnus.accounts.models import User
from turnus.contacts.actions import insert_contacts
from turnus.contacts.rules import settle
from turnus.core.cadence import (
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    TWICE_A_MONTH,
    YEARLY,
    Cadence,
    CadenceTerm,
)
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.columns import FieldValues
from turnus.sales.actions import insert_deals
from turnus.sales.rules import DealRules

_NAMES = (
    "Ostsee Fenster GmbH",
    "Havel Catering KG",
    "Saale Druck AG",
    "Ostsee Immobilien GmbH",
    "Havel Optik e.K.",
    "Saale Maschinenbau GmbH",
    "Mosel Weinhandel KG",
    "Lahn Architekten GmbH",
    "Neckar Apotheke e.K.",
    "Ruhr Spedition AG",
    "Oder Möbel GmbH",
    "Main Software GmbH",
)
_SERVICES: tuple[tuple[str, Cadence, int], ...] = (
    ("Wartung Server", MONTHLY, 180),
    ("Lizenz CRM-Modul", YEARLY, 1190),
    ("Hosting Pro", MONTHLY, 39),
    ("Support-Paket Gold", QUARTERLY, 450),
    ("Newsletter-Service", TWICE_A_MONTH, 60),
    ("Backup-Dienst", HALF_YEARLY, 330),
    ("Obstkorb-Lieferung", MONTHLY, 85),
)
_SINGLE = (
    ("Einrichtung", 890),
    ("Schulung Vertrieb", 1450),
    ("Sonderauftrag", 620),
    ("Wartung Dach", 450),
)
#: Options of the custom field *Abo* that some copies have, by cadence.
_WORDS = {
    YEARLY: "jährlich",
    MONTHLY: "monatlich",
    TWICE_A_MONTH: "zweimal monatlich",
}


def make_copies(
    *, by: User, at: datetime, plans: Mapping[str, int], plan_key: str
) -> None:
    """Add the customers and their deals; `plans`: options of the field `plan_key` by name."""
    chance = random.Random(2013)  # noqa: S311
    fields = catalog(RecordKind.ORGANIZATION)
    rules = DealRules.load()
    rows = [settle({"name": name}, {}, fields) for name in _NAMES]
    customers = insert_contacts(
        RecordKind.ORGANIZATION, rows=rows, by=by, at=at
    )
    deals = []
    for number, customer in enumerate(customers):
        for purchase in _bought(number, at.date(), chance):
            won: FieldValues = {
                "title": purchase.title,
                "value": Money.of(purchase.price, "EUR"),
                "won_at": purchase.won_on,
                "organization": customer,
                "owner": by.pk,
                "status": "won",
                plan_key: plans.get(purchase.plan),
            }
            columns = rules.settle(won, {}, at)
            deals.append(
                {**columns, "created_at": rules.moment(purchase.won_on)}
            )
    insert_deals(
        rows=sorted(deals, key=lambda row: row["created_at"]), by=by, at=at
    )


@dataclass(frozen=True, slots=True)
class _Purchase:
    """A won deal; `plan`: an option of the custom field *Abo*, empty without one."""

    title: str
    price: int
    won_on: date
    plan: str = ""


def _bought(
    number: int, today: date, chance: random.Random
) -> Iterator[_Purchase]:
    """Yield what a customer bought: one or two services, copied each period, and something else."""
    for place in range(1 + number % 2):
        title, cadence, price = _SERVICES[
            (number + 3 * place) % len(_SERVICES)
        ]
        start = today - timedelta(days=chance.randint(500, 2000))
        until = today if number % 4 else today - timedelta(days=200)
        for term in cadence.terms(start, until=until):
            if term.number and chance.random() < 0.03:
                price = round(price * 1.05)
            if (
                term.number == 0 or chance.random() > 0.04
            ):  # else nobody thought of it
                yield _copy(title, cadence, price, term, today, chance)
    for title, price in chance.sample(_SINGLE, 1 + number % 2):
        day = today - timedelta(days=chance.randint(40, 1400))
        yield _Purchase(title, price, day)


def _copy(
    title: str,
    cadence: Cadence,
    price: int,
    term: CadenceTerm,
    today: date,
    chance: random.Random,
) -> _Purchase:
    due = term.days.start
    names = (
        title,
        title,
        f"{title} (Kopie)",
        f"{title} {due.year}",
        f"Verlängerung {title}",
    )
    late = (
        chance.choice((0, 0, 0, 0, 1, 2, 3)) if chance.random() < 0.95 else 11
    )
    word = _WORDS.get(cadence, "") if chance.random() < 0.3 else ""
    if term.number:
        name = chance.choice(names)
    else:
        # The first one is the contract itself: on its day, under its own name.
        name = title
        late = 0
    return _Purchase(name, price, min(due + timedelta(days=late), today), word)
