"""What is wrong with a set-up file: all of it at once, each with its line and its key."""

from dataclasses import dataclass, field

from turnus.kit.errors import UserError


@dataclass(frozen=True, slots=True)
class SetupProblem:
    """One thing to put right: the line, counted from 1, the key, and the refusal."""

    line: int
    #: Names of keys from the top, such as `plans.every`; empty for the file itself.
    place: str
    error: UserError


class SetupRefusedError(Exception):
    """A set-up file of which nothing was applied, with everything that is wrong."""

    def __init__(self, problems: list[SetupProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(problems, key=lambda each: each.line)


@dataclass(slots=True)
class Problems:
    """Collects what is wrong, so that a person can put all of it right at once."""

    found: list[SetupProblem] = field(default_factory=list)

    def add(self, line: int, place: str, error: UserError) -> None:
        """Add a problem."""
        self.found.append(SetupProblem(line, place, error))

    def refuse_any(self) -> None:
        """Raise SetupRefusedError if anything is wrong."""
        if self.found:
            raise SetupRefusedError(self.found)
