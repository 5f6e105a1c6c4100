"""The filter builder: new, change, delete."""

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from turnus.core.fields import Notation, Operator
from turnus.core.filters import All, AnyOf, Condition, Node, from_json, to_json
from turnus.core.records import RecordKind
from turnus.fields.catalogue import Catalogue
from turnus.listing.actions import delete_filter, refuse_others, save_filter, update_filter
from turnus.listing.models import SavedFilter
from turnus.web.gate import SignedInRequest
from turnus.web.kinds import kind_of
from turnus.web.language import language_of
from turnus.web.lists.builder import Posted, changed
from turnus.web.lists.drawing import Drawer
from turnus.web.lists.state import ListAddress
from turnus.web.words import Speaker


@require_http_methods(["GET", "POST"])
def new_filter(request: SignedInRequest, word: str) -> HttpResponse:
    return _builder(request, word, None)


@require_http_methods(["GET", "POST"])
def edit_filter(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    saved = _saved(request, kind_of(word), pk)
    refuse_others(saved, request.user)
    return _builder(request, word, saved)


@require_POST
def remove_filter(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    saved = _saved(request, kind_of(word), pk)
    delete_filter(saved=saved, by=request.user)
    messages.success(request, _("The filter “%(name)s” was deleted.") % {"name": saved.name})
    return redirect("list", word)


def _builder(request: SignedInRequest, word: str, saved: SavedFilter | None) -> HttpResponse:
    kind = kind_of(word)
    address = ListAddress.of(request, kind)
    language = language_of(request)
    if request.method == "GET":
        tree = from_json(saved.tree) if saved else address.tree
        return _draw(request, word, address.catalogue, tree if _is_begun(tree) else _beginning(kind), saved)
    notation = Notation(decimal_comma=language == "de", day_first=True)
    tree = Posted(request.POST, address.catalogue, notation).node() or All(())
    action = request.POST.get("action", "draw")
    if action in {"save", "copy"}:
        return _save(request, kind, word, tree, saved if action == "save" else None)
    if action == "apply":
        return redirect(f"/{word}/?{urlencode({'where': _json(tree)})}")
    return _draw(request, word, address.catalogue, changed(tree, action), saved)


def _save(request: SignedInRequest, kind: RecordKind, word: str, tree: Node, saved: SavedFilter | None) -> HttpResponse:
    name, is_shared = request.POST.get("name", ""), bool(request.POST.get("is_shared"))
    if saved is None:
        saved = save_filter(
            by=request.user, kind=kind, name=name, tree=to_json(tree), is_shared=is_shared, at=request.at
        )
    else:
        update_filter(saved=saved, by=request.user, name=name, tree=to_json(tree), is_shared=is_shared)
    return redirect(f"/{word}/?filter={saved.pk}")


def _draw(
    request: SignedInRequest, word: str, catalogue: Catalogue, tree: Node, saved: SavedFilter | None
) -> HttpResponse:
    speaker = Speaker(catalogue, language_of(request))
    fields = [
        (path, catalogue.name(path, speaker.language))
        for path, field in catalogue.by_path.items()
        if field.is_filterable
    ]
    context = {
        "word": word,
        "saved": saved,
        "root": Drawer(catalogue, speaker).draw(tree),
        "fields": fields,
        "words": speaker.sentence(tree),
        "name": request.POST.get("name", saved.name if saved else ""),
        "is_shared": bool(request.POST.get("is_shared"))
        if request.method == "POST"
        else bool(saved and saved.is_shared),
    }
    return render(request, "filters/builder.html", context)


def _beginning(kind: RecordKind) -> Node:
    return All((Condition("status" if kind is RecordKind.DEAL else "name", Operator.IS),))


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
