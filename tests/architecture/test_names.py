"""One name for one thing: a class is defined once; retired words stand nowhere."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from tests.architecture.catalog import german, originals
from tests.architecture.source import modules

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "en"
#: Names that Django looks for.
DJANGO_NAMES = {"Meta", "Migration", "Command"}
#: What each retired word became.
RETIRED_WORDS = {
    r"\brecogni[sz]\w*|\brecognition\b": "detect, detection",
    r"\btak(?:e|es|en) back\b": "undo",
    r"\bcall(?:ed)? right\b|\bthis is right\b": "dismiss",
    r"\borganisation": "organization",
    r"\be-mail": "email",
    r"\bthrow(?:n)? away\b": "discard",
    r"\bsomebody\b": "someone",
}
#: Retired words that only texts on screen avoid so far.
RETIRED_ON_SCREEN = {
    r"\bleft out\b|\bleav(?:e|es) (?:it |them |these rows )?out\b": "skip",
    r"\bbegun\b": "started",
}


def own_classes(path: Path) -> list[ast.ClassDef]:
    """Return the classes of a module; a class inside another is told apart by its owner."""
    body = ast.parse(path.read_text()).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    return [node for node in classes if node.name not in DJANGO_NAMES]


def test_a_class_name_is_defined_once() -> None:
    places = defaultdict(list)
    for path in modules():
        for definition in own_classes(path):
            places[definition.name].append(path.name)
    assert not {
        name: found for name, found in places.items() if len(found) > 1
    }


def test_texts_on_screen_use_the_words_of_the_glossary() -> None:
    texts = [
        text
        for message in german()
        if message.id
        for text in originals(message)
    ]
    assert texts
    assert not retired(texts, RETIRED_WORDS | RETIRED_ON_SCREEN)


def test_the_guide_uses_the_words_of_the_glossary() -> None:
    lines = [
        line
        for path in GUIDE.rglob("*.md")
        for line in path.read_text().splitlines()
    ]
    assert lines
    assert not retired(lines, RETIRED_WORDS)


def retired(texts: list[str], words: dict[str, str]) -> dict[str, str]:
    """Return the texts with a retired word, each with what it became."""
    found = {}
    for text in texts:
        for pattern, better in words.items():
            if re.search(pattern, text, re.IGNORECASE):
                found[text] = better
    return found
