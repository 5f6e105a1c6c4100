"""A customer is an organization, or a person without one; as a value, as a number and as text."""

import pytest

from turnus.core.customers import Customer, customer_key
from turnus.core.records import RecordKind

ORGANIZATION = Customer(RecordKind.ORGANIZATION, 7)
PERSON = Customer(RecordKind.PERSON, 7)


@pytest.mark.parametrize(
    ("contacts", "customer"),
    [((7, None), ORGANIZATION), ((7, 12), ORGANIZATION), ((None, 7), PERSON)],
    ids=[
        "organization",
        "organization before its person",
        "person without one",
    ],
)
def test_the_customer_is_the_organization_else_the_person(
    contacts: tuple[int | None, int | None], customer: Customer
) -> None:
    assert Customer.of(*contacts) == customer
    assert customer_key(*contacts) == customer.key


def test_nobody_is_no_customer() -> None:
    with pytest.raises(ValueError, match="neither"):
        Customer.of(None, None)


def test_an_organization_and_a_person_of_one_id_are_two_customers() -> None:
    assert len({ORGANIZATION, PERSON, Customer.of(7, 1)}) == 2
    assert ORGANIZATION.key != PERSON.key


@pytest.mark.parametrize("customer", [ORGANIZATION, PERSON], ids=str)
def test_a_key_leads_back_to_its_customer(customer: Customer) -> None:
    assert Customer.of_key(customer.key) == customer


def test_only_one_of_the_two_ids_is_there() -> None:
    assert (ORGANIZATION.organization_id, ORGANIZATION.person_id) == (7, None)
    assert (PERSON.organization_id, PERSON.person_id) == (None, 7)


def test_a_customer_has_one_text() -> None:
    assert [str(customer) for customer in sorted([PERSON, ORGANIZATION])] == [
        "organization-7",
        "person-7",
    ]
