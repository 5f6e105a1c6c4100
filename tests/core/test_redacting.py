"""What identifies a person is found in texts and in JSON of any depth, and nothing else."""

from typing import Any

import pytest

from turnus.core.redacting import Redaction


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Abo EVA\u00a0BÖHM.", "Abo X."),
        ("Evangelische Eva Böhme", "Evangelische Eva Böhme"),
        ({"eva böhm": ["Eva Böhm", 7, None]}, {"X": ["X", 7, None]}),
        (
            {"name": "Eva Böhm", "last_name": "Böhm"},
            {"name": "X", "last_name": ""},
        ),
        (
            {"name": "Jan Böhm", "last_name": "Böhm"},
            {"name": "Jan Böhm", "last_name": "Böhm"},
        ),
    ],
)
def test_words_are_taken_out_whole(value: Any, expected: Any) -> None:
    assert (
        Redaction(["Eva Böhm", "eva@example.org"], "X").value(value)
        == expected
    )


@pytest.mark.parametrize("words", [[], ["Bo", " "]])
def test_too_short_words_are_not_looked_for(words: list[str]) -> None:
    assert Redaction(words, "X").value({"a": ["Bo"]}) == {"a": ["Bo"]}
