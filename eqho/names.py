"""Names that others gave: what of a text can be read, and nothing of it that acts.

A control character forges lines of a log and moves a terminal's cursor, a direction override turns the amount
that stands behind a name around, tags spell what only a machine reads.
"""

import unicodedata

_SPELL = "\u200c\u200d"
"""Joiners: Persian words and composed emoji are written with them."""
_BLANK = {"Cc", "Zs", "Zl", "Zp"}
_NOTHING = {"Cf", "Cs", "Co"}


def readable(text: str) -> str:
    """`text` with blanks for control characters, line ends and odd spaces, and without what is invisible."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _readable(one) for one in text).strip()


def on_one_line(text: str) -> str:
    """As `readable`, with one blank wherever there are several, and none at the ends."""
    return " ".join(readable(text).split())


def _readable(one: str) -> str:
    category = unicodedata.category(one)
    if category in _BLANK:
        return " "
    return "" if category in _NOTHING and one not in _SPELL else one
