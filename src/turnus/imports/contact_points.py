"""Emails and phones of contacts: how they are compared, and what a file adds to them."""

import re
from collections.abc import Iterable, Sequence

from turnus.accounts.queries import company
from turnus.contacts.changes import StoredPoint
from turnus.core.fields import ContactPoint, point_key
from turnus.core.fields.points import USUAL_LABEL
from turnus.fields.columns import StoredColumns
from turnus.fields.values import merged_cells
from turnus.imports.planned_columns import PlannedColumns
from turnus.kit.phones import country_of, phone_key

#: What a spreadsheet makes of a long number: its last digits are lost.
_SCIENTIFIC = re.compile(r"\d[eE][+-]?\d")
#: Shorter ones are extensions, which many people have.
_LEAST_DIGITS = 6
_NO_POINTS: frozenset[str] = frozenset()


def phone_country() -> str:
    """Return the company's country, for the comparison of phones; one query."""
    owner = company()
    return country_of(
        time_zone=owner.time_zone,
        currency=owner.currency,
        language=owner.language,
    )


def stored_points(points: Iterable[ContactPoint]) -> list[StoredPoint]:
    """Return emails or phones as columns hold them."""
    return [
        StoredPoint(value=point.value, label=point.label) for point in points
    ]


def email_key(point: StoredPoint) -> str:
    """Return an email address as it is compared."""
    return point_key(point["value"])


def identifying_points(
    emails: Sequence[StoredPoint], phones: Sequence[StoredPoint], country: str
) -> frozenset[str]:
    """Return the email addresses and phone numbers that tell a person from others.

    Phones without a country code are of `country`.
    """
    if not emails and not phones:
        return _NO_POINTS
    keys = {email_key(email) for email in emails}
    for phone in phones:
        number = phone_identity(phone["value"], country)
        if number is not None:
            keys.add(number)
    return frozenset(keys)


def all_points(
    emails: Sequence[StoredPoint], phones: Sequence[StoredPoint], country: str
) -> frozenset[str]:
    """Return every email and phone as they are compared where none is to be added again."""
    if not emails and not phones:
        return _NO_POINTS
    addresses = {email_key(email) for email in emails}
    numbers = {phone_key(phone["value"], country) for phone in phones}
    return frozenset(addresses | numbers)


def phone_identity(number: str, country: str) -> str | None:
    """Return a phone number as persons are told apart by it.

    None for one that says nothing, such as an extension or 4,91702E+11.
    """
    digit_count = sum(sign.isdigit() for sign in number)
    if _SCIENTIFIC.search(number) or digit_count < _LEAST_DIGITS:
        return None
    return phone_key(number, country)


def missing_emails(
    emails: Iterable[StoredPoint], present: frozenset[str]
) -> list[StoredPoint]:
    """Return the emails that are not among the `present` keys."""
    return [email for email in emails if email_key(email) not in present]


def missing_phones(
    phones: Iterable[StoredPoint], present: frozenset[str], country: str
) -> list[StoredPoint]:
    """Return the phones that are not among the `present` keys."""
    return [
        phone
        for phone in phones
        if phone_key(phone["value"], country) not in present
    ]


def completed(
    before: StoredColumns, added: PlannedColumns, country: str
) -> PlannedColumns:
    """Return the columns `added` as they are to be on a contact that holds `before`.

    Emails, phones and custom fields are added to its own, all others replace what was there.
    Phones without a country code are of `country`.
    """
    columns = PlannedColumns(**added)
    if "emails" in added:
        emails = before.get("emails") or ()
        keys = [email_key(email) for email in emails]
        added_keys = [email_key(email) for email in added["emails"]]
        columns["emails"] = _merged(
            _keyed(keys, emails), _keyed(added_keys, added["emails"])
        )
    if "phones" in added:
        phones = before.get("phones") or ()
        keys = [phone_key(phone["value"], country) for phone in phones]
        added_keys = [
            phone_key(phone["value"], country) for phone in added["phones"]
        ]
        columns["phones"] = _merged(
            _keyed(keys, phones), _keyed(added_keys, added["phones"])
        )
    if "custom" in added:
        columns["custom"] = merged_cells(
            before.get("custom") or {}, added["custom"]
        )
    return columns


def _keyed(
    keys: Iterable[str], points: Iterable[StoredPoint]
) -> list[tuple[str, StoredPoint]]:
    return list(zip(keys, points, strict=True))


def _merged(
    present: Sequence[tuple[str, StoredPoint]],
    added: Sequence[tuple[str, StoredPoint]],
) -> list[StoredPoint]:
    """Return the points (with their keys) of a contact with those of the file added.

    One that is there already gets the label of the file where that says more than the usual one.
    """
    labels = {
        key: point["label"]
        for key, point in added
        if point["label"] != USUAL_LABEL
    }
    merged = [
        StoredPoint(
            value=point["value"], label=labels.get(key, point["label"])
        )
        for key, point in present
    ]
    keys = {key for key, _point in present}
    merged.extend(point for key, point in added if key not in keys)
    return merged
