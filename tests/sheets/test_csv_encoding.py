"""Encodings of CSV files: names as a person means them, and a word where that is not certain."""

from pathlib import Path

import pytest

from tests.sheets.files import noted, opened
from turnus.sheets.encoding_evidence import doubts_of
from turnus.sheets.errors import SheetError

GERMAN = (
    "Müller & Söhne GmbH",
    "Bäckerei Höfer",
    "Über Öl AG",
    "Größe Straße",
)
FRENCH = ("Société Générale", "Crème brûlée", "Hôtel Élysée", "Française très")
SPANISH = ("España", "Sánchez", "Málaga", "González Muñoz")
POLISH = ("Wałęsa", "Łódź", "Gdańsk", "Spółka Świętokrzyskie")
CZECH = (
    "Dvořák",
    "Černý",
    "Plzeň",
    "Příbram",
    "Jiří Žižka",
    "Třebíč",
    "Škoda",
)
NORDIC = ("Åkesson", "Værløse", "Sønderborg", "Årø")
RUSSIAN = ("Общество", "Москва", "Иван Петров", "Привет Юрий")
GREEK = ("Αθήνα", "Γεώργιος", "Παπαδόπουλος")
JAPANESE = ("株式会社テスト", "田中さん", "カタカナ")
SIGNS = ("„Zitat“ Müller – 100 €", "O’Neill …", "Geist–Meyer")

CERTAIN = [
    ("utf-8", GERMAN),
    ("utf-8", FRENCH),
    ("utf-8", POLISH),
    ("utf-8", RUSSIAN),
    ("utf-8", GREEK),
    ("utf-8", SIGNS),
    ("utf-8", ("NÃO São João",)),
    ("utf-8-sig", GERMAN),
    ("utf-16", GERMAN),
    ("utf-16-le", GERMAN),
    ("utf-16-be", GERMAN),
    ("cp1252", GERMAN),
    ("cp1252", GERMAN[:1]),
    ("cp1252", FRENCH),
    ("cp1252", SPANISH),
    ("cp1252", NORDIC),
    ("cp1252", SIGNS),
    ("cp1252", ("100 €",)),
    ("cp1252", ("Café",)),
    ("mac_roman", GERMAN),
    ("mac_roman", FRENCH),
    ("cp850", GERMAN),
    ("cp437", GERMAN),
    ("cp850", FRENCH),
    ("cp1250", POLISH),
    ("cp1250", CZECH),
    ("iso8859_15", FRENCH),
    ("cp932", JAPANESE),
]
#: Few letters, or letters that two encodings make something of: right, but a person is asked.
ASKED = [
    ("cp1251", RUSSIAN),
    ("cp866", RUSSIAN),
    ("koi8_r", RUSSIAN),
    ("cp1253", GREEK),
]


def content(names: tuple[str, ...], encoding: str, end: str = "\n") -> bytes:
    lines = [
        "Titel;Organisation;Wert",
        *(f"Deal {number};{name};100" for number, name in enumerate(names)),
    ]
    return "".join(line + end for line in lines).encode(encoding)


@pytest.mark.parametrize(("encoding", "names"), [*CERTAIN, *ASKED])
def test_names_read_as_they_are_meant(
    tmp_path: Path, encoding: str, names: tuple[str, ...]
) -> None:
    rows = list(opened(tmp_path / "a.csv", content(names, encoding)).rows)
    assert ([row.cells[1] for row in rows], noted(rows)) == (list(names), {})


@pytest.mark.parametrize(("encoding", "names"), CERTAIN)
def test_an_ordinary_file_is_not_doubtful(
    tmp_path: Path, encoding: str, names: tuple[str, ...]
) -> None:
    reading = opened(tmp_path / "a.csv", content(names, encoding)).reading
    assert not reading.is_encoding_doubtful
    assert reading.encoding_samples


#: One word alone is too little to be certain; then it is at least asked about.
FEW = [
    "Müller",
    "Straße",
    "Söhne",
    "Bäckerei",
    "Ärzte",
    "Österreich",
    "Café",
    "Sánchez",
    "España",
    "très",
]


@pytest.mark.parametrize("word", FEW)
@pytest.mark.parametrize("encoding", ["mac_roman", "cp850", "cp437"])
def test_one_word_is_right_or_asked_about(
    tmp_path: Path, encoding: str, word: str
) -> None:
    table = opened(tmp_path / "a.csv", content((word,), encoding))
    is_right = next(iter(table.rows)).cells[1] == word
    assert is_right or table.reading.is_encoding_doubtful
    assert table.reading.encoding_samples or table.reading.is_encoding_doubtful


def test_a_few_umlauts_of_an_old_mac_are_told_by_its_line_ends(
    tmp_path: Path,
) -> None:
    table = opened(tmp_path / "a.csv", content(GERMAN[:3], "mac_roman", "\r"))
    assert [row.cells[1] for row in table.rows] == list(GERMAN[:3])
    assert table.reading.encoding == "mac_roman"
    assert table.reading.encoding_samples == ("Müller", "Söhne", "Bäckerei")
    assert not table.reading.is_encoding_doubtful


def test_signs_that_nobody_sees_are_no_part_of_a_sample(
    tmp_path: Path,
) -> None:
    text = "Plan;Name\njährlich\u00a0;Böhm\u200b AG\n"
    assert opened(tmp_path / "a.csv", text).reading.encoding_samples == (
        "jährlich",
        "Böhm",
    )


@pytest.mark.parametrize(
    "mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"]
)
@pytest.mark.parametrize("place", [0, 7, 19, 5_000])
def test_one_line_in_another_encoding_garbles_no_other(
    tmp_path: Path, mark: bytes, place: int
) -> None:
    names = [
        f"Müller & Söhne {number} GmbH" for number in range(max(20, place + 1))
    ]
    lines = [
        f"Deal;{name};1\n".encode("cp1252" if number == place else "utf-8")
        for number, name in enumerate(names)
    ]
    table = opened(
        tmp_path / "a.csv",
        mark + b"Titel;Organisation;Wert\n" + b"".join(lines),
    )
    rows = list(table.rows)
    assert [row.cells[1] for row in rows] == names
    assert noted(rows) == {place + 2: [("row.encoding", "warning")]}
    assert (table.reading.encoding, table.reading.is_encoding_doubtful) == (
        "utf-8",
        False,
    )


def test_one_line_of_utf_8_among_others_is_noted_too(tmp_path: Path) -> None:
    lines = [
        f"Deal;{name};1\n".encode("utf-8" if name == GERMAN[1] else "cp1252")
        for name in GERMAN
    ]
    table = opened(
        tmp_path / "a.csv", b"Titel;Organisation;Wert\n" + b"".join(lines)
    )
    rows = list(table.rows)
    assert [row.cells[1] for row in rows] == list(GERMAN)
    assert (noted(rows), table.reading.encoding) == (
        {3: [("row.encoding", "warning")]},
        "cp1252",
    )


@pytest.mark.parametrize(
    "word",
    [
        "MÃ¼ller",
        "CafÃ©",
        "Sohn â€“ Co",
        "M\ufffdller",
        "M\x81ller",
        "B„ckerei",
        "MŸller",
    ],
)
def test_letters_that_no_word_has_are_asked_about(
    tmp_path: Path, word: str
) -> None:
    reading = opened(tmp_path / "a.csv", content((word,), "utf-8")).reading
    assert (reading.encoding, reading.is_encoding_doubtful) == ("utf-8", True)


def test_a_byte_order_mark_makes_odd_signs_certain_but_not_letters_that_were_lost(
    tmp_path: Path,
) -> None:
    assert not opened(
        tmp_path / "a.csv", content(("B„ckerei",), "utf-8-sig")
    ).reading.is_encoding_doubtful
    assert opened(
        tmp_path / "a.csv", content(("MÃ¼ller",), "utf-8-sig")
    ).reading.is_encoding_doubtful


@pytest.mark.parametrize(
    "word",
    [
        "O’Neill",
        "Geist–Meyer",
        "„Zitat“",
        "Turnus™",
        "5 m²",
        "Müller GmbH",
        "Škoda",
        "ÄrztInnen",
    ],
)
def test_letters_and_signs_that_words_have_are_not(word: str) -> None:
    assert not doubts_of(word)


def test_signs_that_nobody_sees_are_no_sample(tmp_path: Path) -> None:
    assert (
        opened(
            tmp_path / "a.csv", "\ufeff\ufeffa;b\n1;x\u00ad\n"
        ).reading.encoding_samples
        == ()
    )


def test_ascii_needs_no_sample(tmp_path: Path) -> None:
    reading = opened(tmp_path / "a.csv", "a;b\n1;2\n").reading
    assert (
        reading.encoding,
        reading.encoding_samples,
        reading.is_encoding_doubtful,
    ) == (
        "utf-8",
        (),
        False,
    )


def test_an_encoding_can_be_chosen(tmp_path: Path) -> None:
    table = opened(
        tmp_path / "a.csv", content(GERMAN, "mac_roman"), encoding="mac_roman"
    )
    assert [row.cells[1] for row in table.rows] == list(GERMAN)
    assert (table.reading.encoding, table.reading.encoding_samples[0]) == (
        "mac_roman",
        "Müller",
    )


@pytest.mark.parametrize(
    ("encoding", "error"),
    [
        ("utf-8", {"row": 2, "encoding": "UTF-8"}),
        ("utf-16", {"row": 1, "encoding": "UTF-16"}),
        ("hex", {"encoding": "hex"}),
        ("no such", {"encoding": "no such"}),
    ],
)
def test_an_encoding_that_does_not_fit_names_the_line(
    tmp_path: Path, encoding: str, error: dict[str, object]
) -> None:
    with pytest.raises(SheetError) as refused:
        list(
            opened(
                tmp_path / "a.csv",
                content(GERMAN, "cp1252"),
                encoding=encoding,
            ).rows
        )
    assert refused.value.params == error
