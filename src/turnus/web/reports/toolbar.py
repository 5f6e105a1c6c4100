"""The choices above a report, as far as it listens to them."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from turnus.accounts.queries import currency_codes
from turnus.core.calendar import Period
from turnus.core.records import RecordKind
from turnus.reports.definition import Parameter
from turnus.reports.words import BASES, MEASURES
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.reports.asking import PERIODS, AskedReport


class MenuOption(NamedTuple):
    """An option of a menu."""

    value: str
    word: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu: its name in the address, what it is called, its options."""

    name: str
    label: str
    choices: list[MenuOption]


@dataclass(frozen=True, slots=True)
class Toolbar:
    """The choices: days are None where the report does not listen to them."""

    first: date | None
    last: date | None
    menus: list[Menu]
    takes_known_on: bool
    known_on: date | None


def toolbar_of(request: SignedInRequest, asked: AskedReport) -> Toolbar:
    """Return the choices of a report, with what is chosen."""
    definition, params = asked.definition, asked.params
    takes_days = definition.takes(Parameter.DAYS)
    return Toolbar(
        first=params.days.start if takes_days else None,
        last=params.days.last_day if takes_days else None,
        menus=_menus(request, asked),
        takes_known_on=definition.takes(Parameter.KNOWN_ON),
        known_on=params.known_on,
    )


def _menus(request: SignedInRequest, asked: AskedReport) -> list[Menu]:
    definition = asked.definition
    menus = []
    if definition.takes(Parameter.PERIOD):
        menus.append(Menu("by", _("Period"), _periods(asked.params.period)))
    if definition.takes(Parameter.SPLIT):
        menus.append(
            Menu("split", _("Split by"), _splits(asked, language_of(request)))
        )
    if definition.takes(Parameter.MEASURE):
        menus.append(Menu("measure", _("Count"), _measures(asked)))
    menus.append(Menu("filter", _("Filter"), _filters(asked)))
    if definition.takes(Parameter.CURRENCY):
        codes = sorted({*currency_codes(), asked.params.currency})
        if len(codes) > 1:
            menus.append(
                Menu("currency", _("Currency"), _currencies(codes, asked))
            )
            menus.append(Menu("rates", _("Exchange rates"), _bases(asked)))
    return menus


def _periods(chosen: Period) -> list[MenuOption]:
    words = {
        Period.DAY: _("by day"),
        Period.MONTH: _("by month"),
        Period.QUARTER: _("by quarter"),
        Period.YEAR: _("by year"),
    }
    return [
        MenuOption(str(period), words[period], period is chosen)
        for period in PERIODS
    ]


def _splits(asked: AskedReport, language: str) -> list[MenuOption]:
    chosen, fields = asked.params.split, asked.fields
    paths = asked.definition.splits(fields)
    named = [
        MenuOption(path, fields.name(path, language), path == chosen)
        for path in paths
    ]
    return [MenuOption("", _("no split"), not chosen), *named]


def _measures(asked: AskedReport) -> list[MenuOption]:
    chosen = asked.params.measure
    return [
        MenuOption(str(one), str(word), one is chosen)
        for one, word in MEASURES.items()
    ]


def _filters(asked: AskedReport) -> list[MenuOption]:
    everything = {
        RecordKind.DEAL: _("All deals"),
        RecordKind.SUBSCRIPTION: _("All subscriptions"),
    }
    named = [
        MenuOption(str(one.pk), one.name, one == asked.saved)
        for one in asked.filters
    ]
    return [
        MenuOption(
            "", everything[asked.definition.record_kind], asked.saved is None
        ),
        *named,
    ]


def _currencies(codes: list[str], asked: AskedReport) -> list[MenuOption]:
    return [
        MenuOption(code, code, code == asked.params.currency) for code in codes
    ]


def _bases(asked: AskedReport) -> list[MenuOption]:
    chosen = asked.params.basis
    return [
        MenuOption(str(one), str(word), one is chosen)
        for one, word in BASES.items()
    ]
