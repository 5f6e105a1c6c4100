"""Parts of one value that stand in columns of their own, put together row by row."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import cast

from turnus.core.fields import (
    Address,
    FieldKind,
    Notation,
    ParseError,
    Value,
    composed,
    parser_for,
)
from turnus.core.fields.addresses import FULL
from turnus.core.issues import IssueCode
from turnus.core.money import Money
from turnus.fields.catalog import Catalog
from turnus.imports.field_parts import CURRENCY_PART, split_target

_read_address = parser_for(FieldKind.ADDRESS, notation=Notation())


class Joiner:
    """The mapped columns that belong together."""

    def __init__(
        self, targets: Sequence[str], catalog: Catalog, currency: str
    ) -> None:
        self.currency = currency
        parted = {
            path
            for path, part in map(split_target, targets)
            if part and path in catalog
        }
        #: Amounts whose currency has a column of its own.
        self.amounts = {
            path for path in parted if catalog[path].kind is FieldKind.MONEY
        }
        self.addresses = {
            path for path in parted if catalog[path].kind is FieldKind.ADDRESS
        }

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to put together."""
        return bool(self.amounts or self.addresses)

    def join(
        self,
        values: MutableMapping[str, Value | None],
        parts: Mapping[str, Mapping[str, str]],
    ) -> Iterator[tuple[str, ParseError]]:
        """Complete the row's `values` by its `parts`; yield what does not fit, with its field."""
        for path in self.amounts & values.keys():
            amount = cast("Money", values[path])
            own_currency = amount.currency
            currency_beside = parts.get(path, {}).get(CURRENCY_PART)
            has_both = own_currency and currency_beside
            if has_both and own_currency != currency_beside:
                yield path, ParseError(IssueCode.MULTIPLE_CURRENCIES)
            currency = own_currency or currency_beside or self.currency
            values[path] = Money(amount.amount_e4, currency)
        for path in self.addresses & parts.keys():
            try:
                whole = cast("Address | None", values.get(path))
                values[path] = _joined(whole, parts[path])
            except ParseError as error:
                yield path, error


def _joined(whole: Address | None, parts: Mapping[str, str]) -> Address:
    """Return the address: its text is the full one where it is given, else made from the parts."""
    lines = {part: text for part, text in parts.items() if part != FULL}
    text = parts.get(FULL) or (whole.text if whole else "") or composed(lines)
    read = _read_address(text)
    if isinstance(read, Address):
        text = read.text
    return Address(text, lines)
