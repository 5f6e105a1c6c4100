"""Tables of the package: the company and its currencies, users and teams."""

from turnus.accounts.models.company import Company, Currency, ExchangeRate
from turnus.accounts.models.users import Team, User

__all__ = ["Company", "Currency", "ExchangeRate", "Team", "User"]
