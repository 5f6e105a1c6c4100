"""Amounts, days and moments in templates, in the reader's language."""

from datetime import date, datetime
from typing import Protocol, TypeVar

from django import template
from django.urls import reverse
from django.utils.translation import get_language

from turnus.accounts.access import OwnedRecord, sees
from turnus.contacts.models import Organization, Person
from turnus.core.money import Money
from turnus.imports.models import Import
from turnus.imports.state_words import state_words
from turnus.kit import formats
from turnus.kit.errors import StoredRefusal
from turnus.kit.messages import sentence
from turnus.listing.links import Unseen
from turnus.reports.catalog import REPORTS
from turnus.reports.definition import AnyDefinition

register = template.Library()
R = TypeVar("R", bound=OwnedRecord)


class HasCustomer(Protocol):
    """A deal or a subscription, as far as its customer goes."""

    organization: Organization | None
    person: Person | None


def _language() -> str:
    return (get_language() or "en")[:2]


@register.filter
def money(value: Money) -> str:
    """Show an amount with its currency."""
    return formats.money(value.amount_e4, value.currency, _language())


@register.simple_tag
def amount(amount_e4: int, currency: str) -> str:
    """Say ten-thousandths of one unit of `currency` as money, to its own decimals."""
    return money(Money.rounded_from(amount_e4, currency))


@register.filter
def number(value: int) -> str:
    """Show a whole number with thousands marks."""
    return formats.number(value, _language())


@register.filter
def day(value: date | None) -> str:
    """Show a day."""
    return formats.day(value, _language()) if value else ""


@register.simple_tag(takes_context=True)
def moment(context: template.Context, value: datetime | None) -> str:
    """Show a moment as the company's clocks showed it."""
    if value is None:
        return ""
    return formats.moment(value, context["request"].company.zone, _language())


@register.filter
def initials(name: str) -> str:
    """Return the first letters of a name's first and last word."""
    words = (name or "").split()
    if not words:
        return ""
    letters = words[0][0]
    if len(words) > 1:
        letters += words[-1][0]
    return letters.upper()


@register.filter
def tone(name: str) -> int:
    """Return which of the six avatar tones a name has, always the same one."""
    return sum(map(ord, name or "")) % 6 + 1


@register.filter
def refusal_text(error: StoredRefusal | None) -> str:
    """Say a refusal that was stored as its code and values."""
    return sentence(error["code"], error["params"]) if error else ""


@register.filter
def undo_address(tags: str) -> str:
    """Return where to undo a notice's change, empty if impossible.

    Its tags hold `undo-<list>-<run>`, `undo-history-<run>` or `undo-run-<run>`.
    """
    found = next(
        (tag for tag in (tags or "").split() if tag.startswith("undo-")), ""
    )
    if not found:
        return ""
    _, word, run = found.split("-")
    if word == "run":
        return reverse("renewal-run", args=[int(run)])
    if word == "history":
        return reverse("history", args=[int(run)])
    return reverse("undo-bulk", args=[word, int(run)])


@register.simple_tag(takes_context=True)
def seen(context: template.Context, record: R | None) -> R | None:
    """Return a linked record if the person may see it, else None."""
    if record is None or not sees(context["request"].user, record):
        return None
    return record


@register.simple_tag(takes_context=True)
def customer(context: template.Context, record: HasCustomer) -> str:
    """Return the customer of a deal or subscription: the organization, else the person.

    A contact that the reader may not see is only called a contact.
    """
    contact = seen(context, record.organization) or seen(
        context, record.person
    )
    return str(contact or Unseen.CONTACT)


@register.filter
def import_state(of: Import) -> str:
    """Return where an import stands, in words."""
    return state_words(of)


@register.simple_tag
def all_reports() -> list[AnyDefinition]:
    """Return the reports, in the order in which they are offered."""
    return list(REPORTS.values())
