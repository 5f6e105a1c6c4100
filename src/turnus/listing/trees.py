"""Filter trees as stored and in addresses; what cannot be read is refused in words."""

from turnus.core.filters import (
    FilterError,
    FilterTooFarError,
    FilterTooLargeError,
    Node,
    from_json,
    from_text,
)
from turnus.core.filters.tree import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_LETTERS,
    MAX_VALUES,
)
from turnus.kit.errors import UserError


def tree_in(written: object) -> Node:
    """Return the tree that stored JSON says.

    Refuses with `filter.broken` or `filter.too_large`: an earlier version may have stored what this
    one does not take.
    """
    try:
        return from_json(written)
    except FilterError as error:
        raise _refusal(error) from None


def tree_in_text(text: str) -> Node:
    """Return the tree that the JSON text of an address or a form says; refuses as `tree_in`."""
    try:
        return from_text(text)
    except FilterError as error:
        raise _refusal(error) from None


def is_readable(written: object) -> bool:
    """Return whether stored JSON says a tree."""
    try:
        from_json(written)
    except FilterError:
        return False
    return True


def too_large() -> UserError:
    """Return the refusal of a filter that nobody means: too deep, too wide, or too long."""
    return UserError(
        "filter.too_large",
        conditions=MAX_CONDITIONS,
        values=MAX_VALUES,
        depth=MAX_DEPTH,
        letters=MAX_LETTERS,
    )


def _refusal(error: FilterError) -> UserError:
    if isinstance(error, FilterTooLargeError):
        return too_large()
    if isinstance(error, FilterTooFarError):
        return UserError("filter.too_far")
    return UserError(
        "filter.broken", place=error.path or "where", expected=error.expected
    )
