"""Plain rhythms without a plan's word: each is to be read right, or at least to be asked about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from bench.companies.scoring import rhythm_of
from turnus.core.cadence import Cadence
from turnus.core.detection.detecting import detect
from turnus.core.detection.facts import Detection, Sold
from turnus.core.money import Money

_FIRST = date(2012, 3, 7)
_LATEST = date(2026, 1, 1)


class Verdict(StrEnum):
    """What became of a rhythm."""

    RIGHT = "right"
    ASKED = "asked"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class PlainRhythm:
    """A rhythm, the cadences that describe it, and the days it falls on."""

    name: str
    accepted: tuple[str, ...]
    days: tuple[date, ...]


def _every(cadence: str) -> PlainRhythm:
    """Return twelve terms of a cadence, or as many as there is time for."""
    terms = Cadence.parse(cadence).terms(_FIRST, until=_LATEST)
    days = [term.days.start for term, _ in zip(terms, range(12), strict=False)]
    return PlainRhythm(cadence, (cadence,), tuple(days))


def _weeks(
    name: str, accepted: Sequence[str], week_of: Callable[[int], int]
) -> PlainRhythm:
    days = [_FIRST + timedelta(weeks=week_of(number)) for number in range(16)]
    return PlainRhythm(name, tuple(accepted), tuple(days))


def _month_of_quarter(number: int) -> int:
    quarter, month = divmod(number, 3)
    return 13 * quarter + 4 * month


def _plain_rhythms() -> list[PlainRhythm]:
    cadences = [f"{count}d" for count in (10, 20, 30, 45, 100)]
    cadences += [f"{count}w" for count in (1, 2, 3, 4, 5, 6, 8, 10, 12)]
    cadences += [f"{count}m" for count in (1, 2, 3, 4, 5, 6, 8, 9, 10, 18)]
    cadences += [f"{count}y" for count in (1, 2, 3, 4)]
    calendars = [
        _weeks("4-4-5 months", ("1m", "4w"), _month_of_quarter),
        _weeks("4-4-5 quarters", ("3m", "13w"), lambda number: 13 * number),
        _every("2/m:7,22"),
    ]
    return [*map(_every, cadences), *calendars]


RHYTHMS = _plain_rhythms()


def verdict_on(rhythm: PlainRhythm, *, scatter_days: int = 0) -> Verdict:
    """Return how the rhythm is read, each day moved by up to so many days."""
    random = Random(rhythm.name)  # noqa: S311 (made-up deals, no secrets)
    sold = []
    for number, day in enumerate(rhythm.days, start=1):
        moved = day + timedelta(
            days=random.randint(-scatter_days, scatter_days)
        )
        sold.append(deal_of(number, moved, "Containertausch", 480))
    detection = detect(sold, as_of=sold[-1].won_on)
    if _is_right(detection, rhythm):
        return Verdict.RIGHT
    return Verdict.ASKED if detection.questions else Verdict.WRONG


def _is_right(detection: Detection, rhythm: PlainRhythm) -> bool:
    if len(detection.chains) != 1 or detection.single or detection.doubles:
        return False
    accepted = {
        rhythm_of(Cadence.parse(cadence)) for cadence in rhythm.accepted
    }
    return rhythm_of(detection.chains[0].cadence) in accepted


def deal_of(
    number: int,
    won_on: date,
    title: str,
    value: int,
    organization: str = "Elbe GmbH",
) -> Sold:
    """Return a won deal in euros, without a plan."""
    amount = Money.of(value, "EUR").amount_e4
    return Sold(
        number, won_on, amount, "EUR", title, organization=organization
    )


def print_rhythms() -> None:
    """Print how many are right, asked about and wrong, and which are wrong."""
    for scatter_days in (0, 1):
        names: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
        for rhythm in RHYTHMS:
            verdict = verdict_on(rhythm, scatter_days=scatter_days)
            names[verdict].append(rhythm.name)
        counts = ", ".join(
            f"{len(found)} {verdict}" for verdict, found in names.items()
        )
        title = "days off" if scatter_days else "exact"
        print(f"Rhythms, {title}: {counts} of {len(RHYTHMS)}")
        for verdict in (Verdict.ASKED, Verdict.WRONG):
            if names[verdict]:
                print(f"  {verdict}: {', '.join(names[verdict])}")
