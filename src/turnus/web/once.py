"""A creating form works once: sent twice, both answers lead to what the first one made."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from turnus.accounts.actions_once import LedTo, Sending, sent_once
from turnus.web.gate import SignedInRequest

#: The hidden input of `{% once %}`.
KEY = "once"
#: A second click comes at once; later ones come from people who forgot the first.
_SECOND_CLICK = timedelta(minutes=1)
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", KEY})
P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponse]


def once(view: View[P]) -> View[P]:
    """Let the form that posts to the view do its work once; a form without a key does it each time.

    The view's writes and the note of its answer are one transaction; a refusal undoes both.
    """

    @wraps(view)
    def answer(
        request: SignedInRequest, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        return done_once(request, lambda: view(request, *args, **kwargs))

    return does_once(cast("View[P]", answer))


def does_once(view: View[P]) -> View[P]:
    """Mark a view that calls `done_once` itself: it has work to do before the transaction."""
    view.does_once = True  # type: ignore[attr-defined]  # what the architecture test asks for
    return view


def done_once(
    request: SignedInRequest, work: Callable[[], HttpResponse]
) -> HttpResponse:
    """Return the answer of `work`; if the form was sent before, lead where that led."""
    if request.method != "POST" or not request.POST.get(KEY):
        return work()
    with sent_once(
        by=request.user, mark=_mark(request), at=request.at
    ) as sending:
        if sending.done_at is not None:
            return _again(request, sending)
        response = work()
        sending.is_refused = response.status_code >= 400
        sending.led_to = _led_to(request, response)
        return response


def _mark(request: SignedInRequest) -> str:
    """Return the key of the form with its content: changed and sent again, it is another."""
    typed = [
        [name, values]
        for name, values in sorted(request.POST.lists())
        if name not in _NOT_TYPED
    ]
    files = [
        [name, getattr(file, "name", ""), getattr(file, "size", 0)]
        for name, file in sorted(request.FILES.items())
    ]
    sent = json.dumps(
        [request.POST[KEY], request.get_full_path(), typed, files]
    )
    return sha256(sent.encode()).hexdigest()


def _led_to(request: SignedInRequest, response: HttpResponse) -> LedTo:
    """Return where an answer leads, and its notices; empty for a page of its own."""
    address = response.headers.get("Location") or response.headers.get(
        "HX-Redirect", ""
    )
    if not address:
        return {}
    storage = messages.get_messages(request)
    notices = [
        (notice.level, str(notice.message), notice.extra_tags or "")
        for notice in storage
    ]
    if isinstance(storage, BaseStorage):
        storage.used = False  # they were only looked at
    return {"address": address, "messages": notices}


def _again(request: SignedInRequest, sending: Sending) -> HttpResponse:
    if (
        sending.done_at is not None
        and request.at - sending.done_at > _SECOND_CLICK
    ):
        messages.info(
            request,
            _(
                "You already sent this form, so nothing was done again. "
                "To add another record, open the form again."
            ),
        )
    else:
        for level, words, tags in sending.led_to["messages"]:
            messages.add_message(request, level, words, extra_tags=tags)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": sending.led_to["address"]})
    return HttpResponseRedirect(sending.led_to["address"])
