"""Tables of the package: the company and its currencies, users and teams, forms that were sent."""

from turnus.accounts.models.company import Company, Currency, ExchangeRate
from turnus.accounts.models.forms import SentForm
from turnus.accounts.models.users import Team, User

__all__ = ["Company", "Currency", "ExchangeRate", "SentForm", "Team", "User"]
