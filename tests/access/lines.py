"""The matrix: for each address who may look, and for each thing that is posted who may do it.

An address that is added needs a line here. Values in braces are ids of `worlds.Things`.
"""

from collections.abc import Sequence

from tests.access.line import Line, Post
from tests.access.roles import (
    ADMIN,
    DENIED,
    EDITS_CHOSEN,
    EDITS_SEEN,
    EVERYBODY,
    HIDDEN,
    LEFT_OUT,
    OWN,
    SIGNED_IN,
    TEAM,
    UNKNOWN,
    own_with,
    right,
    rule,
)
from tests.access.settings_lines import SETTINGS_LINES
from tests.access.values import (
    CHOSEN,
    DEAL,
    DEALS,
    OWN_DEAL,
    SEEN_DEAL,
    SUBSCRIPTION,
)
from turnus.accounts.access import Permission

IMPORT = Permission.IMPORT
EXPORT = Permission.EXPORT

LINES: Sequence[Line] = (
    # The door.
    Line(
        "account_login",
        EVERYBODY,
        Post(
            {**EVERYBODY, "anonymous": "422"},
            {"login": "x@example.org", "password": "x"},
            changes=False,
        ),
    ),
    # Only with the word of a link: tests/web/test_invitations.py.
    Line(
        "invitation",
        rule((), HIDDEN, anonymous=HIDDEN),
        Post(rule((), HIDDEN, anonymous=HIDDEN), changes=False),
    ),
    Line("account_logout", SIGNED_IN, Post(SIGNED_IN, changes=False)),
    Line("setup", SIGNED_IN, Post(SIGNED_IN, changes=False)),
    Line("favicon", EVERYBODY),
    Line("health", EVERYBODY),
    Line("health-live", EVERYBODY),
    Line("health-ready", EVERYBODY),
    # Without a token in the settings there is no such page.
    Line(
        "metrics",
        rule((), HIDDEN, anonymous=HIDDEN),
        Post(rule((), "405", anonymous="405"), changes=False),
    ),
    # Pages that show everybody what they may see.
    Line("home", SIGNED_IN),
    Line("search", SIGNED_IN, query="q=e"),
    Line("trash", SIGNED_IN),
    Line("reports", SIGNED_IN),
    Line("report", SIGNED_IN, name_="won"),
    Line("report", SIGNED_IN, name_="mrr"),
    Line("report-parts", SIGNED_IN, name_="mrr"),
    Line("settings", SIGNED_IN),
    Line("renewals", SIGNED_IN),
    Line("radar", SIGNED_IN),
    Line("detection", SIGNED_IN),
    # Files in and out.
    Line("imports", right(IMPORT)),
    Line(
        "upload",
        right(IMPORT),
        Post(right(IMPORT), {"file": "deals.csv"}),
        **DEALS,
    ),
    Line("import", own_with(IMPORT), pk="{asking}"),
    Line("import", own_with(IMPORT), pk="{done}"),
    Line(
        "match-columns",
        None,
        Post(own_with(IMPORT), {"column-0": "status"}),
        pk="{ready}",
    ),
    Line(
        "answer",
        None,
        Post(own_with(IMPORT), {"answer-0": "skip"}),
        pk="{asking}",
    ),
    Line(
        "change-answer",
        None,
        Post(own_with(IMPORT), {"hidden": "read"}),
        Post(own_with(IMPORT), {"forget": "hidden"}),
        pk="{asking}",
    ),
    Line("start-import", None, Post(own_with(IMPORT)), pk="{ready}"),
    Line("undo-import", None, Post(own_with(IMPORT)), pk="{done}"),
    Line("check-import", None, Post(own_with(IMPORT)), pk="{ready}"),
    Line("discard-import", None, Post(own_with(IMPORT)), pk="{ready}"),
    Line(
        "continue-import",
        None,
        Post(own_with(IMPORT), changes=False),
        pk="{unfinished}",
    ),
    Line("problems", own_with(IMPORT), pk="{asking}"),
    Line(
        "personal-data",
        ADMIN,
        Post(ADMIN, {"action": "export"}, changes=False),
        pk="{person}",
    ),
    Line("exports", right(EXPORT)),
    Line("download", own_with(EXPORT), pk="{export}"),
    Line("export-list", None, Post(right(EXPORT)), **DEALS),
    *SETTINGS_LINES,
    # Lists.
    *(
        Line("list", SIGNED_IN, word=word)
        for word in ("deals", "persons", "organizations", "subscriptions")
    ),
    Line(
        "new-record",
        SIGNED_IN,
        Post(SIGNED_IN, {"title": "Neu", "organization": "Neue AG"}),
        **DEALS,
    ),
    Line(
        "new-record",
        SIGNED_IN,
        Post(SIGNED_IN, {"name": "Neu"}),
        word="persons",
    ),
    Line(
        "columns",
        SIGNED_IN,
        Post(SIGNED_IN, {"column": ["title"]}),
        Post(SIGNED_IN, {"action": "reset"}),
        Post(SIGNED_IN, {"column": ["title"], "filter": "{shared_filter}"}),
        Post(
            rule(("alice",), UNKNOWN),
            {"column": ["title"], "filter": "{filter}"},
        ),
        **DEALS,
    ),
    Line(
        "bulk",
        None,
        Post(SIGNED_IN, {**CHOSEN, "action": "edit"}, changes=False),
        Post(SIGNED_IN, {**CHOSEN, "action": "trash"}, changes=False),
        Post(EDITS_CHOSEN, {**CHOSEN, "action": "trash", "step": "do"}),
        Post(
            EDITS_CHOSEN,
            {
                **CHOSEN,
                "action": "edit",
                "field": "title",
                "value": "Neu",
                "step": "do",
            },
        ),
        **DEALS,
    ),
    Line(
        "undo-bulk",
        None,
        Post(rule(("alice", "admin"), UNKNOWN)),
        run="{bulk}",
        **DEALS,
    ),
    Line(
        "new-filter",
        SIGNED_IN,
        Post(SIGNED_IN, {"action": "save", "name": "Meins"}),
        Post(SIGNED_IN, {"action": "apply"}, changes=False),
        **DEALS,
    ),
    Line(
        "quick-filter",
        SIGNED_IN,
        Post(SIGNED_IN, {"action": "apply"}, changes=False),
        **DEALS,
    ),
    Line(
        "edit-filter",
        rule(("alice",), HIDDEN),
        Post(rule(("alice",), HIDDEN), {"action": "save", "name": "Neu"}),
        pk="{filter}",
        **DEALS,
    ),
    Line(
        "edit-filter",
        rule(("alice", "admin"), DENIED),
        Post(
            rule(("alice", "admin"), DENIED), {"action": "save", "name": "Neu"}
        ),
        pk="{shared_filter}",
        **DEALS,
    ),
    Line(
        "delete-filter",
        None,
        Post(rule(("alice",), HIDDEN)),
        pk="{filter}",
        **DEALS,
    ),
    Line(
        "delete-filter",
        None,
        Post(rule(("alice", "admin"), DENIED)),
        pk="{shared_filter}",
        **DEALS,
    ),
    # A record: one of the team, one that everybody sees, one that only Alice sees.
    Line("record", TEAM, **DEALS, **DEAL),
    Line("record", SIGNED_IN, **DEALS, **SEEN_DEAL),
    Line("record", OWN, **DEALS, **OWN_DEAL),
    Line("record", TEAM, word="persons", pk="{person}"),
    Line("record", TEAM, word="organizations", pk="{firm}"),
    Line("record", TEAM, word="subscriptions", **SUBSCRIPTION),
    *(
        line
        for (looks, edits), at in zip(
            ((TEAM, TEAM), (SIGNED_IN, EDITS_SEEN), (OWN, OWN)),
            (DEAL, SEEN_DEAL, OWN_DEAL),
            strict=True,
        )
        for line in (
            Line(
                "cell",
                looks,
                Post(edits, {"value": "Neu"}, query="path=title"),
                query="path=title",
                **DEALS,
                **at,
            ),
            Line("field-form", looks, query="field=title", **DEALS, **at),
            Line(
                "save-field",
                None,
                Post(edits, {"field": "title", "value": "Neu"}),
                **DEALS,
                **at,
            ),
            Line("trash-record", None, Post(edits), **DEALS, **at),
            Line(
                "close-deal",
                None,
                Post(edits, {"action": "win"}),
                Post(edits, {"action": "lose", "reason": "Preis"}),
                Post(edits, {"action": "win", "plan": "{plan}", "price": "5"}),
                **at,
            ),
            Line(
                "deal-lines",
                edits,
                Post(edits, {"name": "Setup", "amount": "5", "recurs": ""}),
                **at,
            ),
            Line(
                "archive-deal", None, Post(edits, {"action": "archive"}), **at
            ),
            Line(
                "move-deal", None, Post(edits, {"stage": "{last_stage}"}), **at
            ),
        )
    ),
    Line("close-deal", None, Post(TEAM, {"action": "reopen"}), pk="{won}"),
    Line("restore-record", None, Post(TEAM), pk="{trashed}", **DEALS),
    # Subscriptions and what renews them.
    Line(
        "subscribe",
        TEAM,
        Post(
            TEAM, {"plan": "{plan}", "price": "100", "starts_on": "2018-09-10"}
        ),
        pk="{won}",
    ),
    Line(
        "new-subscription",
        SIGNED_IN,
        Post(
            SIGNED_IN,
            {"plan": "{plan}", "price": "5", "organization": "Neue AG"},
        ),
    ),
    Line(
        "subscribe-many",
        None,
        Post(SIGNED_IN, {"id": "{won}"}, changes=False),
        Post(EDITS_CHOSEN, {"id": "{won}", "plan": "{plan}"}, previewed=True),
    ),
    Line(
        "prices",
        None,
        Post(SIGNED_IN, {"id": "{subscription}"}, changes=False),
        Post(
            EDITS_CHOSEN,
            {"id": "{subscription}", "percent": "5"},
            previewed=True,
        ),
    ),
    Line("subscription", TEAM, **SUBSCRIPTION),
    Line(
        "change-subscription",
        None,
        Post(TEAM, {"action": "price", "price": "120"}),
        Post(TEAM, {"action": "price", "price": "120", "on": "2018-09-15"}),
        Post(TEAM, {"action": "plan", "plan": "{spare_plan}", "price": "120"}),
        Post(TEAM, {"action": "skip"}),
        Post(TEAM, {"action": "pause", "on": "2018-12-01"}),
        Post(TEAM, {"action": "cancel"}),
        **SUBSCRIPTION,
    ),
    Line(
        "change-subscription",
        None,
        Post(TEAM, {"action": "resume", "on": "2018-12-01"}),
        pk="{paused}",
    ),
    Line(
        "plan-renewals",
        None,
        Post(
            rule(("alice", "bob", "admin"), LEFT_OUT),
            {"due": "1", "until": "2018-11-14"},
        ),
    ),
    Line(
        "renew-one",
        None,
        *(
            Post(
                TEAM,
                {
                    "subscription": "{subscription}",
                    "number": "{number}",
                    "action": action,
                    "price": "120",
                },
            )
            for action in ("accept", "price", "skip", "cancel")
        ),
        *(
            Post(
                TEAM,
                {"term": "{waiting_term}", "action": action, "price": "120"},
            )
            for action in ("accept", "price", "cancel")
        ),
    ),
    Line(
        "renewal-run",
        OWN,
        Post(OWN, {"action": "book", "line": "{line}", "take": "{line}"}),
        Post(OWN, {"action": "discard"}),
        pk="{run}",
    ),
    Line("renewal-run", OWN, Post(OWN, {"action": "undo"}), pk="{booked_run}"),
    # What is found and detected.
    Line(
        "put-right",
        None,
        Post(
            EDITS_CHOSEN,
            {"action": "dismiss", "finding": "missed-{subscription}-{number}"},
        ),
        Post(
            EDITS_CHOSEN,
            {"action": "skip", "finding": "missed-{subscription}-{number}"},
            previewed=True,
        ),
        Post(
            EDITS_CHOSEN,
            {
                "action": "undismiss",
                "finding": "missed-{right}-{right_number}",
            },
        ),
    ),
    Line(
        "detect",
        None,
        Post(SIGNED_IN, {"id": "{won}"}, changes=False),
        Post(EDITS_CHOSEN, {"step": "do", "source": "all"}),
    ),
    Line("proposal", OWN, Post(OWN, {"action": "discard"}), pk="{proposal}"),
    Line("review", OWN, pk="{proposal}"),
    Line(
        "approval",
        OWN,
        Post(
            OWN,
            {
                "what": "all",
                "expected": "{expected}",
                "adds": "{adds}",
                "confirmed": "1",
                "plan-y": "J",
            },
        ),
        pk="{proposal}",
    ),
    Line(
        "history",
        OWN,
        *(
            Post(OWN, {"action": action, "deal": "{proposed}"})
            for action in ("confirm", "single", "leave")
        ),
        pk="{history}",
    ),
)
