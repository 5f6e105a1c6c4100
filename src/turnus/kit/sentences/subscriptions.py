"""Sentences about plans, subscriptions, renewals and missed renewals."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_SUBSCRIPTIONS: Mapping[str, Promise] = {
    "plan.cadence_invalid": _(
        "This is not a cadence. Enter a number from 1 to 999 and a unit."
    ),
    "plan.days_invalid": _(
        "“{days}” does not name two days of the month. Write them like 10/25; for the last day, "
        "write 31, as in 15/31."
    ),
    "plan.in_use": _(
        "{count} subscriptions use this plan. Move them to another plan first."
    ),
    "radar.changed": _(
        "The findings have changed since the preview. Review them again."
    ),
    "radar.credit": _(
        "“{title}”, won on {day}, refunds its price of {money}, but the subscription goes on."
    ),
    "radar.credit.end": _(
        "Ends this subscription with the last paid term. Its deals stay, including the negative "
        "one."
    ),
    "radar.deal_twice": _(
        "“{title}”, won on {day}, books no term. “{other}” books the term from {starts_day} to "
        "{last_day} for the same customer and amount."
    ),
    "radar.deal_twice.imported": _(
        "“{title}”, won on {day} and imported, books no term. “{other}” books the term from "
        "{starts_day} to {last_day} for the same customer and amount."
    ),
    "radar.deal_twice.trash": _(
        "Moves the deal “{title}” of {day} to the trash. The term keeps its own deal."
    ),
    "radar.does_not_fit": _(
        "This does not work for every finding that is ticked."
    ),
    "radar.forgotten": _(
        "Term {number} of {day} was missed: there are copies before and after it."
    ),
    "radar.forgotten.book": _(
        "Books term {number} with a new deal of {money}, won on {day}."
    ),
    "radar.forgotten.skip": _(
        "Skips term {number}; nothing is booked or paid for it."
    ),
    "radar.gone": _("Term {number} of {day}: its deal was deleted for good."),
    "radar.gone.book": _(
        "Books term {number} with a new deal of {money}, won on {day}."
    ),
    "radar.gone.skip": _(
        "Skips term {number}; nothing is booked or paid for it."
    ),
    "radar.lost": _(
        "Term {number} of {day}: its deal is lost, but later terms are booked."
    ),
    "radar.lost.book": _("Marks the deal of term {number} as won on {day}."),
    "radar.lost.skip": _("Skips term {number}; its deal stays lost."),
    "radar.missed": _(
        "Terms due but not booked: {count}, the first on {day} ({late} days ago)."
    ),
    "radar.missed.book": _(
        "Books all terms due up to today, each won on its own day. Terms: {count}, total {money}."
    ),
    "radar.missed.skip": _(
        "Skips all terms due up to today. Terms: {count}. Nothing is booked or paid for them."
    ),
    "radar.none_chosen": _("Tick at least one finding."),
    "radar.nothing": _("Nothing is missing, and there are no duplicates."),
    "radar.number": _(
        "Term {number} of {day} is missing between two booked terms."
    ),
    "radar.number.book": _(
        "Books term {number} with a new deal of {money}, won on {day}."
    ),
    "radar.number.skip": _(
        "Skips term {number}; nothing is booked or paid for it."
    ),
    "radar.open": _(
        "Term {number} of {day}: its deal is still open after the plan's grace period."
    ),
    "radar.open.book": _("Wins the deal of term {number} on {day}."),
    "radar.open.skip": _("Skips term {number}; its deal becomes lost."),
    "radar.subscription_twice": _(
        "It has been running since {day} beside “{other}”, which started on {other_day}: same "
        "customer, price and cadence."
    ),
    "radar.subscription_twice.end": _(
        "Ends this subscription with the last paid term. Its deals stay."
    ),
    "radar.subscription_twice.trash": _(
        "Moves this subscription to the trash. Its deals stay."
    ),
    "radar.trashed": _("Term {number} of {day}: its deal is in the trash."),
    "radar.trashed.book": _(
        "Restores the deal of term {number} from the trash and, if it was not won, wins it on "
        "{day}."
    ),
    "radar.trashed.skip": _(
        "Skips term {number}; its deal stays in the trash."
    ),
    "renewal.deals_without_subscription": _(
        "None of these deals belongs to a subscription. Start subscriptions for them first."
    ),
    "renewal.moved_on": _(
        "This renewal has changed in the meantime. Reload the list."
    ),
    "renewal.no_rise": _("Enter a percentage or an amount."),
    "renewal.none_chosen": _("Choose at least one subscription."),
    "renewal.nothing_due": _("Nothing is due on {on}."),
    "renewal.price_negative": _("A price cannot be negative."),
    "renewal.undo_later_first": _(
        "Later terms have been booked since. Undo that run first."
    ),
    "renewal.undo_new_stretch": _(
        "This run cannot be undone: after a pause or a price change, a new stretch of terms has "
        "started."
    ),
    "renewal.wrong_state": _(
        "This renewal run has changed in the meantime. Reload the page."
    ),
    "subscription.days_without_plan": _(
        "Two days of the month only fit a plan that recurs twice a month, not “{plan}”."
    ),
    "subscription.deal_not_won": _(
        "Only a won deal can start a subscription."
    ),
    "subscription.deal_taken": _(
        "This deal already books a term of a subscription."
    ),
    "subscription.end_before_start": _(
        "A subscription cannot end before it starts."
    ),
    "subscription.no_plan_change": _(
        "{on} is neither the next due day nor within the current term, or a later term is already "
        "booked."
    ),
    "subscription.not_inside_term": _(
        "{on} is outside the current term, or a later term is already booked."
    ),
    "subscription.other_currency": _(
        "The price must be in the subscription's currency."
    ),
    "subscription.plan_missing": _("Choose a plan."),
    "subscription.preview_moved": _(
        "Something has changed since the preview. Review it again."
    ),
    "subscription.price_missing": _("Enter the price per period."),
    "subscription.resume_before_stop": _(
        "A subscription can only resume after the day it stopped."
    ),
    "subscription.term_begins": _(
        "The term that starts on {on} is already booked at its price. Choose a later day in it, or "
        "leave the day blank to set the price from the next term on."
    ),
}
