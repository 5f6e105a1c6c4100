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

    def __init__(
        self, answers: StoredAnswers, options: tuple[str, ...]
    ) -> None:
        self.options = options
        for_all = _object(answers.get(EXISTING))
        self.for_all = self._choice(for_all, None)
        usual_day = self._day(for_all.get("on"))
        self.by_row: dict[int, Choice] = {}
        for number, answer in _object(for_all.get("rows")).items():
            of_row = answer if isinstance(answer, Mapping) else {"do": answer}
            choice = self._choice(of_row, usual_day)
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
        self, answer: Mapping[str, object], usual_day: date | None
    ) -> Choice | None:
        do = str(answer.get("do") or "")
        if do not in self.options:
            return None
        return Choice(do, self._day(answer.get("on")) or usual_day)

    def _day(self, written: object) -> date | None:
        if not written:
            return None
        try:
            return date.fromisoformat(str(written))
        except ValueError:
            raise UserError("day.invalid", day=str(written)) from None


def _object(answer: object) -> Mapping[str, object]:
    return answer if isinstance(answer, Mapping) else {}
