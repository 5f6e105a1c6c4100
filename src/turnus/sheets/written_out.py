"""Numbers whose format adds digits or words, as the text that a person sees: 030123, yes."""

from collections.abc import Sequence

from turnus.sheets.number_formats import Piece

_TEXTS = frozenset({"quoted", "escaped", "letters", "other"})


def written_out(number: float, pieces: Sequence[Piece]) -> str:
    """Return what the pieces of a format show for a whole number; empty for decimals or thousands.

    >>> from turnus.sheets.number_formats import number_format
    >>> codes = ('"0"#', "000-00-0000", '"Nr. 7"')
    >>> [written_out(30123, number_format(0, code).sections[0].pieces) for code in codes]
    ['030123', '000-03-0123', 'Nr. 7']
    """
    is_simple = not any(
        piece.kind == "exponent" or _is_mark(piece) for piece in pieces
    )
    if not is_simple or number != int(number):
        return ""
    digits = list(str(int(abs(number))))
    shown: list[str] = []
    places = sum(len(piece.text) for piece in pieces if piece.kind == "digits")
    # From the right: the last place takes the last digit, the first place takes all that are left.
    for piece in reversed(pieces):
        if piece.kind in _TEXTS:
            shown.append(piece.text)
        elif piece.kind == "general":
            shown.append("".join(digits))
        elif piece.kind == "digits":
            for place in reversed(piece.text):
                places -= 1
                shown.append(_digit(place, digits, takes_all=places == 0))
    return "".join(reversed(shown)).strip()


def _is_mark(piece: Piece) -> bool:
    """Return whether the piece changes the number: decimals, thousands, fractions, percent."""
    return piece.kind == "other" and piece.text in {".", ",", "/", "%"}


def _digit(place: str, digits: list[str], *, takes_all: bool) -> str:
    if takes_all and digits:
        return "".join(digits)
    if digits:
        return digits.pop()
    return "0" if place == "0" else ""
