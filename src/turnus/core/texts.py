"""Which texts can be kept and written out at all, whatever they say."""

import re

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    r"""Return whether databases and files take the text: no NUL, no half pair of surrogates.

    PostgreSQL refuses a NUL in any text, UTF-8 knows no surrogates; both come from broken programs
    and from people who try what happens, never from a keyboard.

    >>> is_storable("Ärzte 👩‍⚕️"), is_storable("a\x00b"), is_storable("\udc80")
    (True, False, False)
    """
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    r"""Return the text with a sign for each letter that cannot be stored, for names of files.

    >>> storable("M\udcfcller.csv")
    'M�ller.csv'
    """
    return _UNSTORABLE.sub("\ufffd", text)
