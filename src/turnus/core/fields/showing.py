"""Values -> text that reads back as the same value, for files, forms and messages."""

from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds import KINDS
from turnus.core.fields.notation import Notation
from turnus.core.fields.rules import Choices
from turnus.core.fields.values import Value


def show(
    kind: FieldKind,
    value: Value | None,
    *,
    notation: Notation,
    choices: Choices | None = None,
) -> str:
    """Return `value` as text in a notation, empty for None; `parse` gives the value back."""
    return "" if value is None else KINDS[kind].show(value, notation, choices)
