"""What can be wrong with a file as a whole."""

from turnus.kit.errors import UserError


class SheetError(UserError):
    """A file that cannot be read, or not as it stands; codes begin with `sheet.`."""
