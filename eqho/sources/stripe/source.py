"""Stripe itself as a source: complete lists, single objects, events, and what the key may not read."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from eqho.issues import Issue
from eqho.sources.base import (
    KINDS,
    CursorError,
    ObjectUnreadable,
    Page,
    Raw,
    SourceDenied,
    SourceError,
    Unread,
    created_of,
)
from eqho.sources.stripe.client import TIMEOUT, StripeReader
from eqho.sources.stripe.kinds import REQUIRED_KINDS, STRIPE_KINDS, Kind
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.stepping import Past, Stepper

DAY = 86_400
CLEAN_CHECK_SECONDS = DAY
# A permission that is missing may be granted at any moment: look again sooner.
FLAWED_CHECK_SECONDS = 3_600
NO_FILTERS: Mapping[str, Any] = {}


class _Checked(NamedTuple):
    issues: list[Issue]
    until: float
    denials: int


class StripeSource:
    """Reads one Stripe account with a restricted key. Thread-safe.

    `rate` is in requests per second (15 with a live key, 8 with a test key when None); `timeout` is
    (connect, read) in seconds.
    """

    name = "stripe"
    splits = True

    def __init__(
        self,
        key: str,
        api_base: str | None = None,
        *,
        rate: float | None = None,
        retries: RetryPolicy | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._reader = StripeReader(key, api_base, rate=rate, retries=retries, timeout=timeout)
        self._mark = sha256(f"{key} {api_base or ''}".encode()).hexdigest()[:16]
        self._powerful = key.startswith("sk_live_")
        self._clock = clock
        self._checked: _Checked | None = None
        self._check_lock = threading.Lock()

    @property
    def requests(self) -> int:
        return self._reader.requests

    @property
    def now(self) -> int | None:
        return self._reader.clock.now()

    @property
    def rate(self) -> float:
        """Requests per second permitted now."""
        return self._reader.bucket.rate

    @property
    def key_mark(self) -> str:
        return self._mark

    def account(self) -> str | None:
        """Without the permission to read it, Stripe names the account in the sentence that says so."""
        try:
            found = self._reader.get("account", "Account", counts=False)
        except (SourceDenied, ObjectUnreadable):
            found = None
        return found["id"] if found and isinstance(found.get("id"), str) else self._reader.account_named

    def check(self) -> list[Issue]:
        """Asked once and remembered: one day when nothing is missing, else one hour, and never beyond a
        denial."""
        with self._check_lock:
            now = self._clock()
            checked = self._checked
            if checked and now < checked.until and checked.denials == self._reader.denials:
                return checked.issues
            issues = self._probe()
            missing = any(issue.code == "missing_permission" for issue in issues)
            until = now + (FLAWED_CHECK_SECONDS if missing else CLEAN_CHECK_SECONDS)
            self._checked = _Checked(issues, until, self._reader.denials)
            return issues

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        created = {"lt": created_before, **({"gte": created_from} if created_from else {})}
        unread = None
        try:
            found, last = self._list(STRIPE_KINDS[kind], created=created, after=after)
        except ObjectUnreadable as why:
            past = self._step_past(kind, created_from, created_before, after)
            if past is None:
                raise
            found, last, unread = past.around, False, Unread(past.second, str(why))
        flawed = {}
        for body in found:
            try:
                self._complete(STRIPE_KINDS[kind], body)
            except ObjectUnreadable as why:
                flawed[body["id"]] = str(why)
        return Page(found, last, flawed, unread)

    def _step_past(self, kind: str, created_from: int, created_before: int, after: str | None) -> Past | None:
        """Past the object that follows `after` that no page can hold. None where it is not to be found."""
        known = STRIPE_KINDS[kind]

        def ask(created: dict[str, int], more: dict[str, str]) -> list[Raw]:
            params: dict[str, Any] = {"created": created, **known.filters, **more}
            if known.expand:
                params["expand"] = known.list_expand
            return self._reader.get_list(known.path, known.permission, limit=1, hasty=True, **params)[0]

        stepper = Stepper(ask)
        if after is None:
            return stepper.step(created_from, created_before)
        last = created_of(self.retrieve(kind, after) or {})
        if last is None:
            return None
        if past := stepper.step(created_from, last):
            return past
        # The one that follows was created in the same second, unless it comes after all.
        around = stepper.older_of(last, created_from)
        return None if any(body["id"] == after for body in around) else Past(last, around)

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        """A deleted customer answers with `{"id", "deleted": true}`."""
        known = STRIPE_KINDS[kind]
        path = f"{known.path}/{quote(object_id, safe='')}"
        body = self._reader.get(path, known.permission, expand=list(known.expand))
        if body is not None:
            self._complete(known, body)
        return body

    def item_coupons(self, subscription_id: str) -> list[Raw]:
        """Stripe expands four levels: in a subscription that is one too few for its items' coupons."""
        found, _ = self._reader.get_list(
            "subscription_items",
            STRIPE_KINDS["subscription"].permission,
            subscription=subscription_id,
            expand=["data.discounts.source.coupon"],
        )
        discounts = (d for item in found for d in item.get("discounts") or () if isinstance(d, dict))
        sources = (discount.get("source") or {} for discount in discounts)
        return [source["coupon"] for source in sources if isinstance(source.get("coupon"), dict)]

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        """At most 20 `types`. One request for each hundred events, one where nothing happened."""
        filters = {"types": list(types)} if types else {}
        after, last = None, False
        while not last:
            try:
                found, last = self._list(STRIPE_KINDS["event"], {"gte": since}, after, filters)
            except CursorError:
                return  # the last one read has just grown too old to be kept, and so have those behind it
            yield from found
            after = found[-1]["id"] if found else None

    def _list(
        self, kind: Kind, created: dict[str, int], after: str | None, filters: Mapping[str, Any] = NO_FILTERS
    ) -> tuple[list[Raw], bool]:
        params: dict[str, Any] = {"created": created, **kind.filters, **filters}
        if kind.expand:
            params["expand"] = kind.list_expand
        if after is not None:
            params["starting_after"] = after
        found, last = self._reader.get_list(kind.path, kind.permission, **params)
        self._refuse_other_mode(found)
        return found, last

    def _refuse_other_mode(self, found: list[Raw]) -> None:
        if any(body.get("livemode", self._reader.live) is not self._reader.live for body in found):
            wanted, got = ("live", "test") if self._reader.live else ("test", "live")
            raise SourceError(
                f"Stripe answered a {wanted}-mode key with {got}-mode objects: check STRIPE_API_BASE and "
                "STRIPE_SECRET_KEY, which must belong to one mode."
            )

    def _complete(self, kind: Kind, body: Raw) -> None:
        """Follow the nested lists (`lines`, `items`, `refunds`), which Stripe cuts at ten, and bring in the
        tiers that a price has in other currencies."""
        self._bring_tiers(kind, body)
        for field, nested in body.items():
            if not isinstance(nested, dict) or nested.get("object") != "list":
                continue
            while nested.get("has_more"):
                url = urlsplit(str(nested.get("url")))
                if not url.path.startswith("/v1/") or not nested.get("data"):
                    raise ObjectUnreadable(
                        f"Stripe's {field} of {body['id']} cannot be read on; try again later."
                    )
                inner = f"{field}.data."
                expand = [path.removeprefix(inner) for path in kind.expand if path.startswith(inner)]
                params: dict[str, Any] = {
                    **{name: text for name, text in parse_qsl(url.query) if name != "limit"},
                    "starting_after": nested["data"][-1]["id"],
                }
                if expand:
                    params["expand"] = [f"data.{path}" for path in expand]
                found, last = self._reader.get_list(url.path.removeprefix("/v1/"), kind.permission, **params)
                nested["data"] += found
                nested["has_more"] = not last

    def _bring_tiers(self, kind: Kind, body: Raw) -> None:
        """Stripe shows them only where each currency is named."""
        options = body.get("currency_options")
        if body.get("billing_scheme") != "tiered" or not isinstance(options, dict):
            return
        if cut := [currency for currency, option in options.items() if not option.get("tiers")]:
            expand = [*kind.expand, *(f"currency_options.{currency}.tiers" for currency in cut)]
            path = f"{kind.path}/{quote(body['id'], safe='')}"
            body |= self._reader.get(path, kind.permission, expand=expand) or {}

    def _newest(self, kind: Kind) -> list[Raw]:
        """One object of the list; none where that one alone does not come."""
        try:
            return self._reader.get_list(kind.path, kind.permission, limit=1, **kind.filters)[0]
        except ObjectUnreadable as unreadable:
            none = {**kind.filters, "created": {"lt": 1}}
            try:
                return self._reader.get_list(kind.path, kind.permission, limit=1, hasty=True, **none)[0]
            except ObjectUnreadable:
                raise unreadable from None

    def _probe(self) -> list[Issue]:
        issues: list[Issue] = []
        if self._powerful:
            issues.append(
                Issue(
                    "powerful_key",
                    "STRIPE_SECRET_KEY is a full secret key: this dashboard only reads, so create a "
                    "restricted, read-only key (rk_live_…) and use that.",
                )
            )
        for name in (*KINDS, "event"):
            kind = STRIPE_KINDS[name]
            try:
                found = self._newest(kind)
            except SourceDenied as denied:
                if name in REQUIRED_KINDS:
                    raise
                issues.append(
                    Issue("missing_permission", f"{denied} Until then missing: {kind.lost}.", (name,))
                )
            except ObjectUnreadable:
                # Whether this list may be read is not known; who reads it tells of it.
                if name in REQUIRED_KINDS:
                    raise
            else:
                self._refuse_other_mode(found)
        return issues
