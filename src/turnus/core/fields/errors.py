"""The one exception of reading a value."""

from turnus.core.issues import IssueCode


class ParseError(ValueError):
    """A text that is no value of its kind; `code` and `params` make the message."""

    def __init__(self, code: IssueCode, /, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
