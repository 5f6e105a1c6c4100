"""What was answered about rows whose record exists already: for all of them, or for one row.

{"existing": {"do": "copy", "on": "2018-11-14",
"rows": {"7": "update", "9": {"do": "copy", "on": "2018-11-15"}}}}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from turnus.imports.questions import StoredAnswers
from turnus.kit.errors import UserError

#: The key of the question.
EXISTING = "existing"
UPDATE, COPY, ADD, SKIP = "update", "copy", "add", "skip"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to happen to a row.

    `on` is the day that a copy is won on, None: the usual day of blank won times.
    """

    do: str
    on: date | None = None


class ExistingAnswers:
    """The answers of one check. Raises UserError day.invalid where a day is none."""

    def __init__(self, answers: StoredAnswers, options: tuple[str, ...]) -> None:
        self.options = options
        given = answers.get(EXISTING)
        whole: Mapping[str, object] = given if isinstance(given, Mapping) else {}
        self.for_all = self._choice(whole, None)
        rows = whole.get("rows")
        usual_day = self._day(whole.get("on"))
        self.by_row: dict[int, Choice] = {}
        for number, one in (rows if isinstance(rows, Mapping) else {}).items():
            choice = self._choice(
                one if isinstance(one, Mapping) else {"do": one}, usual_day
            )
            if choice is not None and str(number).isdecimal():
                self.by_row[int(number)] = choice

    def of(self, row: int) -> Choice | None:
        """Return what is to happen to the row with this number, None if not answered yet."""
        return self.by_row.get(row) or self.for_all

    def skips(self, row: int) -> bool:
        """Return whether this very row is to be skipped."""
        choice = self.by_row.get(row)
        return choice is not None and choice.do == SKIP

    def _choice(
        self, given: Mapping[str, object], usual_day: date | None
    ) -> Choice | None:
        do = str(given.get("do") or "")
        if do not in self.options:
            return None
        return Choice(do, self._day(given.get("on")) or usual_day)

    def _day(self, given: object) -> date | None:
        if not given:
            return None
        try:
            return date.fromisoformat(str(given))
        except ValueError:
            raise UserError("day.invalid", day=str(given)) from None
