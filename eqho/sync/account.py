"""Whose data it is: the account and mode that the key reads, and whether the mirror is theirs."""

from itertools import islice
from typing import Any
from uuid import uuid4

from eqho.issues import Issue
from eqho.sources.base import Identified, ObjectUnreadable, Source, SourceDenied
from eqho.store.base import Document, Store

# The first of these that the mirror holds decides: Stripe never forgets subscriptions, while ids of products
# may be the same in two accounts.
_WITNESSES = ("subscription", "invoice", "customer", "product")
_WITNESSES_HEARD = 3
_KEYS_REMEMBERED = 20

_STATE = "account"


class Owner:
    """Of the data in the store. `mode` is what the settings tell: demo, stripe-test, stripe-live.

    `origin` is what builds, snapshots and frozen months are marked with: mode and account. It is None until
    the source has been asked; until then a build is served only if the very key that is set now made it, or
    was found to belong to its account. `sync_state` remembers under `account` whose the mirror is, and by
    fingerprint which keys read it.
    """

    def __init__(self, source: Source, mode: str) -> None:
        self._source, self.mode = source, mode
        self._identified = source if isinstance(source, Identified) else None
        self._mark = self._identified.key_mark if self._identified else source.name
        self._origin: str | None = None
        self._keys: list[str] = []

    @property
    def origin(self) -> str | None:
        return self._origin

    @property
    def known(self) -> str:
        """`origin`, once the source has been asked."""
        assert self._origin is not None, "the account is recognised before anything is made of its data"
        return self._origin

    def mark(self) -> Document:
        """What a build says of whose it is."""
        return {"origin": self.known, "keys": list(self._keys)}

    def owns(self, meta: Document) -> bool:
        """Whether a build with this `meta` may be served."""
        if self._origin is not None:
            return bool(meta["origin"] == self._origin)
        return self._mark in meta.get("keys", ()) and self._is_of_mode(meta["origin"])

    def recognise(self, store: Store) -> list[Issue]:
        """Ask once whose key it is, as a rule by one request. Clears a mirror that belongs to another source,
        account or mode, and says so. Raises SourceError, StoreError."""
        if self._origin is not None:
            return []
        state = store.get_state(_STATE) or {}
        mirror = store.get_state("mirror") or store.get_state("pull") or {}
        account: str | None = None
        found = None
        if mirror.get("source", self._source.name) != self._source.name:
            found = f"The stored objects came from {mirror['source']}, not from {self._source.name}"
        elif state and state["mode"] != self.mode:
            found = "The stored objects are of another mode than this key"
        else:
            if self._identified and self._mark not in state.get("keys", ()):
                account = self._identified.account()
            found = self._stranger(store, state, account)
        if found is not None:
            store.clear_objects()
            store.clear_pages()
            account = account or (self._identified.account() if self._identified else None)
            self._settle(store, {}, account, self._new_identity(store, state, account))
        else:
            begun = bool(mirror) and "identity" not in state
            new = "" if begun else self._new_identity(store, state, account)
            self._settle(store, state, account, state.get("identity", new))
        return (
            []
            if found is None
            else [Issue("other_account", f"{found}: they were cleared and everything is read again.")]
        )

    def _stranger(self, store: Store, state: Document, account: str | None) -> str | None:
        """Why the mirror cannot be this key's; None where it is, or where there is none."""
        if account and state.get("account"):
            same = account == state["account"]
            return (
                None if same else f"The stored objects are of {state['account']}, and this key of {account}"
            )
        unread: ObjectUnreadable | None = None
        for kind in _WITNESSES:
            heard: list[Any] = []
            for witness in islice(store.objects(kind), _WITNESSES_HEARD):
                try:
                    if self._source.retrieve(kind, witness["id"]) is not None:
                        return None
                    heard.append(witness)
                except ObjectUnreadable as error:
                    unread = error
                except SourceDenied:
                    break
            if heard:
                return "The stored objects are unknown to this key, which belongs to another account or mode"
        if unread is not None:
            raise unread
        return None

    def _settle(self, store: Store, state: Document, account: str | None, identity: str) -> None:
        """`identity` is none in a mirror that was there before there were any."""
        keys = [mark for mark in state.get("keys", ()) if mark != self._mark]
        self._keys = [*keys, self._mark][-_KEYS_REMEMBERED:]
        settled = {
            "mode": self.mode,
            "identity": identity,
            "account": account or state.get("account"),
            "keys": self._keys,
        }
        if settled != state:
            store.put_state(_STATE, settled)
        self._origin = f"{self.mode}/{identity}" if identity else self.mode

    def _new_identity(self, store: Store, before: Document, account: str | None) -> str:
        """The account's own id, else what no other has."""
        if account is not None:
            return account
        if self._identified and self._mark != before.get("identity"):
            return self._mark
        return "" if self._is_first_of_mode(store) else uuid4().hex[:16]

    def _is_first_of_mode(self, store: Store) -> bool:
        build = store.latest_build()
        return build is None or not self._is_of_mode(build.meta["origin"])

    def _is_of_mode(self, origin: str) -> bool:
        return origin.partition("/")[0] == self.mode
