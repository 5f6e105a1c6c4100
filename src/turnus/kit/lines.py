"""Names and reasons that somebody types: one line, as long as its column; what is longer is refused, never cut in silence."""

from turnus.kit.errors import UserError

#: Letters of names, titles and reasons, as their columns have them.
LONGEST_LINE = 255


def named(text: str, *, field: str = "name") -> str:
    """Return a name with single blanks; refuses a blank one and one that is too long, naming the `field`."""
    name = one_line(text, field=field)
    if not name:
        raise UserError("field.required", field=field)
    return name


def one_line(text: str, *, field: str, longest: int = LONGEST_LINE) -> str:
    """Return a text with single blanks, empty for a blank one; refuses one that is too long, naming the `field`."""
    line = " ".join(text.split())
    if len(line) > longest:
        raise UserError("text.too_long", field=field, length=len(line), limit=longest)
    return line
