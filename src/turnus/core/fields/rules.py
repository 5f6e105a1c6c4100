"""What is known of a column of cells before one is read."""

from dataclasses import dataclass, field

from turnus.core.fields.known_words import Choices
from turnus.core.fields.notation import Notation
from turnus.core.fields.points import USUAL_LABEL
from turnus.core.fields.years import DateRules

__all__ = ["CellRules", "Choices"]


@dataclass(frozen=True, slots=True)
class CellRules:
    """How the cells of one column are read."""

    notation: Notation
    #: Knows the words of kinds that name something.
    choices: Choices | None = None
    #: What an amount without a currency of its own is in.
    currency: str = ""
    #: The currencies that amounts may be in, by code and by word; None: any code, and no sign that
    #: several countries use.
    currencies: Choices | None = None
    dates: DateRules = field(default_factory=DateRules)
    #: What e-mails and phones without a label are for.
    label: str = USUAL_LABEL
    #: Whether the text is what something is called: a word for nothing is then no name.
    is_name: bool = False
