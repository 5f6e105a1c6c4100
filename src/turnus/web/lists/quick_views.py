"""The quick way to one more condition: a small panel above the list.

It is drawn again as its field or comparison changes.
"""

from collections.abc import Callable

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from turnus.core.fields import Operator
from turnus.core.filters import All, Condition, Node
from turnus.fields.words import notation_of
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.web.buttons import sent_action
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of
from turnus.web.lists.builder import Posted, refuse_unknown, with_open_ends
from turnus.web.lists.drawing import Drawer
from turnus.web.lists.state import ListAddress, where_text
from turnus.web.menus import filterable_fields
from turnus.web.record_lookup import kind_of
from turnus.web.redirects import go
from turnus.web.words import Speaker

#: The condition of the panel, as the builder's templates name it.
_PATH = "0.0"


@require_http_methods(["GET", "POST"])
def quick_filter(request: SignedInRequest, word: str) -> HttpResponse:
    """Draw the panel; on `apply` lead to the list with the condition added to what it shows."""
    kind = kind_of(word)
    language = language_of(request)
    address = ListAddress.of(request, kind)
    sent = posted(request)
    if sent is None:
        sent = _beginning(kind)
    typed = Posted(sent, request.user, address.catalog, notation_of(language))
    condition = typed.node(_PATH) or Condition("id", Operator.IS)
    is_applied = sent_action(request) == "apply"
    if is_applied:
        condition = with_open_ends(condition, address.catalog)
    refused = _refusal(lambda: refuse_unknown(condition, address.catalog))
    if is_applied and not refused:
        refused = _refusal(typed.refuse_unreadable)
    if is_applied and not refused:
        where = where_text(with_part(address.tree, condition))
        return go(request, address.address(where=where, filter="", page=""))
    speaker = Speaker(address.catalog, language, request.user)
    inputs = Inputs(request.user, request.company, language)
    drawer = Drawer(address.catalog, speaker, inputs)
    context = {
        "word": word,
        "state": request.GET.urlencode(),
        "node": drawer.draw(condition, _PATH),
        "fields": filterable_fields(address.catalog, language),
        "refused": refused,
    }
    status = 422 if refused else 200
    return render(request, "filters/_quick.html", context, status=status)


def _refusal(check: Callable[[], None]) -> str:
    """Return what a check refuses, in words; empty if it refuses nothing."""
    try:
        check()
    except UserError as error:
        return say(error)
    return ""


def with_part(tree: Node, part: Node) -> Node:
    """Return the tree that holds where both hold."""
    return (
        All((*tree.parts, part))
        if isinstance(tree, All)
        else All((tree, part))
    )


def _beginning(kind: str) -> QueryDict:
    sent = QueryDict(mutable=True)
    sent[f"{_PATH}.field"] = "status" if kind == "deal" else "name"
    return sent
