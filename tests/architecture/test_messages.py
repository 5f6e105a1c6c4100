"""Every text is there in German; every refusal has its sentence, and no sentence is left over."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from django.utils.translation import override

from tests.architecture.catalog import german, originals, texts, translations
from tests.architecture.source import dotted, modules, nodes, place
from turnus.core.issues import IssueCode
from turnus.kit.messages import SENTENCES

MESSAGES = [message for message in german() if message.id]
#: `%(count)s`, `{name}`, `%s`: what a sentence is filled with.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def test_every_text_is_in_the_german_catalog() -> None:
    known = {
        original for message in MESSAGES for original in originals(message)
    }
    assert not {text: name for text, name in texts() if text not in known}, (
        "run `make messages` and translate"
    )


def test_the_catalog_holds_no_text_that_is_gone() -> None:
    used = {text for text, _name in texts()}
    assert not [
        message.id for message in MESSAGES if originals(message)[0] not in used
    ], "run `make messages`"


def test_every_text_is_translated_and_none_is_a_guess() -> None:
    assert MESSAGES
    assert not [
        message.id
        for message in MESSAGES
        if message.fuzzy or not all(translations(message))
    ]


def test_a_translation_is_filled_with_the_same_values() -> None:
    assert not [
        message.id for message in MESSAGES if not is_filled_alike(message)
    ]


def is_filled_alike(message: Message) -> bool:
    """Return whether a translation takes the values of its original.

    A singular may say "one" instead of the number.
    """
    expected = set(PLACEHOLDER.findall(originals(message)[-1]))
    translated = [
        set(PLACEHOLDER.findall(text)) for text in translations(message)
    ]
    return translated[-1] == expected and all(
        values <= expected for values in translated
    )


def codes_refused() -> Iterator[tuple[str, str]]:
    """Yield the codes of `UserError(...)` with their places; computed parts become `.*`."""
    for path in modules():
        for call in nodes(path, ast.Call):
            if dotted(call.func).endswith("UserError") and call.args:
                code = pattern_of(call.args[0])
                if code:
                    yield code, place(path, call)


def pattern_of(node: ast.expr) -> str:
    """Return a regular expression for a text in the source; empty if it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            re.escape(str(part.value))
            if isinstance(part, ast.Constant)
            else ".*"
            for part in node.values
        )
    return ""


def test_every_refusal_has_its_sentence() -> None:
    found = dict(codes_refused())
    assert len(found) > 40
    assert not {
        code: at
        for code, at in found.items()
        if not any(re.fullmatch(code, one) for one in SENTENCES)
    }


def test_every_issue_has_its_sentence() -> None:
    assert {str(code) for code in IssueCode} <= set(SENTENCES)


def is_about_words(path: Path) -> bool:
    """Return whether a module holds the sentences themselves, whose keys use nothing."""
    return path.parent.name == "sentences" or path.name.startswith("messages")


def test_no_sentence_is_left_over() -> None:
    written = {
        pattern_of(node)
        for path in modules()
        if not is_about_words(path)
        for kind in (ast.Constant, ast.JoinedStr)
        for node in nodes(path, kind)
    }
    patterns = [
        re.compile(one) for one in written if re.match(r"[a-z]+\\\.", one)
    ]
    assert not [
        code
        for code in SENTENCES
        if not any(one.fullmatch(code) for one in patterns)
    ]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_sentence_can_be_filled(language: str) -> None:
    with override(language):
        for sentence in SENTENCES.values():
            names = dict.fromkeys(re.findall(r"\{(\w+)\}", str(sentence)), "x")
            assert "{" not in str(sentence).format_map(names)
