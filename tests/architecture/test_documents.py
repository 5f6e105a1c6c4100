"""Pages name what exists: links lead somewhere, decisions are listed, citations can be read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, modules

PAGES = [
    page
    for folder in (ROOT, *(ROOT / "docs").rglob("*"))
    if folder.is_dir()
    for page in sorted(folder.glob("*.md"))
]
DECISIONS = ROOT / "docs" / "decisions"
DOMAIN = ROOT / "docs" / "domain"
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
#: A rule that code follows: a page of docs/domain and a heading on it, as (mrr.md: Movements).
CITATION = re.compile(r"\((\w+\.md): ([^()]+?)\)")


def name_of_page(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of_page)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    dead = [
        link for link in LINK.findall(text) if not leads_somewhere(page, link)
    ]
    assert not dead


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not anchor or anchor in set(anchors_of(target))


def anchors_of(page: Path) -> Iterator[str]:
    for heading in headings_of(page):
        words = re.sub(r"[^\w\s-]", "", heading.lower())
        yield words.strip().replace(" ", "-")


def headings_of(page: Path) -> list[str]:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return [
        line.lstrip("#").strip()
        for line in text.splitlines()
        if line.startswith("#")
    ]


def test_every_decision_stands_in_the_index_once() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[\d{4}\]\(([^)]+)\)", index, re.MULTILINE)
    assert listed == sorted(page.name for page in DECISIONS.glob("0*.md"))


def test_what_code_cites_is_a_heading_of_the_rules() -> None:
    unknown = [
        f"{path.relative_to(ROOT)}: {page}: {heading}"
        for path in modules()
        for page, heading in CITATION.findall(path.read_text(encoding="utf-8"))
        if not (DOMAIN / page).exists()
        or heading not in headings_of(DOMAIN / page)
    ]
    assert not unknown
