"""Telling admins that the server's clock jumped."""

from turnus.jobs.models import ClockJump
from turnus.jobs.queries import clock_jump
from turnus.web.gate import SignedInRequest


def jump_shown_to(request: SignedInRequest) -> ClockJump | None:
    """Return the recent jump of the clock for an admin's page.

    None without a jump, and for everybody else.
    """
    return clock_jump(request.at) if request.user.is_admin else None
