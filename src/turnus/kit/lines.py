"""Names and reasons that somebody types: one line that fits its column, never cut silently."""

from turnus.kit.errors import UserError

#: The most letters of a name, title or reason, as in their columns.
LONGEST_LINE = 255


def named(text: str, *, field: str = "name") -> str:
    """Return a name with single spaces; refuses a blank or too long one, naming the `field`."""
    name = one_line(text, field=field)
    if not name:
        raise UserError("field.required", field=field)
    return name


def one_line(text: str, *, field: str, longest: int = LONGEST_LINE) -> str:
    """Return a text with single spaces, empty if blank; refuses a too long one by its `field`."""
    line = " ".join(text.split())
    if len(line) > longest:
        raise UserError(
            "text.too_long", field=field, length=len(line), limit=longest
        )
    return line
