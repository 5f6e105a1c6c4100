"""Law: a CSV file with quotes in order reads as by the csv module; a stray quote hides no row."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from turnus.core.tables import ReadingChoices
from turnus.sheets import csv_reading

WIDTH = 6
#: Letters that make trouble, and few enough of them that no cell holds a whole row.
cells = st.text(st.sampled_from('ab ";,\n\r\t|'), max_size=4)
tables = st.lists(
    st.lists(cells, min_size=WIDTH, max_size=WIDTH), min_size=3, max_size=12
)
some = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def read(path: Path, delimiter: str) -> list[tuple[list[object], int]]:
    dialect = csv_reading.sniff(path, ReadingChoices(delimiter=delimiter))
    return [
        (list(row.cells), len(row.issues))
        for row in csv_reading.rows(path, dialect)
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_what_the_csv_module_writes_is_read_as_it_was(
    tmp_path: Path, delimiter: str, quoting: int
) -> None:
    path = tmp_path / "a.csv"

    @some
    @given(tables)
    def law(table: list[list[str]]) -> None:
        heading = [f"h{number}" for number in range(WIDTH)]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=delimiter, quoting=quoting).writerows(
                [heading, *table]
            )  # type: ignore[arg-type]  # drawn among csv's constants
        assert read(path, delimiter) == [
            (row, 0) for row in [heading, *table] if any(row)
        ]

    law()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_one_stray_quote_hides_no_row(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    plain = st.text(st.sampled_from("abcäß1 ."), min_size=1, max_size=6)
    rows = st.lists(
        st.lists(plain, min_size=WIDTH, max_size=WIDTH),
        min_size=4,
        max_size=20,
    )

    @some
    @given(rows, st.data())
    def law(table: list[list[str]], data: st.DataObject) -> None:
        row = data.draw(st.integers(0, len(table) - 1))
        column = data.draw(st.integers(0, WIDTH - 1))
        quoted = data.draw(st.sets(st.integers(0, len(table) - 1)))
        lines = [
            [f'"{cell}"' if number in quoted else cell for cell in one]
            for number, one in enumerate(table)
        ]
        lines[row] = list(table[row])
        lines[row][column] = f'"{table[row][column]}'
        path.write_text(
            "\n".join(delimiter.join(line) for line in lines) + "\n",
            encoding="utf-8",
        )
        found = read(path, delimiter)
        assert len(found) == len(table)
        assert [
            cells for number, (cells, _) in enumerate(found) if number != row
        ] == [one for number, one in enumerate(table) if number != row]
        assert found[row][1] == 1

    law()
