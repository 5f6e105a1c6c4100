"""What a person can put right: one exception, mapped once for each way in."""

from typing import TypedDict


class StoredRefusal(TypedDict):
    """A refusal as it is kept in a JSON column, and said later."""

    code: str
    params: dict[str, object]


class UserError(Exception):
    """A refusal that the person can put right.

    `code` names the sentence (`kit.sentences` has it in every language); `params` are its values.
    Bugs are ordinary exceptions and never this one.
    """

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def is_denial(self) -> bool:
        """Whether the person lacks a permission, rather than the input being wrong."""
        return self.code.startswith("access.")

    def stored(self) -> StoredRefusal:
        """Return it for a JSON column; values that JSON does not know become texts."""
        params: dict[str, object] = {
            name: value if isinstance(value, int | str | None) else str(value)
            for name, value in self.params.items()
        }
        return {"code": self.code, "params": params}

    def __str__(self) -> str:
        """Show code and values, for logs and test failures; people see `kit.messages`."""
        values = ", ".join(
            f"{name}={value!r}" for name, value in self.params.items()
        )
        return f"{self.code}({values})" if values else self.code


def ending_behind(error: BaseException) -> BaseException | None:
    """Return what ended the process, such as KeyboardInterrupt, if `error` comes of it; else None.

    When the process is ended in the middle of a commit, the database's driver raises an error of
    its own in place of the signal's exception.
    """
    visited: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        candidate = waiting.pop()
        if candidate is None or candidate in visited:
            continue
        if not isinstance(candidate, Exception):
            return candidate
        visited.append(candidate)
        waiting += [candidate.__cause__, candidate.__context__]
    return None
