"""Is it still the account that the mirror holds?"""

from itertools import islice

from eqho.issues import Issue
from eqho.sources.base import Source, SourceDenied
from eqho.store.base import Store

# The first of these that the mirror holds decides: Stripe never forgets subscriptions, while ids of products
# may be the same in two accounts.
_WITNESSES = ("subscription", "invoice", "customer", "product")
_WITNESSES_HEARD = 3


def recognise_account(source: Source, store: Store) -> list[Issue]:
    """Clear a mirror that belongs to another source, account or mode, and say so.

    One stored object that the source still knows proves the account: one request as a rule.
    """
    mirror = store.get_state("mirror") or store.get_state("pull") or {}
    if mirror.get("source", source.name) != source.name:
        return _clear(store, f"The stored objects came from {mirror['source']}, not from {source.name}")
    for kind in _WITNESSES:
        witnesses = list(islice(store.objects(kind), _WITNESSES_HEARD))
        if not witnesses:
            continue
        try:
            known = any(source.retrieve(kind, witness["id"]) is not None for witness in witnesses)
        except SourceDenied:
            continue
        if known:
            return []
        return _clear(
            store, "The stored objects are unknown to this key, which belongs to another account or mode"
        )
    return []


def _clear(store: Store, found: str) -> list[Issue]:
    store.clear_objects()
    store.clear_pages()
    return [Issue("other_account", f"{found}: they were cleared and everything is read again.")]
