"""The quick way to one more condition: a small panel above the list.

It is drawn again as its field or comparison changes.
"""

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from turnus.core.fields import Operator
from turnus.core.filters import All, Condition, Node
from turnus.fields.catalog import Catalog
from turnus.fields.words import notation_of
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.web.buttons import sent_action
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of
from turnus.web.lists.builder import Posted, refuse_unknown
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
    kind, language = kind_of(word), language_of(request)
    address = ListAddress.of(request, kind)
    given = posted(request)
    if given is None:
        given = _beginning(kind)
    notation = notation_of(language)
    node = Posted(given, request.user, address.catalog, notation).node(_PATH)
    condition = node or Condition("id", Operator.IS)
    refused = _refused(condition, address.catalog)
    if sent_action(request) == "apply" and not refused:
        return go(
            request,
            address.address(
                where=where_text(with_part(address.tree, condition)),
                filter="",
                page="",
            ),
        )
    speaker = Speaker(address.catalog, language, request.user)
    return render(
        request,
        "filters/_quick.html",
        {
            "word": word,
            "state": request.GET.urlencode(),
            "node": Drawer(
                address.catalog,
                speaker,
                Inputs(request.user, request.company, language),
            ).draw(condition, _PATH),
            "fields": filterable_fields(address.catalog, language),
            "refused": refused,
        },
        status=422 if refused else 200,
    )


def _refused(condition: Node, fields: Catalog) -> str:
    """Return what is wrong with the condition in words; empty if nothing is."""
    try:
        refuse_unknown(condition, fields)
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
    given = QueryDict(mutable=True)
    given[f"{_PATH}.field"] = "status" if kind == "deal" else "name"
    return given
