"""What a person can put right: one exception, mapped once for the web, the API and the command line."""


class UserError(Exception):
    """A refusal that the person can put right.

    `code` names the message (`kit.messages` has its words in every language); `params` are its values.
    Bugs are ordinary exceptions and never this one.
    """

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def is_denial(self) -> bool:
        """Whether the person lacks the right, not the person's input something."""
        return self.code.startswith("access.")

    def __str__(self) -> str:
        """Show code and values, for logs and test failures; people see `kit.messages`."""
        values = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}({values})" if values else self.code


def ending_behind(error: BaseException) -> BaseException | None:
    """Return what told the process to end, such as KeyboardInterrupt, if `error` is that or only came of it; else None.

    Told to end in the middle of a commit, the database's driver raises an error of its own in place of the signal's exception.
    """
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        if not isinstance(one, Exception):
            return one
        seen.append(one)
        waiting += [one.__cause__, one.__context__]
    return None
