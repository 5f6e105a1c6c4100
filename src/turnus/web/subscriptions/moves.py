"""What moved a subscription's revenue, as a sentence for each movement."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.core.money import Money
from turnus.kit import formats
from turnus.reports.recurring.life import Moved

_STOPS = {
    "paused": gettext_lazy("On %(day)s it was paused."),
    "ended": gettext_lazy("On %(day)s it ended."),
    "lapsed": gettext_lazy("On %(day)s it was not renewed."),
}


@dataclass(frozen=True, slots=True)
class ShownMove:
    """A movement and its sentence."""

    move: Moved
    sentence: str


def shown_moves(moves: list[Moved], language: str) -> list[ShownMove]:
    """Return movements with their sentences, in the active language."""
    return [ShownMove(move, _sentence(move, language)) for move in moves]


def _sentence(move: Moved, language: str) -> str:
    words = {
        "day": formats.day(move.on, language),
        "before": _money(move.before, language),
        "after": _money(move.after, language),
    }
    if move.plans:
        words["old"], words["new"] = move.plans
    return _template(move) % words


def _template(move: Moved) -> str:
    """Return the sentence that tells what happened."""
    if move.what in _STOPS:
        return str(_STOPS[move.what])
    if move.before:
        return _changed(move)
    if move.what == "resumed":
        return _("On %(day)s it resumed at %(after)s.")
    return _("On %(day)s it started at %(after)s.")


def _changed(move: Moved) -> str:
    if move.plans:
        return _(
            "On %(day)s the plan changed from %(old)s at %(before)s to %(new)s at %(after)s."
        )
    if move.what == "plan_changed":
        return _(
            "On %(day)s the plan changed, and the price from %(before)s to %(after)s."
        )
    if move.what == "price_up":
        return _("On %(day)s the price went up from %(before)s to %(after)s.")
    return _("On %(day)s the price went down from %(before)s to %(after)s.")


def _money(amount: Money | None, language: str) -> str:
    if amount is None:
        return ""
    return formats.money(amount.amount_e4, amount.currency, language)
