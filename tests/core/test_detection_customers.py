"""Whose a copied deal is: names, legal forms, IDs, persons."""

from dataclasses import replace

from tests.core.test_detection import copies, found, numbered, sizes
from turnus.core.cadence import (
    MONTHLY,
)


def test_spelling_and_legal_form_do_not_part_a_customer() -> None:
    names = ("Kühn & Söhne GmbH", "KUEHN UND SOEHNE GMBH", "Kühn & Söhne")
    sold = numbered(copies())
    mixed = [
        replace(deal, organization=names[number % 3])
        for number, deal in enumerate(sold)
    ]
    assert sizes(found(mixed)) == [(MONTHLY, 23)]


def test_customers_that_differ_in_their_legal_form_are_two() -> None:
    sold = numbered(
        copies(organization="Elbe GmbH"), copies(organization="Elbe AG")
    )
    assert sizes(found(sold)) == [(MONTHLY, 23), (MONTHLY, 23)]


def test_a_bare_name_of_two_customers_is_the_one_of_its_person() -> None:
    gmbh, ag = (
        copies(organization="Elbe GmbH", person="Eva"),
        copies(organization="Elbe AG", person="Uwe", price=50),
    )
    gmbh[4] = replace(gmbh[4], organization="Elbe")
    gmbh[5] = replace(gmbh[5], organization="Elbe", person="")
    result = found(numbered(gmbh, ag))
    assert result.customers.count("Elbe") == 1
    assert max(len(chain.paid) for chain in result.chains) == 23
    assert (
        5
        in result.chains[
            [5 in chain.deals for chain in result.chains].index(True)
        ].deals
    )


def test_ids_decide_who_the_customer_is() -> None:
    sold = numbered(
        copies(organization="Elbe", organization_id="1"),
        copies(organization="Elbe", organization_id="2"),
    )
    assert sizes(found(sold)) == [(MONTHLY, 23), (MONTHLY, 23)]


def test_a_deal_without_organization_is_the_one_of_its_person() -> None:
    sold = numbered(copies(person="Eva", person_id="7"))
    sold[8] = replace(sold[8], organization="")
    assert sizes(found(sold)) == [(MONTHLY, 23)]
    assert sizes(found(numbered(copies(organization="", person="Eva")))) == [
        (MONTHLY, 23)
    ]
