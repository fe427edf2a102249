"""What goes wrong with a source at random, for a poll or for days: everything an HTTP API can do but lie."""

from collections import Counter
from random import Random
from typing import Literal, get_args

from eqho.stripe_simulator.account import PATHS
from tests.services.stripe_faults import FAULTS, Fault, Refusal
from tests.services.stripe_server import StripeServer

Trouble = Literal[
    "passing faults", "slow once", "key refused", "down", "a list refused", "an object refused",
    "an object refused in lists too", "permission taken", "large pages cut",
]  # fmt: skip
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)
PASSING: tuple[Fault, ...] = tuple(fault for fault in FAULTS if fault != "timeout")
LASTING: tuple[Fault | Refusal, ...] = (
    "400", "403", "404 html", "403 html", "lock_timeout", "409", "500", "503", "502 html", "truncated",
    "not json",
)  # fmt: skip
MAY_BE_MISSING = (
    "product", "coupon", "customer", "subscription_schedule", "invoice", "invoiceitem", "credit_note",
    "refund", "event",
)  # fmt: skip
ANSWERED: tuple[Fault | Refusal, ...] = ("400", "404 html", "lock_timeout", "409", "500", "503", "502 html")
READ_ALONE = ("subscription", "invoice", "customer", "price", "product", "coupon")


class BadDays:
    """Troubles of `server`: at most one at a time begins, and each passes after some polls."""

    def __init__(self, server: StripeServer, seed: int) -> None:
        self._server, self._dice = server, Random(seed)
        self._left = 0
        self.seen: Counter[Trouble] = Counter()

    def begin(self) -> None:
        """Before a poll."""
        if self._left:
            self._left -= 1
            return
        self.end()
        if self._dice.random() < 0.4:
            trouble = self._dice.choice(TROUBLES)
            self.seen[trouble] += 1
            self._left = self._start(trouble)

    def end(self) -> None:
        """Everything is well again."""
        server = self._server
        server.faults.clear()
        server.faults.largest_page, server.faults.poisoned = {}, {}
        server.denied, server.down = set(), False
        self._left = 0

    def _start(self, trouble: Trouble) -> int:
        """How many polls it lasts beyond the next."""
        server, dice = self._server, self._dice
        faults, always = server.faults, 1_000_000
        path = PATHS[dice.choice((*MAY_BE_MISSING, "subscription", "price"))]
        if trouble == "passing faults":
            faults.at_random(dice.choice((0.1, 0.3)), dice.randrange(1_000_000), PASSING)
            return dice.randint(0, 3)
        if trouble == "slow once":
            faults.plan("timeout", path)
        elif trouble == "key refused":
            faults.plan("401", dice.choice(("/v1/", path)), always)
        elif trouble == "down":
            server.down = True
        elif trouble == "a list refused":
            faults.plan(dice.choice(LASTING), path, always)
        elif trouble == "an object refused":
            kind, name = self._any_object()
            faults.plan(dice.choice(LASTING), f"{PATHS[kind]}/{name}", always)
            return dice.randint(0, 6)
        elif trouble == "an object refused in lists too":
            _, name = self._any_object()
            faults.poisoned = {name: dice.choice(ANSWERED)}
            return dice.randint(0, 6)
        elif trouble == "permission taken":
            server.denied = {dice.choice(MAY_BE_MISSING)}
            return dice.randint(0, 4)
        else:
            faults.largest_page = {
                path: (dice.choice((1, 2, 5)), dice.choice(("truncated", "not json", "500")))
            }
            return dice.randint(0, 3)
        return dice.randint(0, 1)

    def _any_object(self) -> tuple[str, str]:
        kind = self._dice.choice(READ_ALONE)
        wanted = {"status": "all"} if kind == "subscription" else {}
        known = [body["id"] for body in self._server.account.every(kind, **wanted)]
        return kind, self._dice.choice(known or ["none"])
