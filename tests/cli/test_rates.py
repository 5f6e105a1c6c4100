"""`turnus rates`: the published file becomes the company's rates, and again changes nothing."""

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.accounts.models import ExchangeRate
from turnus.cli.main import main

HISTORY = """\
Date,USD,CHF,ISK,
2018-11-14,1.25,0.8,N/A,
2018-11-13,1.28,0.8,140,
2017-12-29,1.6,0.8,125,
"""


@pytest.fixture
def traded(world: World) -> World:
    """A company that sells in francs and dollars as well, since 2018."""
    world.deal(
        title="Erster", status="won", won_at=date(2018, 11, 1), amount=10
    )
    return world


XML = """\
<Envelope><Cube>
<Cube time="2018-11-14"><Cube currency="USD" rate="1.25"/><Cube currency="CHF" rate="0.8"/></Cube>
<Cube time="2018-11-13"><Cube currency="USD" rate="1.28"/><Cube currency="CHF" rate="0.8"/></Cube>
<Cube time="2017-12-29"><Cube currency="USD" rate="1.6"/><Cube currency="CHF" rate="0.8"/></Cube>
</Cube></Envelope>
"""


def stored() -> dict[tuple[str, str], Decimal]:
    return {
        (rate.currency_id, str(rate.on)): rate.rate.normalize()
        for rate in ExchangeRate.objects.all()
    }


def file_in(
    folder: Path, *, is_zipped: bool = False, is_xml: bool = False
) -> Path:
    plain = folder / f"eurofxref-hist.{'xml' if is_xml else 'csv'}"
    plain.write_text(XML if is_xml else HISTORY, encoding="utf-8")
    if not is_zipped:
        return plain
    packed = folder / "eurofxref-hist.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(plain, plain.name)
    return packed


@pytest.mark.parametrize("is_zipped", [False, True], ids=["plain", "zip"])
@pytest.mark.parametrize("is_xml", [False, True], ids=["csv", "xml"])
def test_the_rates_of_ones_own_currencies_are_taken(
    traded: World,
    tmp_path: Path,
    *,
    is_zipped: bool,
    is_xml: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save_rate(
        by=traded.admin, code="USD", on=date(2018, 11, 14), rate=Decimal(7)
    )
    path = file_in(tmp_path, is_zipped=is_zipped, is_xml=is_xml)
    assert main(["rates", str(path)]) == 0
    expected = {
        ("CHF", "2018-11-13"): Decimal("1.25"),
        ("CHF", "2018-11-14"): Decimal("1.25"),
        ("USD", "2018-11-13"): Decimal("0.78125"),
        ("USD", "2018-11-14"): Decimal("0.8"),
    }
    assert stored() == expected
    assert (
        "CHF: 2 rates, from 2018-11-13 to 2018-11-14"
        in capsys.readouterr().out
    )
    assert main(["rates", str(path)]) == 0
    assert stored() == expected


def test_a_day_can_be_named_and_a_dry_run_writes_nothing(
    traded: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(file_in(tmp_path))
    assert main(["rates", path, "--since", "2017-01-01", "--dry-run"]) == 0
    assert stored() == {}
    assert "CHF: 3 rates, from 2017-12-29" in capsys.readouterr().out
    assert main(["rates", path, "--since", "2018-11-14"]) == 0
    assert sorted(day for _code, day in stored()) == [
        "2018-11-14",
        "2018-11-14",
    ]


def test_a_file_without_ones_own_currencies_says_so(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("Date,ISK,\n2018-11-13,140,\n", encoding="utf-8")
    assert main(["rates", str(path)]) == 0
    assert "no rates of your currencies" in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", [b"Titel;Wert\n", b"\xff\xfe\x00", b"", b"<html></html>"]
)
def test_another_file_is_refused(
    traded: World,
    tmp_path: Path,
    content: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "deals.csv").write_bytes(content)
    assert main(["rates", str(tmp_path / "deals.csv")]) == 1
    assert "deals.csv has no reference rates" in capsys.readouterr().err


def test_only_who_may_change_the_companys_settings_takes_rates(
    traded: World, tmp_path: Path
) -> None:
    path = str(file_in(tmp_path))
    assert main(["rates", path, "--as", traded.alice.email]) == 1
    assert stored() == {}


def test_a_zip_without_a_table_and_a_missing_file_are_refused(
    traded: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    assert main(["rates", str(tmp_path / "empty.zip")]) == 1
    assert main(["rates", str(tmp_path / "nowhere.csv")]) == 1
    assert "empty.zip has no reference rates" in capsys.readouterr().err
