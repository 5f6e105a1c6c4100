"""Won deals of a file that are already here: same contact, value and won day. Asked about, never silently doubled."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from turnus.imports.plan import PlannedRow
from turnus.sales.models import Deal

#: Contact (`o` or `p` and id), amount, currency, won day.
Key = tuple[str, int, int, str, date]


class ExistingDeals:
    """Finds for planned won rows the deal that looks just like them; each deal answers to one row only."""

    def __init__(self) -> None:
        self.by_key: dict[Key, list[int]] = defaultdict(list)
        self.seen: set[tuple[str, int]] = set()
        self.taken: set[int] = set()

    def look_up(self, rows: Iterable[PlannedRow]) -> None:
        """Read the won deals of the contacts of a block of rows; two queries at the most."""
        contacts = {contact for row in rows if (contact := _contact(row))} - self.seen
        self.seen |= contacts
        for mark, column in (("o", "organisation_id"), ("p", "person_id")):
            ids = [one for kind, one in contacts if kind == mark]
            deals = Deal.objects.present().filter(**{f"{column}__in": ids}, status="won").order_by("pk") if ids else []
            if ids:
                read: Any = deals.values_list(column, "value_e4", "currency", "won_on", "pk")  # type: ignore[attr-defined]
                for contact, value, currency, won_on, pk in read:
                    self.by_key[mark, contact, value, currency, won_on].append(pk)

    def match(self, row: PlannedRow, on: date) -> int | None:
        """Return the id of a deal that the row repeats, None if there is none; `on` is the day of a blank won time."""
        contact = _contact(row)
        if contact is None or row.columns.get("status") != "won":
            return None
        won_on = on if row.is_stamped else row.columns["won_on"]
        key = (*contact, row.columns.get("value_e4", 0), row.columns["currency"], won_on)
        for deal in self.by_key.get(key, ()):
            if deal not in self.taken:
                self.taken.add(deal)
                return deal
        return None


def _contact(row: PlannedRow) -> tuple[str, int] | None:
    if row.organisation is not None:
        return None if row.organisation.id is None else ("o", row.organisation.id)
    if row.person is not None and row.person.id is not None:
        return "p", row.person.id
    return None
