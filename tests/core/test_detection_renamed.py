"""Customers that go on under another name."""

from datetime import date

import pytest

from tests.core.test_detection import copies, found, numbered
from turnus.core.detection.facts import Sold

CHANGED = date(2017, 12, 31)


def before(**values: str) -> list[Sold]:
    names = {
        "organization": "Elbe Technik GmbH",
        "person": "Ute Moser",
        **values,
    }
    return copies(until=CHANGED, **names)


def after(
    day: date = date(2018, 1, 10), price: int = 100, **values: str
) -> list[Sold]:
    names = {"organization": "Nordlicht AG", "person": "Ute Moser", **values}
    return copies(start=day, price=price, **names)


def test_a_customer_with_a_new_name_goes_on() -> None:
    result = found(numbered(before(), after()))
    assert [len(chain.deals) for chain in result.chains] == [23]
    assert result.customers == ("Nordlicht AG",)


def test_a_name_in_the_title_changes_with_the_customer() -> None:
    result = found(
        numbered(
            before(title="Elbe Technik - Wartung"),
            after(title="Nordlicht - Wartung"),
        )
    )
    assert [len(chain.deals) for chain in result.chains] == [23]


@pytest.mark.parametrize(
    "later",
    [
        after(person="Jan Ott"),
        after(person=""),
        after(price=140),
        after(date(2018, 2, 25)),
        after(date(2017, 12, 1)),
    ],
    ids=["contact", "nobody", "price", "rhythm", "beside"],
)
def test_customers_that_share_less_are_two(later: list[Sold]) -> None:
    assert len(found(numbered(before(), later)).customers) == 2


def test_a_contact_of_many_customers_renames_none() -> None:
    others = [
        copies(
            organization=f"Hafen {name} GmbH",
            person="Ute Moser",
            title="Hosting",
        )
        for name in ("Nord", "Ost")
    ]
    result = found(numbered(before(), after(), *others))
    assert len(result.customers) == 4


def test_one_purchase_before_shows_no_rhythm() -> None:
    assert len(found(numbered(before()[-1:], after())).customers) == 2
