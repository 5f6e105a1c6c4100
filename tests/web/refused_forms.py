"""Forms that are refused: what is sent, what is wrong with it, and what is said about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.world import PASSWORD


@dataclass(frozen=True, slots=True)
class Refused:
    """A form as it is sent, the field that is refused, and words that say why."""

    page: str
    sent: Mapping[str, str | list[str]]
    field: str
    words: str
    #: What is sent, but is no input of the form that a person fills in.
    hidden: frozenset[str] = field(default_factory=frozenset)


COMPANY = {
    "language": "en",
    "currency": "EUR",
    "time_zone": "Asia/Tokyo",
    "confirmed": "1",
}
USER = {
    "name": "Dora",
    "email": "dora@example.org",
    "team": "TEAM",
    "is_admin": "on",
}
PLAN = {
    "name": "Quarterly",
    "every": "3",
    "unit": "m",
    "on_last_day": "on",
    "renewal_way": "remind",
    "days_before": "7",
    "stage": "STAGE",
    "grace_days": "9",
}
SETUP = {
    "name": "Nova",
    "language": "en",
    "currency": "CHF",
    "time_zone": "Asia/Tokyo",
    "admin_name": "Dora",
    "admin_email": "dora@example.org",
    "admin_password": PASSWORD,
}
FILTER = {
    "action": "save",
    "0.group": "all",
    "0.0.field": "title",
    "0.0.operator": "contains",
    "0.0.value": "Hosting",
}
SUBSCRIPTION = {
    "name": "Hosting",
    "organization": "Nova",
    "plan": "PLAN",
    "price": "12.50",
    "starts_on": "2018-02-03",
    "last_on": "2019-02-02",
    "renewal_way": "remind",
}
TAKEN = "already"
REQUIRED = "required"
CONFIRMED = frozenset({"confirmed"})
CONDITION = frozenset({"action", "0.group"})
ROW = frozenset({"team", "reason", "label", "option", "action", "stage"})
REFUSED = {
    "company without a name": Refused(
        "company", {**COMPANY, "name": " "}, "name", REQUIRED, CONFIRMED
    ),
    "company with a currency that is none": Refused(
        "company",
        {**COMPANY, "name": "Nova", "currency": "E1R"},
        "currency",
        "E1R",
        CONFIRMED,
    ),
    "rate that is none": Refused(
        "currencies",
        {"currency": "USD", "on": "2018-02-03", "rate": "lots"},
        "rate",
        "lots",
    ),
    "rate below zero": Refused(
        "currencies",
        {"currency": "USD", "on": "2018-02-03", "rate": "-1"},
        "rate",
        "-1",
    ),
    "rate of a day that is none": Refused(
        "currencies",
        {"currency": "USD", "on": "2018-02-31", "rate": "1.1"},
        "on",
        "2018-02-31",
    ),
    "currency that is none": Refused(
        "currencies", {"code": "EURO"}, "code", "EURO"
    ),
    "profile without a name": Refused(
        "profile",
        {"name": "", "language": "en", "theme": "dark"},
        "name",
        REQUIRED,
    ),
    "password that is wrong": Refused(
        "profile",
        {"old_password": "guessed", "password": "new-words-2019"},
        "old_password",
        "wrong",
    ),
    "password that is weak": Refused(
        "profile",
        {"old_password": PASSWORD, "password": "short"},
        "password",
        "too short",
    ),
    "user whose email is taken": Refused(
        "users",
        {**USER, "email": "bob@example.org", "password": PASSWORD},
        "email",
        TAKEN,
    ),
    "user with a weak password": Refused(
        "users", {**USER, "password": "short"}, "password", "too short"
    ),
    "changed user whose email is none": Refused(
        "user",
        {**USER, "email": "nobody", "permission": ["import", "export"]},
        "email",
        "valid",
    ),
    "changed user whose email is taken": Refused(
        "user",
        {**USER, "email": "alice@example.org", "is_active": "on"},
        "email",
        TAKEN,
    ),
    "password of a user that is weak": Refused(
        "user", {"password": "x"}, "password", "too short"
    ),
    "team that is there": Refused("teams", {"name": "north"}, "name", TAKEN),
    "team renamed to one that is there": Refused(
        "teams", {"team": "TEAM", "name": "NORTH"}, "name", TAKEN, ROW
    ),
    "pipeline without a stage": Refused(
        "pipelines", {"name": "Second", "stage": " "}, "stage", REQUIRED
    ),
    "pipeline without a name": Refused(
        "pipeline",
        {"name": "", "has_deal_probability": "on"},
        "name",
        REQUIRED,
    ),
    "stage with a probability that is none": Refused(
        "pipeline",
        {
            "action": "save-stage",
            "stage": "STAGE",
            "name": "Late",
            "probability": "101",
        },
        "probability",
        "100",
        ROW,
    ),
    "lost reason that is there": Refused(
        "lost-reasons", {"name": "price"}, "name", TAKEN
    ),
    "lost reason renamed to one that is there": Refused(
        "lost-reasons",
        {"reason": "REASON", "name": "PRICE"},
        "name",
        TAKEN,
        ROW,
    ),
    "field without options": Refused(
        "fields",
        {"name": "Size", "kind": "option", "options": ""},
        "options",
        "at least one",
    ),
    "field without a name": Refused(
        "fields",
        {"name": "", "kind": "option", "options": "S"},
        "name",
        REQUIRED,
    ),
    "changed field without a name": Refused(
        "field",
        {"name": "", "description": "How large", "is_required": "on"},
        "name",
        REQUIRED,
    ),
    "option that is there": Refused(
        "field",
        {"action": "add-option", "option_name": "Monatlich"},
        "option_name",
        TAKEN,
        ROW,
    ),
    "option renamed to one that is there": Refused(
        "field",
        {
            "action": "rename-option",
            "option": "OPTION",
            "option_name": "MONATLICH",
        },
        "option_name",
        TAKEN,
        ROW,
    ),
    "label that is there": Refused(
        "labels", {"name": "hot", "color": "pink"}, "name", TAKEN
    ),
    "label without a name": Refused(
        "labels",
        {"label": "LABEL", "name": "", "color": "pink"},
        "name",
        REQUIRED,
        ROW,
    ),
    "plan whose cadence is none": Refused(
        "plans", {**PLAN, "every": "0"}, "every", "1"
    ),
    "plan without a name": Refused(
        "plans", {**PLAN, "name": ""}, "name", REQUIRED
    ),
    "plan whose days are none": Refused(
        "plans",
        {**PLAN, "unit": "h", "half_month_days": "monday"},
        "half_month_days",
        "monday",
    ),
    "changed plan whose name is taken": Refused(
        "plan", {**PLAN, "name": "yearly"}, "name", TAKEN
    ),
    "option without a plan": Refused(
        "map-plans", {"plan-OTHER": "none"}, "plan-OPTION", "Choose a plan"
    ),
    "erasing without the number": Refused(
        "personal-data",
        {"action": "erase", "number": "0"},
        "number",
        "number",
        ROW,
    ),
    "filter without a name": Refused(
        "new-filter",
        {**FILTER, "name": " ", "sort": "value", "descending": "on"},
        "name",
        "fill in",
        CONDITION,
    ),
    "filter whose name is taken": Refused(
        "new-filter",
        {**FILTER, "name": "Large", "is_shared": "on"},
        "name",
        TAKEN,
        CONDITION,
    ),
    "subscription that ends before it starts": Refused(
        "new-subscription",
        {**SUBSCRIPTION, "last_on": "2018-01-31"},
        "last_on",
        "cannot end before it starts",
    ),
    "subscription with a price that is none": Refused(
        "new-subscription",
        {**SUBSCRIPTION, "price": "lots"},
        "price",
        "“lots” is not a number.",
    ),
    "subscription for nobody": Refused(
        "new-subscription",
        {**SUBSCRIPTION, "organization": ""},
        "organization",
        "organization",
    ),
    "subscription from a deal on days that are none": Refused(
        "subscribe",
        {
            "plan": "PLAN",
            "price": "12.50",
            "starts_on": "2018-02-03",
            "last_on": "2019-02-02",
            "half_month_days": "monday",
            "renewal_way": "remind",
        },
        "half_month_days",
        "monday",
    ),
    "first run with a currency that is none": Refused(
        "setup", {**SETUP, "currency": "EURO"}, "currency", "EURO"
    ),
    "first run with a weak password": Refused(
        "setup",
        {**SETUP, "admin_password": "short"},
        "admin_password",
        "too short",
    ),
    "first run without a name": Refused(
        "setup", {**SETUP, "admin_name": ""}, "admin_name", REQUIRED
    ),
    "sign-in with an email that is none": Refused(
        "account_login",
        {"login": "dora", "password": "x", "remember": "on"},
        "login",
        "valid",
    ),
    "sign-in without a password": Refused(
        "account_login",
        {"login": "dora@example.org", "password": "", "remember": "on"},
        "password",
        REQUIRED,
    ),
}
