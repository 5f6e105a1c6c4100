"""What every page knows: the navigation, saved lists, the theme."""

from django.http import HttpRequest
from django.utils.translation import get_language

from turnus.accounts.access import Permission, may
from turnus.core.records import RecordKind
from turnus.listing.models import SavedFilter
from turnus.listing.queries import filters_for


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the values of the page frame; one query, and none before signing in."""
    user = request.user
    if not user.is_authenticated:
        return {"language": get_language()}
    saved: list[SavedFilter] = list(filters_for(user, RecordKind.DEAL))[:8]
    return {
        "language": (get_language() or "en")[:2],
        "shell_filters": saved,
        "may_import": may(user, Permission.IMPORT),
        "may_export": may(user, Permission.EXPORT),
        "section": request.path.split("/")[1],
    }
