"""The environment and the command line: what is wrong is said in one line."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from turnus.cli.main import main
from turnus.cli.terminal import ask
from turnus.config import environment
from turnus.kit.errors import UserError

SOURCES = Path(environment.__file__).parent.parent


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "mysql://u:secret@host/x",
            "must begin with postgresql://, found mysql",
        ),
        ("host/x", "must begin with postgresql://, found no scheme"),
        ("postgresql://host:port/x", "cannot be read: Port"),
        ("postgresql://[::1/x", "cannot be read: Invalid IPv6"),
        (
            "postgresql://host/x?sslmod=require",
            'does not know: invalid connection option "sslmod"',
        ),
    ],
)
def test_a_database_that_cannot_be_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, said: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(ImproperlyConfigured, match=re.escape(said)) as refused:
        environment.database(tmp_path)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_database_with_libpqs_options_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://u:p%40@host:5433/x?sslmode=require"
    )
    settings = environment.database(tmp_path)
    assert (settings["PASSWORD"], settings["PORT"]) == ("p@", "5433")
    assert settings["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("count", ["one", "-1", "1.5", "999"])
def test_proxies_are_a_number(
    monkeypatch: pytest.MonkeyPatch, count: str
) -> None:
    monkeypatch.setenv("TURNUS_PROXIES", count)
    with pytest.raises(
        ImproperlyConfigured, match="must be a number of proxies"
    ):
        environment.proxy_count()


def test_a_pooler_and_the_server_behind_it_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert environment.direct_database() is None
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@pooler:6432/x")
    found = environment.database(tmp_path)
    assert found["DISABLE_SERVER_SIDE_CURSORS"] is False
    monkeypatch.setenv("TURNUS_POOLER", "1")
    monkeypatch.setenv("TURNUS_DIRECT_URL", "postgresql://u@server/x")
    found = environment.database(tmp_path)
    assert found["DISABLE_SERVER_SIDE_CURSORS"] is True
    direct = environment.direct_database()
    assert direct is not None
    assert (found["HOST"], direct["HOST"]) == ("pooler", "server")
    monkeypatch.setenv("TURNUS_DIRECT_URL", "mysql://u@server/x")
    with pytest.raises(ImproperlyConfigured, match="TURNUS_DIRECT_URL must"):
        environment.direct_database()


def test_replicas_are_addresses_with_a_server_beside_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert environment.replica_databases() == {}
    addresses = "postgresql://u@one/x  postgresql://u@two/x"
    monkeypatch.setenv("TURNUS_REPLICAS", addresses)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ImproperlyConfigured, match="needs PostgreSQL"):
        environment.replica_databases()
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@server/x")
    found = environment.replica_databases()
    hosts = {name: replica["HOST"] for name, replica in found.items()}
    assert hosts == {"replica1": "one", "replica2": "two"}


def test_job_days_are_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.days("TURNUS_JOBS_KEPT_DAYS", 7) == 7
    monkeypatch.setenv("TURNUS_JOBS_KEPT_DAYS", "30")
    assert environment.days("TURNUS_JOBS_KEPT_DAYS", 7) == 30
    for wrong in ("0", "-1", "week", "12345"):
        monkeypatch.setenv("TURNUS_JOBS_KEPT_DAYS", wrong)
        with pytest.raises(ImproperlyConfigured, match="number of days"):
            environment.days("TURNUS_JOBS_KEPT_DAYS", 7)


def test_the_log_is_text_or_json(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.log_format() == "text"
    monkeypatch.setenv("TURNUS_LOG", "JSON")
    assert environment.log_format() == "json"
    monkeypatch.setenv("TURNUS_LOG", "xml")
    with pytest.raises(ImproperlyConfigured, match="text, json"):
        environment.log_format()


def test_a_misspelt_variable_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TURNUS_PROXY", "1")
    monkeypatch.setenv("TURNUS_OF_SOMEBODY_ELSE", "1")
    assert environment.misspelt() == [("TURNUS_PROXY", "TURNUS_PROXIES")]


def test_every_variable_that_the_code_reads_is_known() -> None:
    read = {
        name
        for source in SOURCES.rglob("*.py")
        for name in re.findall(
            r'"(TURNUS_[A-Z_]*[A-Z])"', source.read_text(encoding="utf-8")
        )
    }
    assert read == environment.KNOWN


def test_the_command_alone_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "examples:" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"turnus \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_an_option_that_is_unknown_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--versoin"])
    assert capsys.readouterr().err.endswith(
        "unknown: --versoin (did you mean --version?)\n"
    )


@pytest.mark.parametrize("word", ["ja", "2", "yes please", "1;"])
def test_a_switch_is_on_or_off(
    monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("TURNUS_HTTPS", word)
    with pytest.raises(
        ImproperlyConfigured, match="TURNUS_HTTPS must be 1 or 0"
    ):
        environment.flag("TURNUS_HTTPS")


def test_host_names_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "TURNUS_HOSTS", "crm.example.org, .example.com,10.0.0.5,[fd00::1]"
    )
    assert environment.host_names() == [
        "crm.example.org",
        ".example.com",
        "10.0.0.5",
        "[fd00::1]",
    ]


@pytest.mark.parametrize(
    "names",
    [
        "https://crm.example.org",
        "crm.example.org:8000",
        "crm.example.org/",
        "a;b",
    ],
)
def test_a_host_name_that_no_request_has_is_refused(
    monkeypatch: pytest.MonkeyPatch, names: str
) -> None:
    monkeypatch.setenv("TURNUS_HOSTS", names)
    with pytest.raises(
        ImproperlyConfigured, match="TURNUS_HOSTS must be names without scheme"
    ):
        environment.host_names()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--port=99999", "“99999” is not a number from 1 to 65535"),
        ("--port=-1", "“-1” is not a number from 1 to 65535"),
        ("--workers=0", "“0” is not a number from 1 to 64"),
    ],
)
def test_a_number_that_the_server_cannot_take_is_refused(
    capsys: pytest.CaptureFixture[str], option: str, said: str
) -> None:
    with pytest.raises(SystemExit):
        main(["serve", option])
    assert said in capsys.readouterr().err


def test_an_address_of_another_machine_is_not_called_taken(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--data", str(tmp_path), "serve", "--host", "192.0.2.1"]) == 1
    assert "Cannot listen on 192.0.2.1, port 8000: " in capsys.readouterr().err


def test_a_question_that_nobody_can_answer_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(UserError, match=r"answer\.missing"):
        ask("Company")
    assert capsys.readouterr().out == "Company: \n"
