"""What a report is asked for is shown, or refused: never other days, another currency or 0."""

import json

import pytest

from tests.revenue.worlds import booked
from tests.world import World
from turnus.cli.main import main
from turnus.core.calendar import Period

TODAY = "2018-11-14"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            ["--from", "2030-01-01"],
            "starts on 1 Jan 2030, after today (14 Nov 2018)",
        ),
        (
            ["--from", "2018-11-01", "--to", "2018-10-01"],
            "last day (1 Oct 2018) is before its first day",
        ),
        (
            ["--from", "2018-11-01", "--as-known-on", "2018-10-01"],
            "after 1 Oct 2018, the day up to which changes count",
        ),
        (["--as-known-on", "2019-01-01"], "1 Jan 2019 is in the future"),
        (
            ["--currency", "XXX"],
            "does not use the currency “XXX”. Its currencies: CHF, EUR",
        ),
        (
            ["--on", "2018-10-01", "--to", "2018-10-01"],
            "either a single day, or",
        ),
        (["--from", "1990-01-01", "--by", "day"], "at most 1100 are allowed"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
@pytest.mark.parametrize(
    "report", ["mrr", "movements", "rates", "cohorts", "bookings"]
)
def test_what_cannot_be_shown_is_refused(
    world: World,
    capsys: pytest.CaptureFixture[str],
    report: str,
    flags: list[str],
    words: str,
) -> None:
    assert main(["report", report, *flags]) == 1
    shown = capsys.readouterr()
    assert words in shown.err
    assert not shown.out


@pytest.mark.parametrize(
    "flags", [["--to", "9999-12-31"], ["--from", "1066-10-14"]], ids=" ".join
)
def test_a_day_too_far_away_is_refused(
    capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["report", "mrr", *flags])
    assert f"“{flags[1]}” is too far away" in capsys.readouterr().err


def test_a_currency_is_known_in_small_letters_too(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    assert main(["report", "mrr", "--currency", "eur", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["currency"], found["lines"][-1]["mrr"]) == ("EUR", "1000")


def test_a_day_that_is_none_is_refused_with_an_example(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["report", "mrr", "--from", "2030"])
    assert ended.value.code == 2
    assert (
        "“2030” is not a day; write it like 2025-06-30"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("day", "mrr"),
    [
        ("2018-09-19", "0"),
        ("2018-09-20", "1000"),
        ("2018-10-19", "1000"),
        ("2018-10-20", "1200"),
    ],
)
def test_mrr_of_any_single_day(
    world: World, capsys: pytest.CaptureFixture[str], day: str, mrr: str
) -> None:
    booked(world, world.organization("Alpha"), "2018-09-20", [1000, 1200])
    assert main(["report", "mrr", "--on", day, "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["lines"]
    assert (line["start"], line["mrr"]) == (day, mrr)


def test_deals_that_are_expected_later_may_be_asked_for(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "open", "--from", "2030-01-01", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert (lines[0]["start"], len(lines)) == ("2030-01-01", 12)


def test_reports_of_deals_refuse_what_they_do_not_know(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "won", "--currency", "CHF"]) == 1
    assert "“won” has no option --currency" in capsys.readouterr().err


def test_bookings_of_a_span_without_any_recurring_one(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    firm = world.organization("Alpha")
    booked(world, firm, "2018-01-20", [1000])
    world.deal(organization=firm.pk, amount=70, status="won", won_at=world.at)
    assert (
        main(
            [
                "report",
                "bookings",
                "--from",
                "2018-11-01",
                "--to",
                "2018-11-30",
                "--json",
            ]
        )
        == 0
    )
    (line,) = json.loads(capsys.readouterr().out)["lines"]
    assert (line["one_off"], line["won"]) == ("70", "70")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "2030-01-01"}, "nach heute (14.11.2018)"),
        (
            {"from": "2018-11-01", "until": "2018-10-01"},
            "liegt vor seinem ersten",
        ),
        ({"from": "gestern"}, "„gestern“ ist kein Tag"),
        ({"currency": "XXX"}, "verwendet die Währung „XXX“ nicht"),
    ],
    ids=["ahead", "reversed", "no day", "currency"],
)
def test_the_screen_refuses_the_same(
    world: World, asked: dict[str, str], words: str
) -> None:
    answer = world.client(world.admin).get("/reports/mrr/", asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "mrr",
        "movements",
        "rates",
        "cohorts",
        "bookings",
        "forecast",
        "won",
        "open",
    ],
)
def test_every_report_by_day_on_the_screen(world: World, name: str) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    asked = {"from": "2018-11-01", "until": TODAY, "by": str(Period.DAY)}
    assert (
        world.client(world.admin).get(f"/reports/{name}/", asked).status_code
        == 200
    )
