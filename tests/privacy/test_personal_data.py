"""A person's data can be exported, and erased so that no table and no file knows it any more."""

import json
import zlib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from tests.imports.test_imports import imported, sheet
from tests.world import World
from turnus.cli.main import main
from turnus.contacts.actions import update_contacts
from turnus.contacts.models import Person
from turnus.core.fields import FieldKind, Operator
from turnus.core.fields.points import parse_points
from turnus.core.filters import Condition, to_json
from turnus.core.records import RecordKind
from turnus.detection.actions import request_proposal
from turnus.exports.actions import request_export
from turnus.history.models import Event
from turnus.imports.files import uploads
from turnus.imports.models import Import, PlanBlock
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.listing.actions import save_filter
from turnus.listing.lists import ListState
from turnus.privacy.actions import erase_person
from turnus.privacy.queries import data_of
from turnus.sales.actions import update_deals
from turnus.sales.models import Deal

pytestmark = pytest.mark.django_db
HEADINGS = (
    "Titel",
    "Wert",
    "Status",
    "Kontakt",
    "Kontakt - Nachname",
    "Kontakt - E-Mail",
    "Kontakt - Telefon",
    "Gewonnen am",
    "Notiz",
)
LINE = (
    "Abo Eva Böhm",
    120,
    "Gewonnen",
    "Eva Böhm",
    "Böhm",
    "eva@example.org",
    "+49 30 1234567",
    "03.10.2018",
    "mag Eva Böhm",
)
#: As they stand in tables and files, folded copies and digits included; `maier` is an earlier name.
TRACES = (
    "böhm",
    "bohm",
    "boehm",
    "maier",
    "eva@",
    "e.maier@",
    "1234567",
    "geheim",
)


@pytest.fixture
def eva(world: World) -> Person:
    """A person who came by an import, was changed, renamed, found, exported and detected."""
    path = sheet(uploads() / "Eva Böhm.xlsx", [LINE], HEADINGS)
    imported(world, path, ignored=["Notiz"])
    person = Person.objects.get()
    who: dict[str, Any] = {"by": world.admin, "at": world.at}
    secret = world.field(FieldKind.TEXT, "Hobby", RecordKind.PERSON)
    people = Person.objects.all()
    for values in (
        {
            "name": "Eva Maier",
            "emails": parse_points("e.maier@example.org", is_email=True),
        },
        {"name": "Eva Böhm", f"custom.{secret.key}": "geheim"},
    ):
        update_contacts(
            RecordKind.PERSON, records=people, values=values, **who
        )
    update_deals(
        deals=Deal.objects.all(), values={"title": "Abo für Eva Maier"}, **who
    )
    tree = Condition("person.name", Operator.CONTAINS, "Eva Böhm")
    state = ListState(tree)
    save_filter(
        kind=RecordKind.DEAL,
        name="Ihre",
        tree=to_json(tree),
        is_shared=False,
        **who,
    )
    request_export(
        kind=RecordKind.DEAL,
        state=state,
        file_format="csv",
        language="de",
        title="Deals",
        **who,
    )
    request_proposal(
        deals=Deal.objects.all(),
        title="Eva Böhm",
        on=world.at.date(),
        plan_field=None,
        **who,
    )
    run_pending()
    return person


def stored() -> Iterator[tuple[str, str]]:
    """Yield (place, text in small letters) of every row of every table, and of every file."""
    for model in apps.get_models():
        for row in model._default_manager.values():
            if model is PlanBlock:
                row["rows"] = json.loads(zlib.decompress(bytes(row["rows"])))
            yield model.__name__, str(row).lower()
    for path in Path(settings.DATA_DIR).rglob("*"):
        yield (
            str(path),
            path.name.lower()
            + (
                path.read_bytes().decode("latin-1").lower()
                if path.is_file()
                else ""
            ),
        )


def traces() -> set[tuple[str, str]]:
    return {
        (place, trace)
        for place, text in stored()
        for trace in TRACES
        if trace in text
    }


def test_nothing_of_an_erased_person_is_found_anywhere(
    world: World, eva: Person
) -> None:
    places = {place for place, _trace in traces()}
    assert places >= {
        "Person",
        "Deal",
        "Event",
        "Import",
        "PlanBlock",
        "History",
        "SavedFilter",
        "Run",
    }
    name = erase_person(person=eva, by=world.admin, at=world.at)
    assert traces() == set()
    deal = Deal.objects.get()
    assert (deal.title, deal.value_e4, deal.person_id) == (
        f"Abo für {name}",
        1_200_000,
        eva.pk,
    )


def test_that_a_person_was_erased_is_recorded_without_saying_who(
    world: World, eva: Person
) -> None:
    erase_person(person=eva, by=world.admin, at=world.at)
    last = Event.objects.filter(record_kind="person", record_id=eva.pk).latest(
        "pk"
    )
    assert (last.action, last.by_id, last.changes) == (
        "erased",
        world.admin.pk,
        None,
    )
    page = (
        world.client(world.admin).get(f"/persons/{eva.pk}/").content.decode()
    )
    assert f"Gelöschte Person {eva.pk}" in page


def test_others_are_left_alone(world: World, eva: Person) -> None:
    namesake = world.person("Eva Böhm")
    deal = world.deal(title="Eva Böhm, die andere", person=namesake.pk)
    erase_person(person=eva, by=world.admin, at=world.at)
    namesake.refresh_from_db()
    deal.refresh_from_db()
    assert (namesake.name, deal.title) == ("Eva Böhm", "Eva Böhm, die andere")


def test_what_is_handed_out_is_everything_under_its_names(
    world: World, eva: Person
) -> None:
    found = data_of(eva, at=world.at)
    assert (found["person"]["name"], found["person"]["custom"]) == (
        "Eva Böhm",
        {"Hobby": "geheim"},
    )
    deals = found["deals"]
    assert isinstance(deals, list)
    assert [deal["title"] for deal in deals] == ["Abo für Eva Maier"]
    assert "Abo Eva Böhm" in json.dumps(found["history"], ensure_ascii=False)
    assert "e.maier@example.org" in json.dumps(found)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_admins_hand_out_and_erase(
    world: World, eva: Person, who: str
) -> None:
    before = traces()
    client = world.client(getattr(world, who))
    address = f"/persons/{eva.pk}/data/"
    posts = [
        client.post(address, {"action": action, "number": eva.pk})
        for action in ("export", "erase")
    ]
    answers = [client.get(address), *posts]
    assert [answer.status_code for answer in answers] == [403] * 3
    with pytest.raises(UserError, match=r"access\.denied"):
        erase_person(person=eva, by=getattr(world, who), at=world.at)
    assert traces() == before


def test_the_page_hands_out_asks_and_erases(world: World, eva: Person) -> None:
    client, address = world.client(world.admin), f"/persons/{eva.pk}/data/"
    assert client.get(address).status_code == 200
    assert (
        json.loads(client.post(address, {"action": "export"}).content)[
            "person"
        ]["name"]
        == "Eva Böhm"
    )
    assert (
        client.post(address, {"action": "erase", "number": "0"}).status_code
        == 422
    )
    assert Person.objects.get().name == "Eva Böhm"
    assert (
        client.post(address, {"action": "erase", "number": eva.pk}).status_code
        == 302
    )
    assert Person.objects.get().name != "Eva Böhm"


def test_the_command_hands_out_and_erases(
    eva: Person,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = tmp_path / "eva.json"
    assert (
        main(["person", "export", "e.maier@example.org", "-o", str(output)])
        == 0
    )
    assert (
        json.loads(output.read_text(encoding="utf-8"))["person"]["id"]
        == eva.pk
    )
    assert main(["person", "erase", "nobody@example.org", "--yes"]) == 1
    assert "No person has the number" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", StringIO("no\n"))
    assert main(["person", "erase", "eva bohm"]) == 1
    assert "Nothing was erased" in capsys.readouterr().err
    assert main(["person", "erase", "eva bohm", "--yes"]) == 0
    assert str(eva.pk) in capsys.readouterr().out
    assert traces() == set()


def test_nothing_is_erased_while_an_import_is_at_work(
    world: World, eva: Person
) -> None:
    Import.objects.update(state=Import.State.IMPORTING)
    with pytest.raises(UserError, match=r"person\.import_running"):
        erase_person(person=eva, by=world.admin, at=world.at)
    assert Person.objects.get().name == "Eva Böhm"
