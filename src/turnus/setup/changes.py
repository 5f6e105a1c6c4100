"""What applying a set-up changes, in lines that read like the file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from django.utils.translation import gettext as _

#: A value of a key, as far as a line shows it.
Shown: TypeAlias = str | int | bool | None


@dataclass(slots=True)
class ChangeLines:
    """Collects the lines, in the order of the changes."""

    lines: list[str] = field(default_factory=list)

    def added(
        self,
        section: str,
        name: str,
        values: Mapping[str, Shown] | None = None,
    ) -> None:
        """Add the line of something new; values of None are not shown."""
        known = {
            key: value
            for key, value in (values or {}).items()
            if value is not None
        }
        details = ", ".join(
            f"{key}: {shown(value)}" for key, value in known.items()
        )
        line = _("{what}: added").format(what=f"{section} “{name}”")
        self.lines.append(f"{line} ({details})" if details else line)

    def changed(
        self, section: str, name: str, key: str, before: Shown, after: Shown
    ) -> None:
        """Add the line of a value that changed."""
        what = f"{section} “{name}”" if name else section
        self.lines.append(f"{what}: {key}: {shown(before)} → {shown(after)}")

    def ordered(self, section: str, names: Iterable[str]) -> None:
        """Add the line of a list in another order."""
        line = _("{what}: new order").format(what=section)
        self.lines.append(f"{line}: {', '.join(names)}")


def shown(value: Shown) -> str:
    """Return a value as the file has it."""
    if value is None or value == "":
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def decimal_text(number: Decimal) -> str:
    """Return a number without zeros at its end, never in powers of ten."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
