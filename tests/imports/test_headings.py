"""Headings as people and other programs write them."""

from pathlib import Path

import pytest

from tests.imports.test_columns_left_out import csv
from tests.imports.test_imports import checked, codes, imported, verdicts
from tests.world import World
from turnus.contacts.models import Person
from turnus.core.records import RecordKind
from turnus.imports.preparing import guessed_columns
from turnus.sales.models import Deal

DEAL, PERSON, ORGANIZATION, SUBSCRIPTION = (
    RecordKind.DEAL,
    RecordKind.PERSON,
    RecordKind.ORGANIZATION,
    RecordKind.SUBSCRIPTION,
)


@pytest.mark.parametrize(
    ("kind", "heading", "path"),
    [
        (DEAL, "Betrag (€)", "value"),
        (DEAL, "Betrag in EUR", "value"),
        (DEAL, "Umsatz [CHF]", "value"),
        (DEAL, "Wert €", "value"),
        (DEAL, "Deal - Wert (EUR)", "value"),
        (DEAL, "Probability (%)", "probability"),
        (DEAL, "Verkäufer", "owner"),
        (DEAL, "Zustand", "status"),
        (DEAL, "Gewonnen-Datum", "won_at"),
        (DEAL, "won_time", "won_at"),
        (DEAL, "Won-Time", "won_at"),
        (DEAL, "WonTime", "won_at"),
        (DEAL, "\ufeff\ufeffGewonnen am", "won_at"),
        (DEAL, '"Status', "status"),
        (DEAL, "Sta\u200btus", "status"),
        (DEAL, "Abschlussdatum", "closed_at"),
        (DEAL, "Close Date", "closed_at"),
        (DEAL, "Kunde", "organization"),
        (DEAL, "Kundenname", "organization"),
        (DEAL, "Account Name", "organization"),
        (DEAL, "Associated Company", "organization"),
        (DEAL, "Ansprechpartner", "person"),
        (DEAL, "E-Mail", "person.emails"),
        (DEAL, "Telefon", "person.phones"),
        (DEAL, "Betreff", "title"),
        (DEAL, "Deal Name", "title"),
        (DEAL, "Opportunity Name", "title"),
        (DEAL, "Deal Stage", "stage"),
        (DEAL, "Deal owner", "owner"),
        (DEAL, "Opportunity Owner", "owner"),
        (DEAL, "Created Date", "created_at"),
        (DEAL, "Währung", "currency"),
        (DEAL, "Vorname", "person.first_name"),
        (DEAL, "Deal-Titel", "title"),
        (DEAL, "Organization – Name", "organization"),
        (PERSON, "E-mail 1 - Value", "emails"),
        (PERSON, "Phone 2 - Value", "phones"),
        (PERSON, "Organization 1 - Name", "organization"),
        (PERSON, "Organization Name", "organization"),
        (PERSON, "Given Name", "first_name"),
        (PERSON, "Family Name", "last_name"),
        (PERSON, "E-mail Address", "emails"),
        (PERSON, "E-mail 2 Address", "emails"),
        (PERSON, "Business Phone", "phones#work"),
        (PERSON, "Mobile Phone", "phones#mobile"),
        (PERSON, "Telefon geschäftlich", "phones#work"),
        (PERSON, "Mobiltelefon", "phones#mobile"),
        (PERSON, "E-Mail-Adresse", "emails"),
        (PERSON, "E-Mail 2: Adresse", "emails"),
        (PERSON, "Firma", "organization"),
        (ORGANIZATION, "Account Name", "name"),
        (ORGANIZATION, "Firma", "name"),
        (SUBSCRIPTION, "Kundenname", "organization"),
        (SUBSCRIPTION, "Preis (CHF)", "price"),
        (DEAL, "Amount Currency", "currency"),
        (SUBSCRIPTION, "Price Currency", "currency"),
        (ORGANIZATION, "Country/Region", "country"),
        (DEAL, "Betrag (Vorjahr)", None),
        (DEAL, "Weighted amount", None),
        (DEAL, "Name der Katze", None),
        (DEAL, "€", None),
    ],
)
def test_headings_that_people_have(
    world: World, kind: RecordKind, heading: str, path: str | None
) -> None:
    assert guessed_columns([heading], kind, world.admin) == [path]


def test_what_is_called_exactly_so_comes_first(world: World) -> None:
    assert guessed_columns(["Betrag (€)", "Wert"], DEAL, world.admin) == [
        None,
        "value",
    ]


def test_a_field_of_the_company_comes_before_the_words_of_other_programs(
    world: World,
) -> None:
    field = world.field(name="Umsatz")
    assert guessed_columns(["Umsatz", "Betrag"], DEAL, world.admin) == [
        f"custom.{field.key}",
        "value",
    ]


@pytest.mark.parametrize(
    ("kind", "headings"),
    [
        (
            DEAL,
            (
                "Deal Name,Deal Stage,Close Date,Amount,"
                "Deal owner,Associated Company,Pipeline,Create Date"
            ),
        ),
        (
            DEAL,
            (
                "Opportunity Name,Account Name,Stage,Amount,"
                "Close Date,Created Date,Opportunity Owner,Probability (%)"
            ),
        ),
        (
            DEAL,
            (
                "Deal Name,Account Name,Contact Name,Amount,"
                "Stage,Closing Date,Deal Owner,Probability (%),Created Time"
            ),
        ),
        (
            DEAL,
            (
                "lead_name,contact_name,value,status_type,"
                "status_label,date_won,date_created,user_name,confidence"
            ),
        ),
        (
            PERSON,
            "Name,Given Name,Family Name,E-mail 1 - Value,Phone 1 - Value,Organization 1 - Name",
        ),
        (
            PERSON,
            (
                "First Name,Last Name,Company,E-mail Address,"
                "E-mail 2 Address,Business Phone,Mobile Phone,Home Phone"
            ),
        ),
        (
            PERSON,
            (
                "Vorname,Nachname,Firma,E-Mail-Adresse,"
                "Telefon geschäftlich,Mobiltelefon,Telefon (privat)"
            ),
        ),
    ],
    ids=[
        "hubspot",
        "salesforce",
        "zoho",
        "close",
        "google",
        "outlook",
        "outlook-de",
    ],
)
def test_exports_of_other_programs_fill_a_field_with_each_of_these_columns(
    world: World, kind: RecordKind, headings: str
) -> None:
    assert None not in guessed_columns(headings.split(","), kind, world.admin)


@pytest.mark.parametrize("kind", [DEAL, PERSON])
def test_first_and_last_name_in_two_columns_make_one_name(
    world: World, tmp_path: Path, kind: RecordKind
) -> None:
    imported(
        world,
        csv(
            tmp_path,
            "Vorname;Nachname;Firma;E-Mail\nEva;Böhm;Elbe AG;eva@elbe.example\n",
        ),
        kind=kind,
    )
    person = Person.objects.get()
    assert (person.name, person.first_name, person.last_name) == (
        "Eva Böhm",
        "Eva",
        "Böhm",
    )
    assert person.emails == [{"value": "eva@elbe.example", "label": "work"}]


GOOGLE_ROWS = [
    {
        "Name": "Goo Eins",
        "Given Name": "Goo",
        "Family Name": "Eins",
        "E-mail 1 - Type": "* Work",
        "E-mail 1 - Value": "g1@goo.example ::: g1b@goo.example",
        "Phone 1 - Type": "Mobile",
        "Phone 1 - Value": "+49 170 1234567 ::: +49 30 2345678",
        "Organization 1 - Name": "Goo GmbH",
    },
    {
        "Name": "Goo Zwei",
        "Given Name": "Goo",
        "Family Name": "Zwei",
        "E-mail 1 - Type": "* Home",
        "E-mail 1 - Value": "g2@goo.example",
        "Phone 1 - Type": "Work Fax",
        "Phone 1 - Value": "+49 170 3456789",
        "Organization 1 - Name": "Goo GmbH",
    },
]
GOOGLE = "".join(
    f"{','.join(cells)}\n"
    for cells in (GOOGLE_ROWS[0], *map(dict.values, GOOGLE_ROWS))
)


def test_contacts_of_google_bring_all_that_their_columns_hold(
    world: World, tmp_path: Path
) -> None:
    of = imported(world, csv(tmp_path, GOOGLE), kind=PERSON)
    one, two = Person.objects.order_by("name")
    assert (one.organization.name, two.organization) == (
        "Goo GmbH",
        one.organization,
    )
    assert [
        (point["value"], point["label"])
        for point in [*one.emails, *one.phones]
    ] == [
        ("g1@goo.example", "work"),
        ("g1b@goo.example", "work"),
        ("+49 170 1234567", "mobile"),
        ("+49 30 2345678", "mobile"),
    ]
    assert [
        (point["value"], point["label"])
        for point in [*two.emails, *two.phones]
    ] == [
        ("g2@goo.example", "home"),
        ("+49 170 3456789", "other"),
    ]
    assert of.left_out == []


def test_a_currency_in_the_heading_is_that_of_the_column(
    world: World, tmp_path: Path
) -> None:
    text = "Organisation;Betrag (SEK);Status\nElbe AG;1.000,50;Offen\nOder AG;5 EUR;Offen\n"
    of = checked(world, csv(tmp_path, text))
    assert [(one["key"], one["count"]) for one in of.questions] == [
        ("currency:SEK", 1)
    ]
    imported(
        world, csv(tmp_path, text), answers={"currency:SEK": {"do": "create"}}
    )
    amounts = Deal.objects.order_by("value_e4").values_list(
        "value_e4", "currency"
    )
    assert list(amounts) == [(50_000, "EUR"), (10_005_000, "SEK")]


def test_a_currency_of_its_own_that_contradicts_the_heading_is_a_problem(
    world: World, tmp_path: Path
) -> None:
    text = "Organisation;Betrag (€);Währung;Status\nElbe AG;5;EUR;Offen\nOder AG;5;USD;Offen\n"
    answers = {"currency:USD": {"do": "create"}}
    assert verdicts(checked(world, csv(tmp_path, text), answers=answers)) == [
        "new",
        "problem",
    ]


def test_a_currency_of_the_heading_needs_no_note_for_its_rows(
    world: World, tmp_path: Path
) -> None:
    of = checked(
        world,
        csv(tmp_path, "Organisation;Betrag in EUR;Status\nElbe AG;5;Offen\n"),
    )
    assert (codes(of), of.questions) == ([], [])
