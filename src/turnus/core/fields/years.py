"""What a column of days allows: the zone of moments, and which year two digits of one mean."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

#: Years of two digits where nobody says what day it is: 69 to 99 are of the twentieth century, as
#: in POSIX.
_PIVOT = 69
#: A day of what has happened may be mistyped by so many years: 27 is then rather next year than a
#: century ago.
_TOLERANCE = 1
#: Years back and ahead within which two digits leave no doubt; and back where days may lie far
#: ahead as well.
_OBVIOUS_BACK = 50
_OBVIOUS_AHEAD = 10
_OBVIOUS_BACK_OF_PLANS = 20


@dataclass(frozen=True, slots=True)
class DateRules:
    """What is known of a field's days before one is read.

    `zone` is the company's: moments with a zone of their own are put into it; None leaves them in
    their own. `today` decides what years of two digits mean; None where nobody knows it.
    `years_ahead`: how far ahead such a year may lie. 0 for what has happened; a subscription may
    start within two years.
    """

    zone: tzinfo | None = None
    today: date | None = None
    years_ahead: int = 20

    def local(self, moment: datetime) -> datetime:
        """Return a moment on the company's clocks; one without a zone is there already."""
        if moment.tzinfo is None or self.zone is None:
            return moment
        return moment.astimezone(self.zone)

    def full_year(self, digits: int) -> int:
        """Return the year that its last two digits mean: the latest one that may be.

        >>> rules = DateRules(today=date(2026, 11, 27), years_ahead=0)
        >>> [rules.full_year(digits) for digits in (91, 26, 27, 30)]
        [1991, 2026, 2027, 1930]
        """
        if self.today is None:
            return digits + (1900 if digits >= _PIVOT else 2000)
        latest = self.today.year + max(self.years_ahead, _TOLERANCE)
        return latest - (latest - digits) % 100

    def is_obvious(self, day: date) -> bool:
        """Return whether the year of `day`, written with two digits, is beyond doubt."""
        if self.today is None:
            return day.year >= 1900 + 100
        is_plan = self.years_ahead > _OBVIOUS_AHEAD
        back = _OBVIOUS_BACK_OF_PLANS if is_plan else _OBVIOUS_BACK
        if self.years_ahead == 0 and day > self.today:
            return False
        return (
            self.today.year - back
            <= day.year
            <= self.today.year + _OBVIOUS_AHEAD
        )
