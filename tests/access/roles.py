"""The roles, and what each of them is answered: rules that the lines of the matrix are made of."""

from collections.abc import Collection, Mapping

from turnus.accounts.access import Permission

#: Nobody signed in; a stranger in another team; a colleague of Alice's team; the owner of
#: everything; the admin.
PEOPLE = ("anonymous", "charlie", "bob", "alice", "admin")
#: Strangers with one single right each.
HOLDERS = {permission: f"with {permission}" for permission in Permission}
ROLES = (*PEOPLE, *HOLDERS.values())
#: Rights that Alice needs to own an import and an export at all.
ALICE_HOLDS = (Permission.IMPORT, Permission.EXPORT)

#: What an answer is.
OK, DENIED, HIDDEN, SIGN_IN = "ok", "403", "404", "sign-in"
#: Let in, but there is nothing that the person may touch: nothing changes.
LEFT_OUT = "left out"
#: Let in, but refused with words: whose it is, is not said.
UNKNOWN = "422"

Rule = Mapping[str, str]


def rule(
    allowed: Collection[str], otherwise: str, *, anonymous: str = SIGN_IN
) -> Rule:
    """Return a rule: `allowed` are let in, everybody else who is signed in gets `otherwise`."""
    answers = {role: OK if role in allowed else otherwise for role in ROLES}
    return {**answers, "anonymous": anonymous}


def right(permission: Permission) -> Rule:
    """Return the rule of what needs a right."""
    return rule(_holders(permission), DENIED)


def own_with(permission: Permission) -> Rule:
    """Return the rule of what is Alice's alone, on pages that need a right."""
    return {**rule(("alice", "admin"), DENIED), HOLDERS[permission]: HIDDEN}


def _holders(permission: Permission) -> list[str]:
    alice = ["alice"] if permission in ALICE_HOLDS else []
    return ["admin", HOLDERS[permission], *alice]


SIGNED_IN = rule(ROLES, DENIED)
EVERYBODY = {**SIGNED_IN, "anonymous": OK}
ADMIN = rule(("admin",), DENIED)
#: Of a record that Alice's team sees; of one that Alice alone sees.
TEAM = rule(("alice", "bob", "admin"), HIDDEN)
OWN = rule(("alice", "admin"), HIDDEN)
#: Changing a record that everybody sees.
EDITS_SEEN = rule(
    ("alice", "bob", "admin", HOLDERS[Permission.EDIT_ALL]), DENIED
)
#: The same of many that were chosen in a list.
EDITS_CHOSEN = rule(("alice", "bob", "admin"), UNKNOWN)
