"""What buttons and hidden inputs send beside what a person types: a verb, ids, a day."""

from datetime import date
from enum import StrEnum
from typing import TypeVar

from django.http import HttpRequest

from turnus.kit.errors import UserError
from turnus.web.parameters import day_in, ids_in, number_in

Verb = TypeVar("Verb", bound=StrEnum)


def sent_text(request: HttpRequest, name: str) -> str:
    """Return the text that was sent under a name, empty for none."""
    return request.POST.get(name, "")


def sent_texts(request: HttpRequest, name: str) -> list[str]:
    """Return all the texts that were sent under a name, in their order."""
    return request.POST.getlist(name)


def is_sent(request: HttpRequest, name: str) -> bool:
    """Return whether anything was sent under a name, such as by the button that was pressed."""
    return name in request.POST


def sent_number(request: HttpRequest, name: str) -> int | None:
    """Return the number that was sent, None for none that a column could hold."""
    return number_in(sent_text(request, name))


def sent_numbers(request: HttpRequest, name: str) -> list[int]:
    """Return the numbers that were sent, in their order."""
    return ids_in(sent_texts(request, name))


def sent_day(request: HttpRequest, name: str) -> date | None:
    """Return the day that was sent, None for a blank; refuses what is no day."""
    return day_in(sent_text(request, name))


def sent_action(request: HttpRequest) -> str:
    """Return the verb of the button that was pressed, empty for a button without one."""
    return sent_text(request, "action")


def sent_verb(request: HttpRequest, verbs: type[Verb]) -> Verb:
    """Return the verb of the button that was pressed; refuses what is none of `verbs`."""
    action = sent_action(request)
    if action not in set(verbs):
        raise UserError("value.invalid", text=action)
    return verbs(action)
