"""Made-up years of won deals whose subscriptions lived by copying, with the truth about them."""

import csv
import json
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from turnus.core.cadence import (
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    TWICE_A_MONTH,
    WEEKLY,
    YEARLY,
    Cadence,
)
from turnus.core.cadence_words import TWO_MONTHLY

FIRST, AS_OF = date(2019, 1, 1), date(2025, 6, 30)
META = {
    "as_of": AS_OF.isoformat(),
    "first": FIRST.isoformat(),
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "rates": {"EUR": "1", "CHF": "1.05"},
}
HEADINGS = (
    "Deal - ID",
    "Deal - Titel",
    "Deal - Status",
    "Deal - Wert",
    "Deal - Währung",
    "Organisation - Name",
    "Person - Name",
    "Deal - Gewonnen am",
    "Deal - Abo-Plan",
)
_CADENCES = {
    "monthly": (MONTHLY, 9, "monatlich"),
    "annual": (YEARLY, 9, "jährlich"),
    "quarterly": (QUARTERLY, 4, "vierteljährlich"),
    "weekly": (WEEKLY, 1, "wöchentlich"),
    "twice_monthly": (TWICE_A_MONTH, 1, "zweimal monatlich"),
    "half_yearly": (HALF_YEARLY, 2, "halbjährlich"),
    "every_2_months": (TWO_MONTHLY, 1, "alle zwei Monate"),
}
_SERVICES = (
    "Aufzugswartung",
    "Datensicherung",
    "Fensterreinigung",
    "Fernwartung",
    "Grünpflege",
    "Lagerfläche",
    "Lizenz Planungssoftware",
    "Mailserver",
    "Mietdrucker",
    "Notrufzentrale",
    "Schädlingskontrolle",
    "Wasserspender",
    "Winterdienst",
    "Zeiterfassung",
)
_WORK = (
    "Baustellenbegehung",
    "Beratung vor Ort",
    "Ersatzteile",
    "Inbetriebnahme",
    "Schulung Anwender",
    "Umbau Empfang",
    "Gutachten",
)
_NAMES = (
    "Ahrens",
    "Becker",
    "Conrad",
    "Dietz",
    "Eckert",
    "Förster",
    "Grün",
    "Heller",
    "Ivers",
    "Jansen",
    "Köster",
    "Lüders",
    "Möller",
    "Nagel",
    "Opitz",
    "Preuß",
)
_TRADES = (
    "Logistik",
    "Maschinen",
    "Optik",
    "Papier",
    "Reisen",
    "Textil",
    "Verlag",
    "Werbung",
)
_FORMS = ("GmbH", "AG", "KG", "e.K.", "OHG")


@dataclass(frozen=True, slots=True)
class Noise:
    """How careless people were: shares of the deals, except for the days."""

    days: float = 0
    forgotten: float = 0
    no_plan: float = 0
    no_title: float = 0
    listed: float = 0
    doubled: float = 0
    misspelt: float = 0


LEVELS = (
    Noise(),
    Noise(
        days=1.5,
        forgotten=0.008,
        no_plan=0.06,
        no_title=0.05,
        doubled=0.002,
        misspelt=0.02,
    ),
    Noise(
        days=2.5,
        forgotten=0.025,
        no_plan=0.25,
        no_title=0.15,
        listed=0.03,
        doubled=0.005,
        misspelt=0.04,
    ),
    Noise(
        days=4,
        forgotten=0.04,
        no_plan=0.55,
        no_title=0.35,
        listed=0.05,
        doubled=0.01,
        misspelt=0.06,
    ),
    Noise(
        days=6,
        forgotten=0.065,
        no_plan=1,
        no_title=0.5,
        listed=0.07,
        doubled=0.015,
        misspelt=0.08,
    ),
)


class World:
    """One company's history; the same seed makes the same world."""

    def __init__(self, *, level: int, seed: int, customers: int = 60) -> None:
        self.noise = LEVELS[level]
        self.random = random.Random(seed)  # noqa: S311 (made-up deals, no secrets)
        self.chains: list[dict[str, Any]] = []
        self.deals: list[dict[str, Any]] = []
        self.rows: list[list[str]] = []
        for number in range(customers):
            self._customer(f"c{number}")

    def write(self, folder: Path) -> None:
        """Write `export.csv`, `meta.json` and `truth.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "export.csv").open(
            "w", encoding="utf-8-sig", newline=""
        ) as file:
            csv.writer(file, delimiter=";").writerows([HEADINGS, *self.rows])
        (folder / "meta.json").write_text(json.dumps(META), encoding="utf-8")
        truth = {"chains": self.chains, "deals": self.deals}
        (folder / "truth.json").write_text(
            json.dumps(truth, ensure_ascii=False), encoding="utf-8"
        )

    def _customer(self, key: str) -> None:
        pick = self.random.choice
        name = f"{pick(_NAMES)} {key[1:]} {pick(_TRADES)} {pick(_FORMS)}"
        currency = "CHF" if self.random.random() < 0.1 else "EUR"
        for line, service in enumerate(
            self.random.sample(_SERVICES, pick((1, 1, 1, 2, 2, 3)))
        ):
            self._line(f"{key}-L{line}", name, service, currency)
        for _ in range(pick((0, 1, 2, 3))):
            won = FIRST + timedelta(
                days=self.random.randrange((AS_OF - FIRST).days)
            )
            plan = (
                "" if self.random.random() < self.noise.no_plan else "einmalig"
            )
            deal = self._deal(
                won,
                name,
                title=pick(_WORK),
                price=self._price(5000),
                currency=currency,
                plan=plan,
            )
            self.deals[-1] |= {"role": "oneoff", "id": deal, "customer": key}

    def _line(self, line: str, name: str, service: str, currency: str) -> None:
        key = self.random.choices(
            list(_CADENCES), [weight for _, weight, _ in _CADENCES.values()]
        )[0]
        cadence, _, plan = _CADENCES[key]
        anchor = FIRST + timedelta(
            days=self.random.randrange((AS_OF - FIRST).days)
        )
        end = anchor + timedelta(
            days=int(self.random.expovariate(1 / 1600)) + 20
        )
        price = self._price(
            int(30_000 / float(cadence.billings_per_year)) + 20
        )
        periods: list[dict[str, Any]] = []
        for term in cadence.terms(
            anchor, until=min(end, AS_OF + timedelta(days=1))
        ):
            if (
                periods
                and term.days.start.year > int(periods[-1]["due"][:4])
                and self.random.random() < 0.5
            ):
                price = (price * Decimal("1.04")).quantize(Decimal("0.1"))
            deal = (
                self._renewal(
                    term.days.start, name, service, price, currency, plan, line
                )
                if self._is_kept(periods)
                else None
            )
            periods.append(
                {
                    "due": term.days.start.isoformat(),
                    "end": term.days.end.isoformat(),
                    "price": str(price),
                    "key": key,
                    "deal": deal,
                }
            )
        while periods and periods[-1]["deal"] is None:
            periods.pop()
        last = date.fromisoformat(periods[-1]["end"])
        self.chains.append(
            {
                "id": f"{line}-R0",
                "line": line,
                "customer": line.split("-", maxsplit=1)[0],
                "currency": currency,
                "end": None if last > AS_OF else last.isoformat(),
                "periods": periods,
            }
        )

    def _is_kept(self, periods: list[dict[str, Any]]) -> bool:
        return (
            not periods
            or periods[-1]["deal"] is None
            or self.random.random() >= self.noise.forgotten
        )

    def _renewal(
        self,
        due: date,
        name: str,
        service: str,
        price: Decimal,
        currency: str,
        plan: str,
        line: str,
    ) -> int:
        is_first = not self.deals or self.deals[-1].get("line") != line
        won = (
            due
            if is_first
            else due
            + timedelta(days=round(self.random.gauss(0.5, self.noise.days)))
        )
        if not is_first and self.random.random() < self.noise.listed:
            won = due + timedelta(days=self.random.randint(-20, 20))
        title = self._title(service, name)
        plan = "" if self.random.random() < self.noise.no_plan else plan
        won = min(won, AS_OF)
        deal = self._deal(
            won, name, title=title, price=price, currency=currency, plan=plan
        )
        known = {
            "chain": f"{line}-R0",
            "line": line,
            "customer": line.split("-", maxsplit=1)[0],
        }
        self.deals[-1] |= {
            "role": "first" if is_first else "renewal",
            "id": deal,
            **known,
        }
        if self.random.random() < self.noise.doubled:
            row, again = list(self.rows[-1]), dict(self.deals[-1])
            row[0] = str(deal + 1)
            self.rows.append(row)
            self.deals.append(again | {"role": "duplicate", "id": deal + 1})
            # The line's own last deal stays the last one.
            self.deals[-1], self.deals[-2] = self.deals[-2], self.deals[-1]
        return deal

    def _title(self, service: str, name: str) -> str:
        if self.random.random() < self.noise.no_title:
            return self.random.choice(
                (
                    "",
                    "Verlängerung",
                    f"{name} Deal",
                    f"Rechnung {self.random.randint(1000, 9999)}",
                    "Abo",
                )
            )
        title = service
        if self.random.random() < self.noise.misspelt:
            place = self.random.randrange(len(title) - 1)
            title = (
                title[:place]
                + title[place + 1]
                + title[place]
                + title[place + 2 :]
            )
        return self.random.choice(
            (
                title,
                title,
                f"{title} (Kopie)",
                f"{title} / {name}",
                f"{title} - Verlängerung",
            )
        )

    def _deal(
        self,
        won: date,
        name: str,
        *,
        title: str,
        price: Decimal,
        currency: str,
        plan: str,
    ) -> int:
        number = 1000 + len(self.rows)
        spelt = (
            name.upper()
            if self.random.random() < self.noise.misspelt
            else name
        )
        at = f"{won:%d.%m.%Y} {self.random.randint(8, 17):02}:{self.random.randint(0, 59):02}"
        self.rows.append(
            [
                str(number),
                title,
                "Gewonnen",
                str(price).replace(".", ","),
                currency,
                spelt,
                "",
                at,
                plan,
            ]
        )
        self.deals.append(
            {
                "id": number,
                "role": "",
                "chain": None,
                "line": None,
                "won": won.isoformat(),
            }
        )
        return number

    def _price(self, most: int) -> Decimal:
        return Decimal(self.random.randint(15, max(most, 16))).quantize(
            Decimal("0.01")
        )


def cadence_of(key: str) -> Cadence:
    """Return the cadence that a truth's word means; also those of worlds made elsewhere."""
    more = {"every_4_weeks": "4w", "every_2_years": "2y"}
    return _CADENCES[key][0] if key in _CADENCES else Cadence.parse(more[key])
