"""Applies the company, its currencies and its rates."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from turnus.accounts.actions import (
    NewRate,
    add_currency,
    check_rate,
    save_rates,
    update_company,
)
from turnus.accounts.models import Currency, ExchangeRate
from turnus.accounts.queries import company
from turnus.setup.application import Application, tidied
from turnus.setup.changes import decimal_text
from turnus.setup.map_reader import Written, unknown_word
from turnus.setup.records import CompanySetup, RateSetup

#: Rates are stored with ten decimals.
_STEP = Decimal("1e-10")


def apply_company(work: Application, wanted: CompanySetup | None) -> None:
    """Change what differs in the company's settings."""
    if wanted is None:
        return
    present = company()
    values = dict(wanted.values)
    if "currency" in values:
        values["currency"] = values["currency"].strip().upper()
    if "name" in values:
        values["name"] = tidied(values["name"])
    different = {
        key: value
        for key, value in values.items()
        if getattr(present, key) != value
    }
    if not different:
        return
    with work.entry(wanted.line, "company"):
        update_company(
            company=present, by=work.by, values=different, at=work.at
        )
        for key, value in different.items():
            before = getattr(present, key)
            work.changes.changed("company", "", key, before, value)


def apply_currencies(
    work: Application, wanted: Sequence[Written[str]]
) -> None:
    """Add the currencies that are not used yet."""
    present = _active_codes()
    for each in wanted:
        code = each.value.strip().upper()
        if code in present:
            continue
        with work.entry(each.line, "currencies"):
            add_currency(by=work.by, code=code)
            work.changes.added("currencies", code)


def apply_rates(work: Application, wanted: Sequence[RateSetup]) -> None:
    """Set the rates that are not there or differ."""
    if not wanted:
        return
    codes = _active_codes()
    present: dict[tuple[str, date], Decimal] = {}
    stored = ExchangeRate.objects.values_list("currency_id", "on", "rate")
    for code, on, rate in stored:
        present[code, on] = rate
    new_rates = []
    for each in wanted:
        before = present.get((each.currency, each.on))
        with work.entry(each.line, "rates"):
            if each.currency not in codes:
                raise unknown_word(each.currency, sorted(codes))
            check_rate(each.rate)
            if before != each.rate.quantize(_STEP):
                new_rates.append(NewRate(each.currency, each.on, each.rate))
                _tell_rate(work, each, before)
    if new_rates:
        with work.entry(wanted[0].line, "rates"):
            save_rates(by=work.by, new=new_rates)


def _tell_rate(
    work: Application, wanted: RateSetup, before: Decimal | None
) -> None:
    rate = decimal_text(wanted.rate)
    if before is None:
        work.changes.added("rates", wanted.identity, {"rate": rate})
        return
    shown_before = decimal_text(before)
    work.changes.changed("rates", wanted.identity, "rate", shown_before, rate)


def _active_codes() -> set[str]:
    active = Currency.objects.filter(is_active=True)
    return set(active.values_list("code", flat=True))
