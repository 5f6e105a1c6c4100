"""Who asks: every list, figure and file is made for one person on one day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from turnus.accounts.models import User
from turnus.core.calendar import start_of_day


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, on which day, in which time zone and language, and as known when.

    `on` is today in `zone`, the company's. `known_on`: only what Turnus knew on that day; None for
    everything.
    """

    user: User
    on: date
    zone: ZoneInfo
    #: Of names and words; nothing that is counted depends on it.
    language: str = "en"
    known_on: date | None = None

    @property
    def user_id(self) -> int:
        """The person a filter means by "me"."""
        return self.user.pk

    @property
    def recorded_before(self) -> datetime | None:
        """The moment up to which Turnus knew; None for everything it knows."""
        if self.known_on is None:
            return None
        return start_of_day(self.known_on + timedelta(days=1), self.zone)

    @property
    def as_of(self) -> date:
        """The day up to which figures are facts."""
        return (
            self.on if self.known_on is None else min(self.on, self.known_on)
        )
