"""The set-up as a file: what is in it, and what is missing from it."""

from pathlib import Path
from random import Random

import pytest

from tests.setup.made_up import emptied, make_up, new_company
from tests.world import World
from turnus.accounts.models import Company
from turnus.cli.main import main
from turnus.listing.models import SavedFilter
from turnus.setup.actions import apply_setup
from turnus.setup.reading import read_setup
from turnus.setup.writing import present_setup


def test_only_an_admin_exports_and_nothing_that_cannot_be_told_apart(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "setup.yaml")
    assert main(["apply", "--export", path, "--as", world.bob.email]) == 1
    assert not Path(path).exists()
    world.pipeline.stages.update(name="Gleich")
    assert main(["apply", "--export", path]) == 1
    assert "Two things are called “Gleich”" in capsys.readouterr().err


def test_a_filter_that_names_a_contact_is_missing_from_the_file(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    organization = world.organization()
    condition = {
        "field": "organization",
        "operator": "is",
        "value": organization.pk,
    }
    SavedFilter.objects.create(
        record_kind="deal",
        owner=world.alice,
        name="Ärzte\x07\u2028",
        tree=condition,
        created_at=world.at,
    )
    path = tmp_path / "setup.yaml"
    assert main(["apply", "--export", str(path)]) == 0
    assert "The filter “Ärzte" in capsys.readouterr().out
    assert "# The filter “Ärzte ” is missing" in path.read_text("utf-8")
    assert main(["apply", str(path)]) == 0
    assert capsys.readouterr().out == "Nothing to change.\n"


@pytest.mark.parametrize("seed", range(8))
def test_a_written_set_up_makes_an_empty_instance_equal(
    world: World, seed: int
) -> None:
    emptied()
    admin = new_company(world.at)
    make_up(Random(seed), admin, world.at)
    text = present_setup().text
    setup = read_setup(text)
    assert not apply_setup(setup=setup, by=admin, at=world.at)

    emptied()
    admin = new_company(world.at)
    assert apply_setup(setup=setup, by=admin, at=world.at)
    assert present_setup().text == text
    assert not apply_setup(setup=setup, by=admin, at=world.at)
    assert Company.objects.get().time_zone == "Asia/Tokyo"


def test_a_filter_whose_field_is_gone_is_missing_until_it_is_written_anew(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, tree in (
        ("Gone", {"field": "custom.gone", "operator": "is", "value": 1}),
        ("Broken", {"nothing": []}),
    ):
        SavedFilter.objects.create(
            record_kind="deal",
            owner=world.admin,
            name=name,
            tree=tree,
            created_at=world.at,
        )
    written = present_setup()
    assert len(written.missing) == 2
    assert "filters:" not in written.text

    path = tmp_path / "setup.yaml"
    path.write_text("filters: {deals: [{name: Broken, shared: true}]}")
    assert main(["apply", str(path)]) == 1
    assert "“where” is missing" in capsys.readouterr().err
    path.write_text("filters: {deals: [{name: Broken, where: null}]}")
    assert main(["apply", str(path)]) == 0
    assert SavedFilter.objects.get(name="Broken").tree == {"all": []}
