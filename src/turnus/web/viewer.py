"""The person who asks for a page, as everything below the screens takes it."""

from datetime import date

from turnus.accounts.viewer import Viewer
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of


def viewer_of(
    request: SignedInRequest, *, known_on: date | None = None
) -> Viewer:
    """Return who asks, today, in the company's zone and the page's language."""
    return Viewer(
        request.user,
        request.on,
        request.company.zone,
        language_of(request),
        known_on,
    )
