"""The reader's own way to write numbers and dates: that of the language her browser names first.

It is asked for anew with every text: nothing that is kept for all readers may hold what one of them reads.
"""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from streamlit.runtime.scriptrunner import get_script_run_ctx

DEFAULT = "en_US"
_LONGEST_TAG = 35
"""RFC 5646 asks nobody to keep a longer one."""


def locale() -> Locale:
    """The default one outside a page: for files, which are the same for everybody."""
    # As st.context.locale, which has each look counted by Streamlit: a page looks thousands of times.
    running = get_script_run_ctx(suppress_warning=True)
    if running is None or running.context_info is None:
        return named("")
    return named(running.context_info.locale[:_LONGEST_TAG])


@lru_cache(maxsize=256)
def named(tag: str) -> Locale:
    """Of a language tag (`de-DE`), or of as much of its beginning as is known (`de-DE-u-nu-latn`); the
    default where none is."""
    parts = tag.replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        try:
            return Locale.parse("-".join(parts[:length]), sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse(DEFAULT)
