"""The check of a file says the same, whatever is hidden that the file might mean."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from tests.imports.test_imports import checked
from tests.seeing.worlds import body_of
from tests.world import World
from turnus.core.records import RecordKind
from turnus.imports.models import Import
from turnus.revenue.models import Subscription
from turnus.sales.models import Deal

WON = date(2018, 8, 31)
#: An ID that only a hidden deal has, once there is one.
GUESSED = 900
FILES: dict[RecordKind, list[str]] = {
    RecordKind.DEAL: [
        "ID;Titel;Organisation;Kontaktperson;Wert;Gewonnen am;Status",
        ";Abo;Geheim AG;Vera Geheim;100;31.08.2018;Gewonnen",
        ";Abo;Sichtbar AG;;100;31.08.2018;Gewonnen",
        ";Gutschrift;Sichtbar AG;;-100;31.08.2018;Gewonnen",
        ";Neu;;Peter Sichtbar;100;31.08.2018;Gewonnen",
        f"{GUESSED};Abo;Sichtbar AG;;100;31.08.2018;Gewonnen",
    ],
    RecordKind.PERSON: [
        "ID;Name;Organisation;E-Mail",
        ";Vera Geheim;Geheim AG;v@example.org",
        ";Peter Sichtbar;Geheim AG;",
        ";Peter Sichtbar;;p@example.org",
    ],
    RecordKind.ORGANIZATION: [
        "ID;Name;Wird abgerechnet mit",
        ";Geheim AG;",
        ";Sichtbar AG;Geheim AG",
    ],
    RecordKind.SUBSCRIPTION: [
        "ID;Name;Organisation;Plan;Preis;Beginn",
        ";Abo;Sichtbar AG;Abo monatlich;100;31.08.2018",
        ";Abo;Geheim AG;Abo monatlich;100;31.08.2018",
    ],
}


def told(world: World, folder: Path) -> list[Any]:
    """What Charlie is told about each file: verdicts, questions, and the page without numbers."""
    client, answers = world.client(world.charlie), []
    for kind, lines in FILES.items():
        path = folder / f"{kind}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        of = checked(world, path, by=world.charlie, kind=kind)
        page = body_of(client.get(f"/imports/{of.pk}/")).decode()
        totals = {
            name: value
            for name, value in of.totals.items()
            if name != "revision"
        }
        answers.append(
            (
                totals,
                of.questions,
                re.sub(rf"/imports/{of.pk}\b", "/imports/N", page),
            )
        )
        Import.objects.filter(
            pk=of.pk
        ).delete()  # the same file once more is another thing
    return answers


def test_a_check_does_not_tell_what_is_hidden(
    world: World, tmp_path: Path
) -> None:
    world.charlie.permissions = ["import", "edit_all"]
    world.charlie.save()
    seen, plan = world.organization("Sichtbar AG"), world.plan()
    world.person("Peter Sichtbar")
    before = told(world, tmp_path)
    firm = world.organization("Geheim AG", visibility="owner")
    for name in ("Vera Geheim", "Peter Sichtbar"):
        world.person(name, visibility="owner", organization=firm.pk)
    for one in (seen, firm):
        world.deal(
            title="Abo",
            organization=one.pk,
            amount=100,
            status="won",
            won_at=WON,
            visibility="owner",
        )
    Deal.objects.filter(organization=seen).update(id=GUESSED)
    world.subscription(
        plan, title="Abo", organization=seen.pk, visibility="owner"
    )
    Subscription.objects.update(visibility="owner")
    assert told(world, tmp_path) == before
    assert [one[0]["rows"] for one in before] == [
        len(lines) - 1 for lines in FILES.values()
    ]
