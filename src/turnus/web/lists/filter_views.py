"""The filter builder: new, change, delete."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from turnus.core.fields import Notation, Operator
from turnus.core.filters import All, AnyOf, Condition, Node, to_json
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.listing.actions import (
    delete_filter,
    refuse_others,
    save_filter,
    update_filter,
)
from turnus.listing.models import SavedFilter
from turnus.listing.trees import tree_in
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of
from turnus.web.lists.builder import Posted, changed, refuse_unknown
from turnus.web.lists.drawing import Drawer
from turnus.web.lists.state import ListAddress
from turnus.web.menus import filterable_fields, sortable_fields
from turnus.web.once import once
from turnus.web.record_lookup import kind_of, word_of
from turnus.web.redirects import go
from turnus.web.words import Speaker


@require_http_methods(["GET", "POST"])
@once
def new_filter(request: SignedInRequest, word: str) -> HttpResponse:
    return _builder(request, word, None)


@require_http_methods(["GET", "POST"])
@once
def edit_filter(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    saved = _saved(request, kind_of(word), pk)
    refuse_others(saved, request.user)
    return _builder(request, word, saved)


@require_POST
def remove_filter(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    saved = _saved(request, kind_of(word), pk)
    delete_filter(saved=saved, by=request.user)
    messages.success(
        request, _("The filter “%(name)s” was deleted.") % {"name": saved.name}
    )
    return redirect("list", word)


def _builder(
    request: SignedInRequest, word: str, saved: SavedFilter | None
) -> HttpResponse:
    kind = kind_of(word)
    address = ListAddress.of(request, kind)
    language = language_of(request)
    if request.method == "GET":
        return _begin(request, address, saved)
    notation = Notation(decimal_comma=language == "de", day_first=True)
    tree = Posted(request.POST, request.user, address.catalog, notation).node() or All(
        ()
    )
    action = request.POST.get("action", "draw")
    if action not in {"save", "copy", "apply"}:
        return _draw(request, address, changed(tree, action), saved)
    try:
        refuse_unknown(tree, address.catalog)
    except UserError as error:
        return _draw(request, address, tree, saved, refused=say(error))
    if action == "apply":
        shown = {"where": _json(tree), "sort": _sort(request, address.catalog)}
        return go(
            request,
            f"/{word}/?{urlencode({name: value for name, value in shown.items() if value})}",
        )
    return _save(request, address, tree, saved if action == "save" else None)


def _begin(
    request: SignedInRequest, address: ListAddress, saved: SavedFilter | None
) -> HttpResponse:
    """Draw the filter that is there; of one that cannot be read nothing but why, to be made anew or deleted."""
    refused = ""
    try:
        tree = tree_in(saved.tree) if saved else address.tree
    except UserError as error:
        tree, refused = All(()), say(error)
    return _draw(
        request,
        address,
        tree if _is_begun(tree) else _beginning(address.kind),
        saved,
        refused=refused,
    )


def _save(
    request: SignedInRequest,
    address: ListAddress,
    tree: Node,
    saved: SavedFilter | None,
) -> HttpResponse:
    given: dict[str, Any] = {
        "by": request.user,
        "name": request.POST.get("name", ""),
        "tree": to_json(tree),
        "is_shared": bool(request.POST.get("is_shared")),
        "sort": _sort(request, address.catalog),
    }
    if saved is None:
        saved = save_filter(kind=address.kind, at=request.at, **given)
    else:
        update_filter(saved=saved, **given)
    return go(request, f"/{word_of(address.kind)}/?filter={saved.pk}")


def _sort(request: SignedInRequest, fields: Catalog) -> str:
    path = request.POST.get("sort", "")
    if path not in fields or not fields[path].is_sortable:
        return ""
    return f"-{path}" if request.POST.get("descending") else path


def _draw(
    request: SignedInRequest,
    address: ListAddress,
    tree: Node,
    saved: SavedFilter | None,
    *,
    refused: str = "",
) -> HttpResponse:
    fields, language = address.catalog, language_of(request)
    speaker = Speaker(fields, language, request.user)
    sort = (
        _sort(request, fields)
        if request.method == "POST"
        else address.sort or (saved.sort if saved else "")
    )
    context = {
        "word": word_of(address.kind),
        "saved": saved,
        "root": Drawer(
            fields, speaker, Inputs(request.user, request.company, language)
        ).draw(tree),
        "fields": filterable_fields(fields, language),
        "sortable": sortable_fields(fields, language),
        "sort": sort.removeprefix("-"),
        "is_descending": sort.startswith("-"),
        "words": speaker.sentence(tree),
        "refused": refused,
        "name": request.POST.get("name", saved.name if saved else ""),
        "is_shared": bool(request.POST.get("is_shared"))
        if request.method == "POST"
        else bool(saved and saved.is_shared),
    }
    return render(
        request, "filters/builder.html", context, status=422 if refused else 200
    )


def _beginning(kind: RecordKind) -> Node:
    return All(
        (Condition("status" if kind is RecordKind.DEAL else "name", Operator.IS),)
    )


def _is_begun(tree: Node) -> bool:
    return not (isinstance(tree, All | AnyOf) and not tree.parts)


def _json(tree: Node) -> str:
    return json.dumps(to_json(tree), separators=(",", ":"))


def _saved(request: SignedInRequest, kind: RecordKind, pk: int) -> SavedFilter:
    address = ListAddress.of(request, kind)
    found = next((one for one in address.filters if one.pk == pk), None)
    if found is None:
        raise Http404
    return found
