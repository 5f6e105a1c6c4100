"""What nobody means is refused in words, the same on both databases."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from tests.web.test_pages import filled
from tests.world import World
from turnus.accounts.models import Company, Team, User
from turnus.cli.main import main
from turnus.config.wsgi import application
from turnus.contacts.models import Organization
from turnus.core.cadence import CadenceUnit
from turnus.core.records import RecordKind
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.listing.models import ColumnSet, SavedFilter
from turnus.sales.actions_bulk import change_many, undo_many
from turnus.sales.models import Deal, Pipeline
from turnus.web.parameters import (
    currency_in,
    day_in,
    end_in,
    page_in,
    search_in,
)

TITLE = '{"field": "title", "operator": "is", "value": %s}'
WON = '{"field": "won_at", "operator": "in_period", "value": {"span": %s, "unit": "%s"}}'


def currency(text: str) -> str:
    return currency_in(text, "EUR")


@pytest.mark.parametrize(
    ("read", "text", "answer"),
    [
        (day_in, "", None),
        (day_in, "2018-11-14", date(2018, 11, 14)),
        (day_in, "1800-01-01", date(1800, 1, 1)),
        (day_in, "0001-01-01", "day.too_far"),
        (day_in, "9999-12-31", "day.too_far"),
        (day_in, "2200-01-01", "day.too_far"),
        (day_in, "2018-02-31", "row.date_invalid"),
        (day_in, "0000-00-00", "row.date_invalid"),
        (day_in, "9" * 100_000, "row.date_invalid"),
        (end_in, "9999-12-31", None),
        (end_in, "2200-01-01", "day.too_far"),
        (end_in, "2199-12-31", date(2199, 12, 31)),
        (page_in, None, 1),
        (page_in, "0", 1),
        (page_in, "-1", 1),
        (page_in, "3", 3),
        (page_in, "²", 1),
        (page_in, "9" * 18, 1_000_000),
        (page_in, "9" * 20, 1),
        (currency, "", "EUR"),
        (currency, "chf", "CHF"),
        (currency, "x" * 4, "currency.invalid"),
        (currency, "E\u0301R", "currency.invalid"),
        (search_in, " a ", "a"),
        (search_in, "x" * 256, "search.too_long"),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)[:20]),
)
def test_days_pages_and_searches_are_bounded(
    read: Callable[[Any], Any], text: str, answer: Any
) -> None:
    if not (isinstance(answer, str) and "." in answer):
        assert read(text) == answer
        return
    with pytest.raises(UserError) as refused:
        read(text)
    assert refused.value.code == answer


@pytest.mark.parametrize(
    "given", [{"name": "a\x00b"}, {"a\x00": "b"}], ids=["value", "name"]
)
def test_a_text_with_a_nul_is_refused_before_anything_is_done(
    english_client: Client, given: dict[str, str]
) -> None:
    teams = Team.objects.count()
    for way in (english_client.get, english_client.post):
        answer = way("/settings/teams/", given)
        assert (
            answer.status_code,
            "cannot be stored" in answer.content.decode(),
        ) == (
            400,
            True,
        )
    toast = english_client.post(
        "/settings/teams/", given, headers={"HX-Request": "true"}
    )
    assert (toast.status_code, toast["HX-Retarget"], Team.objects.count()) == (
        400,
        "#refusal",
        teams,
    )


def test_a_cookie_with_a_nul_is_no_cookie(db: None, world: World) -> None:
    answer = Client().generic(
        "GET", "/deals/", HTTP_COOKIE='sessionid="abcdefgh\\000ijklmnop"'
    )
    assert answer.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    "parameter",
    [
        "charset=base64",
        "charset=zlib",
        "charset=utf-7",
        "charset=undefined",
        "charset=idna",
        "name*=undefined''x",
    ],
)
def test_a_form_in_another_encoding_is_refused_at_the_door(
    parameter: str,
) -> None:
    answered = []
    asked = RequestFactory()._base_environ(  # type: ignore[attr-defined]
        QUERY_STRING="a=b", CONTENT_TYPE=f"text/plain; {parameter}"
    )
    body = application(asked, lambda status, _headers: answered.append(status))
    assert (answered, list(body)) == (
        ["415 Unsupported Media Type"],
        [b"Send texts in UTF-8.\n"],
    )


def test_an_address_too_long_to_come_back_to_leads_to_the_sign_in_page(
    db: None, world: World
) -> None:
    for length, back in (
        (1_000, f"?next=/deals/%3Fq%3D{'a' * 1_000}"),
        (60_000, ""),
    ):
        answer = Client().get(f"/deals/?q={'a' * length}")
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            f"/sign-in/{back}",
        )


LONG = "x" * 256
#: Forms with a name that somebody types, and the field of it.
FORMS = (
    ("/settings/teams/", {}, "name"),
    ("/settings/pipelines/", {}, "name"),
    ("/settings/lost-reasons/", {}, "name"),
    (
        "/settings/plans/",
        {"unit": str(CadenceUnit.MONTH), "every": "1"},
        "name",
    ),
    ("/settings/labels/deals/", {}, "name"),
    ("/settings/fields/deals/", {"kind": "text"}, "name"),
    ("/settings/company/", {}, "name"),
    ("/settings/profile/", {}, "name"),
    ("/deals/new/", {"title": "x"}, "organization"),
    ("/deals/new/", {"organization": "x"}, "title"),
    ("/persons/new/", {}, "name"),
    ("/deals/filters/new/", {"action": "save", "0.group": "all"}, "name"),
)


@pytest.mark.parametrize(
    ("path", "given", "field"),
    FORMS,
    ids=[f"{path} {field}" for path, _given, field in FORMS],
)
def test_a_name_that_is_too_long_is_refused_and_never_cut(
    english_client: Client, path: str, given: dict[str, str], field: str
) -> None:
    answer = english_client.post(path, {**given, field: LONG})
    assert (
        answer.status_code,
        "has 256 characters; at most 255 are allowed"
        in answer.content.decode(),
    ) == (422, True)
    tables = [
        (Team, "name"),
        (Pipeline, "name"),
        (Organization, "name"),
        (SavedFilter, "name"),
        (User, "name"),
        (Deal, "title"),
    ]
    assert not [
        model
        for model, column in tables
        if model.objects.filter(**{f"{column}__startswith": "xxx"})  # type: ignore[attr-defined]
    ]


def test_a_name_whose_letters_unfold_is_kept_and_found(
    world: World, admin_client: Client
) -> None:
    name = "\ufdfa" * 255
    assert (
        admin_client.post("/organizations/new/", {"name": name}).status_code
        == 302
    )
    assert Organization.objects.get(name=name).name_folded.startswith("صلى")


def test_a_page_behind_the_last_one_is_the_last_one(
    world: World, admin_client: Client
) -> None:
    filled(world)
    for page in ("2", "9" * 18, "9" * 30, "-1"):
        answer = admin_client.get("/deals/", {"page": page})
        assert (answer.status_code, "Abo" in answer.content.decode()) == (
            200,
            True,
        )


@pytest.mark.parametrize(
    "columns", [[5, None, "title"], {}, 7, "title", [[]]], ids=str
)
def test_stored_columns_that_are_none_are_left_out(
    world: World, columns: Any
) -> None:
    ColumnSet.objects.create(
        user=world.admin, record_kind="deal", columns=columns
    )
    assert world.client(world.admin).get("/deals/").status_code == 200


def test_a_field_of_another_record_is_not_saved_here(
    world: World, admin_client: Client
) -> None:
    deal = filled(world)
    for path in (
        "organization.name",
        "person.emails",
        "owner.name",
        "stage.probability",
    ):
        shown = admin_client.post(
            f"/deals/{deal.pk}/cell/?path={path}", {"value": "x"}
        )
        saved = admin_client.post(
            f"/deals/{deal.pk}/save/", {"field": path, "value": "x"}
        )
        assert {shown.status_code, saved.status_code} <= {403, 422}
    assert not Organization.objects.filter(name="x").exists()


@pytest.mark.parametrize("path", ["value", "owner", "visibility", "title"])
def test_a_cell_that_no_deal_can_be_without_is_not_emptied(
    world: World, english_client: Client, path: str
) -> None:
    answer = english_client.post(
        f"/deals/{filled(world).pk}/cell/?path={path}", {"value": ""}
    )
    assert (
        answer.status_code,
        "Please fill in" in answer.content.decode(),
    ) == (
        422,
        True,
    )


@pytest.mark.parametrize("language", ["xx", "", "DE"])
def test_a_language_that_nobody_speaks_falls_back(
    world: World, language: str
) -> None:
    Company.objects.update(language=language)
    assert (
        world.client(world.admin).get("/deals/").headers["Content-Language"]
        == "en"
    )
    assert (
        world.client(world.admin)
        .post("/settings/company/", {"language": "xx"})
        .status_code
        == 422
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_run_back_at_once_the_second_is_told(
    world: World,
) -> None:
    deal = world.deal(title="vorher")
    run = change_many(
        RecordKind.DEAL,
        records=Deal.objects.all(),
        by=world.admin,
        at=world.at,
        values={"title": "nachher"},
        title="x",
    )
    told: list[str] = []
    both = threading.Barrier(2)

    def undo() -> None:
        if not both.broken:
            both.wait()
        try:
            undo_many(run_id=run.pk, by=world.admin, at=world.at)
        except UserError as error:
            told.append(error.code)
        finally:
            connection.close()

    if connection.vendor == "sqlite":
        both.abort()  # one who writes shuts all others out: at once is one after the other there
    threads = [threading.Thread(target=undo) for _ in range(2)]
    for one in threads:
        one.start()
        if both.broken:
            one.join()
    for one in threads:
        one.join()
    deal.refresh_from_db()
    assert (told, deal.title, Run.objects.filter(undoes=run).count()) == (
        ["run.undone"],
        "vorher",
        1,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "mrr", "--from", "0001-01-01"], "too far away"),
        (["report", "mrr", "--on", "9999-12-31"], "too far away"),
        (["renewals", "--dry-run", "--on", "9999-12-31"], "too far away"),
        (["renewals", "--on", "2018-02-31"], "not a day"),
        (
            ["export", "-o", "x.csv", "--filter", "\udcfc"],
            "--filter is not text",
        ),
        (
            ["export", "-o", "x.csv", "--as", "a\udc80@x"],
            "--email is not text",
        ),
        (["export", "--lang", "xx"], "invalid choice"),
        (["undo", "9" * 40], "not a number of this"),
        (["undo", "9" * 5_000], "not a number of this"),
        (["undo", "9" * 18], "no import with the number"),
        (
            ["renew", "x.xlsx", "--for", "9999-12-31..9999-12-31"],
            "is not a period",
        ),
        (["renew", "x.xlsx", "--for", "0000"], "is not a period"),
        (["import", "M\udcfcller.csv"], "There is no file"),
    ],
    ids=lambda one: (
        " ".join(one)[:40].encode("ascii", "replace").decode()
        if isinstance(one, list)
        else None
    ),
)
def test_the_command_line_refuses_in_one_line(
    world: World,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    try:
        code: Any = main(arguments)
    except SystemExit as left:
        code = left.code
    assert (code in {1, 2}, said in capsys.readouterr().err) == (True, True)
