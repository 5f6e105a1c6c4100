"""A backup holds everything, is refused when it is damaged, and comes back on either database."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from pytest_django.fixtures import Settings

from tests.at_once import at_once
from tests.backups.databases import empty_database
from tests.world import World
from turnus.backups.actions_restoring import fill_database
from turnus.backups.actions_taking import take_backup
from turnus.backups.archive import BackupReader, BackupWriter
from turnus.backups.rows import columns_of, label, lines_of, stored_models
from turnus.cli.main import main
from turnus.contacts.models import Organization
from turnus.core.fields import FieldKind
from turnus.fields.actions import index_fields
from turnus.fields.models import CustomField
from turnus.kit.errors import UserError
from turnus.kit.folder import Unfinished
from turnus.kit.json_columns import index_name
from turnus.kit.sql import is_sqlite
from turnus.sales.models import Deal


def ignore(_done: int, _total: int) -> None:
    """Take no notice of progress."""


def rows() -> dict[str, list[bytes]]:
    """Return all rows of the database the connection leads to."""
    return {
        label(model): list(lines_of(model, columns_of(model)))
        for model in stored_models(apps)
    }


@pytest.fixture
def lived_in(transactional_db: None, world: World) -> World:
    """A world with records, a field of its own with a value, an import's file, a subscription."""
    field = world.field(kind=FieldKind.NUMBER)
    organization = world.organization().pk
    world.deal(organization=organization, **{f"custom.{field.key}": 42})
    world.subscription(organization=organization)
    return world


def taken(world: World, folder: Path) -> Path:
    target = folder / "backup.zip"
    take_backup(target, at=world.at, progress=ignore)
    return target


def test_every_row_comes_back(lived_in: World, tmp_path: Path) -> None:
    before = rows()
    backup = taken(lived_in, tmp_path)
    with empty_database(tmp_path):
        fill_database(BackupReader(backup), progress=ignore)
        assert rows() == before
    assert before["sales.deal"], "there is something to lose"


def test_numbers_of_records_that_are_gone_are_not_given_again(
    lived_in: World, tmp_path: Path
) -> None:
    last = lived_in.organization("Zuletzt GmbH")
    highest = last.pk
    last.delete()
    backup = taken(lived_in, tmp_path)
    with empty_database(tmp_path):
        fill_database(BackupReader(backup), progress=ignore)
        assert lived_in.organization("Neu GmbH").pk == highest + 1


def test_own_fields_are_indexed_again(lived_in: World, tmp_path: Path) -> None:
    backup = taken(lived_in, tmp_path)
    with empty_database(tmp_path):
        fill_database(BackupReader(backup), progress=ignore)
        index_fields()
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(
                cursor, "sales_deal"
            )
    assert index_name(Deal, CustomField.objects.get().key) in found


@pytest.mark.parametrize("steps", [1, 20])
def test_a_killed_restore_goes_on(
    lived_in: World,
    tmp_path: Path,
    steps: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(12):
        lived_in.organization(f"Firma {number}")
    monkeypatch.setattr("turnus.backups.actions_restoring.BATCH", 5)
    before = rows()
    backup = BackupReader(taken(lived_in, tmp_path))
    seen = []

    def killing(done: int, _total: int) -> None:
        seen.append(done)
        if len(seen) == steps:
            raise KeyboardInterrupt

    with empty_database(tmp_path):
        with pytest.raises(KeyboardInterrupt):
            fill_database(backup, progress=killing)
        connection.close()  # a new process has a new connection
        fill_database(backup, progress=ignore)
        assert rows() == before


def test_another_backup_does_not_go_on_where_one_was_killed(
    lived_in: World, tmp_path: Path
) -> None:
    first = BackupReader(taken(lived_in, tmp_path))
    lived_in.organization("Später GmbH")
    (tmp_path / "b").mkdir()
    second = BackupReader(taken(lived_in, tmp_path / "b"))

    def kill(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with empty_database(tmp_path):
        with pytest.raises(KeyboardInterrupt):
            fill_database(first, progress=kill)
        with pytest.raises(UserError, match=r"restore\.other_backup"):
            fill_database(second, progress=ignore)


def test_what_has_arrived_already_is_left_as_it_is(
    lived_in: World, tmp_path: Path
) -> None:
    """It was killed after the last step, so nothing says how far it went."""
    backup = BackupReader(taken(lived_in, tmp_path))
    before = rows()
    with empty_database(tmp_path):
        fill_database(backup, progress=ignore)
        fill_database(backup, progress=ignore)
        assert rows() == before


def test_a_database_with_tables_of_another_program_is_left_alone(
    lived_in: World, tmp_path: Path
) -> None:
    backup = BackupReader(taken(lived_in, tmp_path))
    with empty_database(tmp_path):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE others (id integer)")
        with pytest.raises(UserError, match=r"restore\.not_empty"):
            fill_database(backup, progress=ignore)


def test_a_database_with_tables_is_left_alone(
    lived_in: World, tmp_path: Path
) -> None:
    backup = BackupReader(taken(lived_in, tmp_path))
    lived_in.organization("Später GmbH")
    before = rows()
    with pytest.raises(UserError, match=r"restore\.not_empty"):
        fill_database(backup, progress=ignore)
    assert rows() == before


@pytest.mark.usefixtures("on_disk")
def test_what_is_written_meanwhile_is_not_half_in_it(
    lived_in: World, tmp_path: Path
) -> None:
    def write(done: int, _total: int) -> None:
        if done == 1:
            at_once(lambda: lived_in.organization("Währenddessen GmbH"))

    target = tmp_path / "backup.zip"
    take_backup(target, at=lived_in.at, progress=write)
    assert Organization.objects.filter(name="Währenddessen GmbH").exists()
    with empty_database(tmp_path):
        fill_database(BackupReader(target), progress=ignore)
        assert list(Organization.objects.values_list("name", flat=True)) == [
            "Ärzte Solar GmbH"
        ]


def one_bit_off(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        deals = archive.getinfo("rows/sales.deal.jsonl")
    content = bytearray(path.read_bytes())
    content[deals.header_offset + deals.compress_size // 2 + 60] ^= 1
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2_000])


def without_a_row(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    deals = members["rows/sales.deal.jsonl"].splitlines(keepends=True)
    members["rows/sales.deal.jsonl"] = b"".join(deals[:-1])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    "damage",
    [one_bit_off, cut_off, without_a_row],
    ids=["a bit", "cut off", "a row is missing"],
)
def test_a_damaged_backup_is_refused_before_anything_is_written(
    lived_in: World,
    tmp_path: Path,
    damage: Callable[[Path], None],
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
) -> None:
    backup = taken(lived_in, tmp_path)
    damage(backup)
    settings.DATA_DIR = tmp_path / "new"
    with empty_database(tmp_path):
        assert main(["restore", str(backup)]) == 1
        assert connection.introspection.table_names() == []
    assert "backup.zip" in capsys.readouterr().err


def test_a_backup_of_a_later_version_is_refused(
    lived_in: World, tmp_path: Path
) -> None:
    backup = BackupReader(taken(lived_in, tmp_path))
    later = {**backup.contents.migrations, "sales": "0999_from_the_future"}
    backup.contents = replace(backup.contents, migrations=later)
    with (
        empty_database(tmp_path),
        pytest.raises(UserError, match=r"restore\.newer"),
    ):
        fill_database(backup, progress=ignore)


def test_a_later_format_is_refused(lived_in: World, tmp_path: Path) -> None:
    backup = taken(lived_in, tmp_path)
    contents = asdict(BackupReader(backup).contents)
    contents["taken_at"] = contents["taken_at"].isoformat()
    with zipfile.ZipFile(tmp_path / "later.zip", "w") as archive:
        archive.writestr("backup.json", json.dumps({**contents, "format": 2}))
    with pytest.raises(UserError, match=r"backup\.newer"):
        BackupReader(tmp_path / "later.zip")


def test_a_backup_of_an_earlier_state_is_restored_as_it_was(
    lived_in: World, tmp_path: Path
) -> None:
    """Its tables lack what later migrations add; these are applied afterwards, as ever."""
    state = MigrationLoader(connection).project_state(
        [("detection", "0001_initial"), ("exports", "0001_initial")]
    )
    earlier = state.apps.get_model("detection", "History")
    newest = BackupReader(taken(lived_in, tmp_path)).contents
    migrations = {**newest.migrations, "detection": "0001_initial"}
    path = tmp_path / "earlier.zip"
    with zipfile.ZipFile(path, "w") as archive:
        writer = BackupWriter(archive)
        writer.add_table(label(earlier), columns_of(earlier), [], last_id=7)
        contents = replace(newest, migrations=migrations, tables=writer.tables)
        writer.finish(contents)
    with empty_database(tmp_path):
        fill_database(BackupReader(path), progress=ignore)
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(
                cursor, earlier._meta.db_table
            )
    assert {column.name for column in columns} == set(columns_of(earlier))


@pytest.fixture
def uploads(data_folder: Path) -> Path:
    folder = data_folder / "data"
    (folder / "uploads").mkdir(parents=True)
    (folder / "secret-key").write_text("geheim")
    (folder / "uploads" / "liste.csv").write_bytes(b"Titel;Wert\r\n")
    return folder


@pytest.mark.usefixtures("uploads")
@pytest.mark.parametrize(
    "is_sealed", [False, True], ids=["plain", "encrypted"]
)
def test_an_instance_comes_back_by_command(
    lived_in: World,
    tmp_path: Path,
    *,
    is_sealed: bool,
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
) -> None:
    (tmp_path / "key").write_text("ein langer Satz\n")
    key = ["--passphrase-file", str(tmp_path / "key")] if is_sealed else []
    backup = tmp_path / "turnus.zip"
    assert main(["backup", str(backup), *key]) == 0
    assert backup.stat().st_mode & 0o077 == 0
    assert (b"Solar" in unpacked(backup)) is not is_sealed
    before = rows()
    settings.DATA_DIR = new = tmp_path / "new"
    with empty_database(tmp_path):
        assert main(["restore", str(backup), *key]) == 0, capsys.readouterr()
        assert rows() == before
        assert main(["restore", str(backup), *key]) == 1
        assert "already belongs to an instance" in capsys.readouterr().err
    assert (new / "secret-key").read_text() == "geheim"
    assert (new / "uploads" / "liste.csv").read_bytes() == b"Titel;Wert\r\n"
    assert (new / "uploads" / "liste.csv").stat().st_mode & 0o077 == 0
    assert not Unfinished.RESTORE.mark(new).exists()
    assert sorted(path.name for path in tmp_path.glob("*.age")) == []


def unpacked(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def test_a_wrong_passphrase_is_refused(
    lived_in: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
) -> None:
    (tmp_path / "right").write_text("ein langer Satz\n")
    (tmp_path / "wrong").write_text("ein anderer Satz\n")
    backup = tmp_path / "turnus.zip"
    main(["backup", str(backup), "--passphrase-file", str(tmp_path / "right")])
    settings.DATA_DIR = tmp_path / "new"
    with empty_database(tmp_path):
        command = [
            "restore",
            str(backup),
            "--passphrase-file",
            str(tmp_path / "wrong"),
        ]
        assert main(command) == 1
    assert "does not open turnus.zip" in capsys.readouterr().err


def test_a_folder_gets_a_file_named_after_the_moment(
    lived_in: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(tmp_path)]) == 0
    assert (tmp_path / "turnus-20181114-100000.zip").exists()
    assert f"{sum(map(len, rows().values()))} rows" in capsys.readouterr().out


def test_an_empty_passphrase_encrypts_nothing(
    lived_in: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key").write_text("\n")
    command = [
        "backup",
        str(tmp_path),
        "--passphrase-file",
        str(tmp_path / "key"),
    ]
    assert main(command) == 1
    assert "The passphrase is empty" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["serve"], ["init", "--no-input"]])
def test_an_unfinished_restore_keeps_the_server_from_starting(
    lived_in: World,
    data_folder: Path,
    command: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = data_folder / "data"
    folder.mkdir(exist_ok=True)
    Unfinished.RESTORE.mark(folder).write_text("x")
    assert main(command) == 1
    assert "Run “turnus restore” again" in capsys.readouterr().err


def test_a_reference_to_nothing_is_refused(
    lived_in: World, tmp_path: Path
) -> None:
    backup = BackupReader(taken(lived_in, tmp_path))
    path = tmp_path / "contradiction.zip"
    with zipfile.ZipFile(path, "w") as archive:
        writer = BackupWriter(archive)
        for table in backup.contents.tables:
            is_left_out = table.model == "contacts.organization"
            lines = [] if is_left_out else list(backup.lines_of(table))
            writer.add_table(
                table.model, table.columns, lines, last_id=table.last_id
            )
        writer.finish(replace(backup.contents, tables=writer.tables))
    with (
        empty_database(tmp_path),
        pytest.raises(UserError, match=r"restore\.references"),
    ):
        fill_database(BackupReader(path), progress=ignore)


def test_a_value_that_a_column_does_not_take_is_refused_with_its_table(
    lived_in: World, tmp_path: Path
) -> None:
    if is_sqlite():
        pytest.skip("SQLite takes a text of any length")
    backup = BackupReader(taken(lived_in, tmp_path))
    path = tmp_path / "long.zip"
    with zipfile.ZipFile(path, "w") as archive:
        writer = BackupWriter(archive)
        for table in backup.contents.tables:
            lines = list(backup.lines_of(table))
            if table.model == "contacts.organization":
                lines = [line.replace(b"Solar", b"S" * 300) for line in lines]
            writer.add_table(
                table.model, table.columns, lines, last_id=table.last_id
            )
        writer.finish(replace(backup.contents, tables=writer.tables))
    with (
        empty_database(tmp_path),
        pytest.raises(
            UserError, match=r"restore\.refused.*contacts.organization"
        ),
    ):
        fill_database(BackupReader(path), progress=ignore)
