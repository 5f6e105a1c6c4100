"""The matrix of the settings: see `lines`."""

from collections.abc import Sequence

from tests.access.line import Line, Post
from tests.access.roles import (
    ADMIN,
    SIGNED_IN,
    right,
)
from tests.access.values import (
    COMPANY_VALUES,
    DEALS,
    NEW_USER,
    OTHERS_USER,
    PLAN,
)
from tests.world import PASSWORD
from turnus.accounts.access import Permission

FIELDS = Permission.CUSTOM_FIELDS
PIPELINES = Permission.PIPELINES
USERS = Permission.USERS
COMPANY = Permission.COMPANY

SETTINGS_LINES: Sequence[Line] = (
    Line(
        "profile",
        SIGNED_IN,
        Post(SIGNED_IN, {"name": "Neu", "language": "en", "theme": "dark"}),
        Post(
            SIGNED_IN,
            {"old_password": PASSWORD, "password": "ganz-anders-2018"},
        ),
    ),
    Line("company", right(COMPANY), Post(right(COMPANY), COMPANY_VALUES)),
    Line(
        "jobs",
        ADMIN,
        Post(ADMIN, {"cancel": "{job}"}),
        Post(ADMIN, {"retry": "{failed_job}"}),
    ),
    Line(
        "currencies",
        right(COMPANY),
        Post(right(COMPANY), {"code": "JPY"}),
        Post(right(COMPANY), {"delete": "{rate}"}),
        Post(
            right(COMPANY),
            {"currency": "USD", "rate": "0,9", "on": "2018-02-01"},
        ),
    ),
    Line(
        "users",
        right(USERS),
        Post(right(USERS), NEW_USER),
        Post(right(USERS), {**NEW_USER, "team": "{charlies_team}"}),
        Post(ADMIN, {**NEW_USER, "team": "{team}"}),
    ),
    Line(
        "user",
        right(USERS),
        Post(right(USERS), {**OTHERS_USER, "team": "{bobs_team}"}),
        Post(ADMIN, OTHERS_USER),
        Post(ADMIN, {"password": PASSWORD}),
        Post(ADMIN, {"invite": "link"}, changes=False),
        Post(ADMIN, {**OTHERS_USER, "team": "{team}"}),
        pk="{bob}",
    ),
    Line(
        "user",
        right(USERS),
        Post(
            ADMIN, {**OTHERS_USER, "email": "neu@example.org", "is_admin": "1"}
        ),
        Post(ADMIN, {"password": PASSWORD}),
        Post(ADMIN, {"invite": "link"}, changes=False),
        pk="{admin}",
    ),
    Line(
        "teams",
        right(USERS),
        Post(right(USERS), {"name": "Ost"}),
        Post(right(USERS), {"team": "{team}", "name": "Ost"}),
        Post(right(USERS), {"delete": "{team}"}),
        Post(ADMIN, {"delete": "{bobs_team}"}),
    ),
    Line(
        "pipelines",
        right(PIPELINES),
        Post(right(PIPELINES), {"name": "Dritte", "stage": "A"}),
        Post(right(PIPELINES), {"action": "order", "order": ["{pipeline}"]}),
    ),
    Line(
        "pipeline",
        right(PIPELINES),
        Post(right(PIPELINES), {"name": "Anders"}),
        Post(right(PIPELINES), {"action": "delete"}),
        Post(
            right(PIPELINES),
            {"action": "order", "order": ["{other_stage}", "{stage}"]},
        ),
        Post(
            right(PIPELINES),
            {"action": "save-stage", "name": "Drei", "probability": "100"},
        ),
        Post(right(PIPELINES), {"action": "delete-stage", "stage": "{stage}"}),
        pk="{pipeline}",
    ),
    Line(
        "lost-reasons",
        right(PIPELINES),
        Post(right(PIPELINES), {"name": "Zeit"}),
        Post(right(PIPELINES), {"delete": "{reason}"}),
    ),
    Line(
        "fields",
        right(FIELDS),
        Post(right(FIELDS), {"name": "Farbe", "kind": "text"}),
        Post(right(FIELDS), {"action": "order", "order": ["0", "{field}"]}),
        **DEALS,
    ),
    Line(
        "field",
        right(FIELDS),
        Post(right(FIELDS), {"name": "Anders"}),
        Post(right(FIELDS), {"action": "delete"}),
        Post(right(FIELDS), {"action": "add-option", "option_name": "nie"}),
        Post(
            right(FIELDS),
            {
                "action": "rename-option",
                "option": "{option}",
                "option_name": "nie",
            },
        ),
        Post(right(FIELDS), {"action": "delete-option", "option": "{option}"}),
        Post(
            right(FIELDS),
            {"action": "order", "order": ["{option}", "{option_1}"]},
        ),
        pk="{field}",
        **DEALS,
    ),
    Line(
        "labels",
        right(FIELDS),
        Post(right(FIELDS), {"name": "Kalt", "color": "blue"}),
        Post(right(FIELDS), {"delete": "{label}"}),
        **DEALS,
    ),
    Line("plans", right(PIPELINES), Post(right(PIPELINES), PLAN)),
    Line(
        "plan",
        right(PIPELINES),
        Post(right(PIPELINES), PLAN),
        Post(right(PIPELINES), {"action": "delete"}),
        pk="{spare_plan}",
    ),
    Line(
        "map-plans",
        right(PIPELINES),
        Post(
            right(PIPELINES),
            {
                "plan-{option}": "{plan}",
                **{f"plan-{{option_{n}}}": "none" for n in (1, 2)},
            },
        ),
        pk="{field}",
    ),
)
