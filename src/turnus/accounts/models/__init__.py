"""Tables of the package: the company and its currencies, users and teams, forms that were sent."""

from turnus.accounts.models.company import (
    Company,
    Currency,
    ExchangeRate,
    Language,
)
from turnus.accounts.models.forms import SentForm
from turnus.accounts.models.users import Team, User

__all__ = [
    "Company",
    "Currency",
    "ExchangeRate",
    "Language",
    "SentForm",
    "Team",
    "User",
]
