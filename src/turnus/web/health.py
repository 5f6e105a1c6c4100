"""The page that a monitor or a load balancer asks whether the server works; no more is said there."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from turnus.kit.sql import ping


@require_safe
@never_cache
def health(_request: HttpRequest) -> HttpResponse:
    """Answer `ok` if the database answers; if it does not, the failure is the answer (500) and stands in the log."""
    ping()
    return HttpResponse("ok", content_type="text/plain")
