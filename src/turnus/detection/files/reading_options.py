"""Options for reading a file of won deals, from flags and a file of answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from turnus.core.fields import Notation
from turnus.core.tables import ReadingChoices
from turnus.imports.questions import StoredAnswers, choice_of

_READS = {"read": True, "leave_out": False}


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How to read a file; whatever is None or empty is detected.

    `answers` are those of an import: `dates:HEADING`, `numbers:HEADING`, `hidden`, `totals`,
    `encoding`, `currency:WORD`.
    """

    choices: ReadingChoices = field(default_factory=ReadingChoices)
    plan_heading: str = ""
    decimal_comma: bool | None = None
    day_first: bool | None = None
    answers: StoredAnswers = field(default_factory=dict)
    #: Whether unreadable rows are skipped, rather than the file refused.
    skips_unreadable: bool = False

    @property
    def notation(self) -> Notation:
        """The notation of the file, as far as flags set it."""
        return Notation(self.decimal_comma, self.day_first)

    def answers_for(
        self, won_heading: str, value_heading: str
    ) -> StoredAnswers:
        """Return the answers; flags override them."""
        found: dict[str, object] = dict(self.answers)
        if self.day_first is not None:
            found[f"dates:{won_heading}"] = {
                "do": "day_first" if self.day_first else "month_first"
            }
        if self.decimal_comma is not None:
            found[f"numbers:{value_heading}"] = {
                "do": "comma" if self.decimal_comma else "point"
            }
        for key, is_read in (
            ("hidden", self.choices.reads_hidden_rows),
            ("totals", self.choices.reads_totals),
        ):
            if is_read is not None:
                found[key] = {"do": "read" if is_read else "leave_out"}
        return found


def with_answers(
    choices: ReadingChoices, answers: StoredAnswers
) -> ReadingChoices:
    """Return the choices of the flags, else those of the answers."""
    hidden, totals = (
        _READS.get(choice_of(answers, key)) for key in ("hidden", "totals")
    )
    return ReadingChoices(
        sheet=choices.sheet,
        encoding=choices.encoding or _other_encoding(answers),
        delimiter=choices.delimiter,
        heading_row=choices.heading_row,
        reads_hidden_rows=hidden
        if choices.reads_hidden_rows is None
        else choices.reads_hidden_rows,
        reads_totals=totals
        if choices.reads_totals is None
        else choices.reads_totals,
    )


def _other_encoding(answers: StoredAnswers) -> str | None:
    """Return the encoding that an answer names; None without one."""
    answer = answers.get("encoding")
    if (
        not isinstance(answer, Mapping)
        or choice_of(answers, "encoding") != "other"
    ):
        return None
    encoding: str | None = answer.get("to")
    return encoding
