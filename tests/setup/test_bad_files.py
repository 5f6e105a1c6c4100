"""Files that are no set-up: refused in words, never an error of the program."""

from pathlib import Path
from random import Random

import pytest

from tests.setup.made_up import make_up
from tests.setup.states import Apply, state
from tests.world import World
from turnus.cli.main import main
from turnus.setup.actions import apply_setup
from turnus.setup.problems import SetupRefusedError
from turnus.setup.reading import read_setup
from turnus.setup.writing import present_setup


def where(condition: str) -> str:
    return f"filters: {{deals: [{{name: X, where: {condition}}}]}}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1, 2", "This is not YAML"),
        ("company:\n\tname: X", "line 2: This is not YAML"),
        ("company: {name: \x01}", "line 1: This is not YAML"),
        ("company: &a {name: X}", "line 1: Anchors and aliases"),
        ("company: {name: *b}", "line 1: Anchors and aliases"),
        ("company: !!python/object:os.system {}", "line 1: Tags are not read"),
        ("company: {}\n---\ncompany: {}", "line 2: The file has several"),
        (
            "company:\n  name: X\n  name: Y",
            "line 3, name: “name” is here twice; first on line 2.",
        ),
        ("company: {[a]: X}", "line 1: A key must be"),
        ("company: {<<: {name: X}}", "company.<<: “<<” is not known here"),
        ("[]", "line 1: Expected keys with values"),
        ("company: X", "company: Expected keys with values"),
        ("company: {name: [X]}", "company.name: Expected a text, found “[…]”"),
        ("company: {name: }", "company.name: Expected a text, found “null”"),
        ("company: {language: fr}", "There is no “fr” here. These are: en"),
        ('company: {name: "\\0"}', "company.name: The text has"),
        ("teams: [A, A]", "teams: “A” is here twice; first on line 1."),
        ("rates: [{currency: EUR, from: x, rate: 1}]", "Expected a day"),
        (
            "rates: [{currency: EUR, from: 2026-01-01, rate: x}]",
            "Expected a number",
        ),
        (
            "rates: [{currency: ZZZ, from: 2026-01-01, rate: 1}]",
            "There is no “ZZZ” here",
        ),
        (
            "rates: [{currency: USD, from: 2026-01-01, rate: NaN}]",
            "rates: “NaN”",
        ),
        ("filters: {deals: [{name: X}]}", "“where” is missing"),
        (
            "filters: {deals: [{name: X, where: {all: [], any: []}}]}",
            "Use only one of",
        ),
        ("filters: {deals: [{name: X, where: {all: 3}}]}", "Expected a list"),
        ("filters: {deals: [{name: X, where: 3}]}", "Expected keys"),
        (
            "filters: {deals: [{name: X, where: {operator: is}}]}",
            "where: “field” is missing",
        ),
        (
            "filters: {deals: [{name: X, where: {field: [a], operator: is}}]}",
            "where: Expected a text, found “[…]”",
        ),
        (
            "filters: {deals: [{name: X, where: {feld: a, operator: is}}]}",
            "“feld” here. Did you mean “field”?",
        ),
        (
            where("{field: won_at, operator: is, value: {ago: many}}"),
            "where: Expected a number, found “many”",
        ),
        (
            where("{field: won_at, operator: is, value: {ago: [1]}}"),
            "where: Expected a text, found “[…]”",
        ),
        (
            where("{field: value, operator: is, value: [1, 2]}"),
            "where: The value does not go with the field",
        ),
        (
            where("{field: value, operator: is, value: 0.00001}"),
            "where: Expected a number, found “0.00001”",
        ),
        ("plans: [Gold]", "“key: value”), found “Gold”.\n"),
        (
            "rates: [[]]",
            "rates: Expected keys with values (“key: value”), found “[…]”.\n",
        ),
        ("users: [{email: a@b.example, password_file: /nowhere}]", "nowhere"),
        ("pipelines: [{name: X}]", "“stages” is missing"),
        ("plans: [{name: X}]", "“every” is missing"),
        ("fields: {deals: [{name: X}]}", "“kind” is missing"),
        (
            "fields: {deals: [{name: X, kind: text, options: [a]}]}",
            "have no options",
        ),
        (
            "fields: {deals: [{name: X, kind: option}]}",
            "fields.deals:",
        ),
        ("[" * 5_000, "nested more than"),
        ("a: &a [x]\nb: [" + "*a, " * 50 + "]", "Anchors"),
    ],
)
def test_a_bad_file_is_refused_in_words(
    apply: Apply, text: str, words: str
) -> None:
    before = state()
    told = apply(text, code=1)
    assert words in told
    assert told.count("\n") <= 2
    assert state() == before


def test_another_file_is_refused(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "setup.yaml"
    assert main(["apply", str(path)]) == 1
    path.write_bytes(b"\xff\xfe\x00")
    assert main(["apply", str(path)]) == 1
    assert "setup.yaml is not text in UTF-8" in capsys.readouterr().err
    path.write_bytes(b"# " + b"x" * 11_000_000)
    assert main(["apply", str(path)]) == 1
    assert "more than 10000000 characters" in capsys.readouterr().err


def test_a_spoilt_file_is_applied_or_refused_never_an_error(
    world: World,
) -> None:
    random = Random(2026)
    make_up(random, world.admin, world.at)
    text = present_setup().text
    refused = 0
    for _round in range(150):
        spoilt = _spoilt(text, random)
        try:
            setup = read_setup(spoilt)
            apply_setup(
                setup=setup, by=world.admin, at=world.at, is_dry_run=True
            )
        except SetupRefusedError:
            refused += 1
    assert 50 < refused < 150


def _spoilt(text: str, random: Random) -> str:
    """Return the text with a piece cut out, doubled, or put in at another place."""
    start = random.randrange(len(text))
    end = start + random.choice([1, 3, 20, 200])
    other = random.randrange(len(text))
    piece = random.choice(
        [text[start:end], "\t", "&a ", "*a", "!!x ", ": ", "- ", "[", "\x00"]
    )
    kind = random.choice(["cut", "put in", "replace"])
    if kind == "cut":
        return text[:start] + text[end:]
    if kind == "put in":
        return text[:other] + piece + text[other:]
    return text[:other] + piece + text[other + len(piece) :]
