"""The one exception of reading a value."""

from turnus.core.issues import IssueCode

#: Letters of a text that a message shows: enough to find it again.
_SHOWN = 100


class ParseError(ValueError):
    """A text that is no value of its kind.

    `code` and `params` make the message, which shows the start of long texts.
    """

    def __init__(self, code: IssueCode, /, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = {
            name: beginning(value) if isinstance(value, str) else value
            for name, value in params.items()
        }


def beginning(text: str) -> str:
    """Return `text`, a long one cut where a message would burst."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
