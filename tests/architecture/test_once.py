"""What is sent twice is done once: every form does so, or its reason stands here."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from django.test import Client
from django.urls import resolve

from tests.architecture.addresses import populated
from tests.architecture.source import PACKAGE
from tests.architecture.test_addresses import OWN
from tests.world import World

#: Addresses whose forms leave nothing that could be there twice, each with its reason; whoever adds
#: one says why.
AGAIN = {
    **dict.fromkeys(
        ("profile", "company", "user", "plan", "columns"), "sets values"
    ),
    **dict.fromkeys(
        ("match-columns", "answer", "change-answer", "history"),
        "answers, which is remembered once",
    ),
    **dict.fromkeys(
        ("cell", "save-field", "move-deal", "deal-lines"),
        "sets values, and asks if they moved",
    ),
    **dict.fromkeys(
        ("archive-deal", "trash-record", "restore-record", "delete-filter"),
        "leaves it archived, or gone",
    ),
    **dict.fromkeys(
        ("undo-bulk", "undo-import", "proposal"),
        "takes back or throws away what is locked",
    ),
    **dict.fromkeys(
        ("check-import", "continue-import", "discard-import"),
        "moves on what is locked, or is refused",
    ),
    "invitation": "the link is good for once",
    "personal-data": "writes a file, or erases what is gone then",
    "quick-filter": "draws a panel",
    "put-right": "does what was previewed, or is refused because that does not hold any more",
}
_FORM = re.compile(r'<form\b[^>]*method="post".*?</form>', re.DOTALL)
_TARGET = re.compile(r'\b(?:form)?action="([^"]*)"')


def does_once(path: str) -> bool:
    return bool(getattr(resolve(urlsplit(path).path).func, "does_once", False))


def forms_of(
    client: Client, path: str, posted: dict[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the forms of a page, each with the address that it is sent to."""
    answer = client.get(path) if posted is None else client.post(path, posted)
    if answer.status_code != 200 or not answer.headers.get(
        "Content-Type", ""
    ).startswith("text/html"):
        return
    for form in _FORM.findall(answer.content.decode()):
        for target in _TARGET.findall(form) or [path]:
            yield unescape(target) or path, form


def test_every_address_that_takes_forms_does_its_work_once_or_says_why_not(
    admin_client: Client,
) -> None:
    takes_forms = {
        one.name
        for one in OWN
        if "POST" in admin_client.put(one.path()).headers["Allow"]
    }
    once = {one.name for one in OWN if does_once(one.path())}
    assert takes_forms - once == set(AGAIN)


def test_every_form_that_is_sent_to_such_an_address_has_a_key(
    world: World, tmp_path: Path
) -> None:
    ids, client = populated(world, tmp_path), world.client(world.admin)
    pages: list[tuple[str, dict[str, str] | None]] = [
        (one.path(ids), None) for one in OWN
    ]
    chosen = {"id": f"{ids['']}"}
    pages += [
        ("/deals/bulk/", chosen),
        ("/deals/bulk/", chosen | {"action": "trash"}),
    ]
    pages += [
        ("/subscriptions/prices/", chosen),
        ("/subscriptions/from-deals/", chosen),
        ("/detection/new/", chosen),
    ]
    pages += [
        (f"/{word}/{ids['subscription']}/", None)
        for word in ("persons", "organizations", "subscriptions")
    ]
    found = [
        (page[0], *one) for page in pages for one in forms_of(client, *page)
    ]
    sent = [
        (page, target)
        for page, target, form in found
        if does_once(target) and 'name="once"' not in form
    ]
    assert not sent, "put {% once %} beside {% csrf_token %}"
    assert (
        len({target for _page, target, _form in found if does_once(target)})
        > 20
    )


def test_templates_that_name_such_an_address_have_a_key() -> None:
    names = {one.name for one in OWN if does_once(one.path())}
    for template in (PACKAGE / "web" / "templates").rglob("*.html"):
        for form in _FORM.findall(template.read_text(encoding="utf-8")):
            targets = set(re.findall(r"action=\"{% url '([\w-]+)'", form))
            assert not targets & names or "{% once %}" in form, template
