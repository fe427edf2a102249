"""What goes wrong between us and Stripe, and what a key may not do."""

import socket
from typing import Any

import pytest
import stripe as sdk

from eqho.sources.base import KeyRefused, ObjectUnreadable, SourceDenied, SourceError, pages
from eqho.sources.stripe.client import TIMEOUT, ReadOnlyTransport
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from tests.services.fake_time import FakeTime
from tests.services.plain_account import DAY, NOW, product
from tests.services.stripe_faults import Fault, Refusal
from tests.services.stripe_server import KEY, StripeServer, stripe_server
from tests.sources.stripe.patient import Patient, ids, source

LIVE_KEY = "rk_" + "live_51EqhoMetricsTestsOnlyWXYZ"  # split: it looks like a key to scanners

CUT = "cuts its answer short: check the network and any proxy in between, and try again later."
LOCKED = "answers with status 429 (lock_timeout): another request holds it; try again later."
NOT_STRIPE = (
    "and nothing that Stripe would send: check STRIPE_API_BASE, if it is set, and any proxy in between."
)

# Faults


@pytest.mark.parametrize(
    "fault", ["429", "429 retry-after", "409", "500", "503", "502 html", "truncated", "not json", "reset"]
)
def test_a_fault_that_passes_is_not_noticed(stripe: StripeServer, fault: Fault) -> None:
    stripe.faults.plan(fault, times=2)
    assert len(ids(source(stripe), "customer")) == 250
    assert stripe.faults.seen[fault] == 2


def test_a_time_out_is_tried_again(stripe: StripeServer) -> None:
    stripe.faults.plan("timeout")
    assert len(ids(Patient(stripe, read_timeout=0.2).source, "customer")) == 250


def test_retry_after_is_obeyed_and_the_rate_halved(stripe: StripeServer) -> None:
    patient = Patient(stripe)
    stripe.faults.plan("429 retry-after")
    next(pages(patient.source, "product", NOW))
    assert max(patient.time.slept) == 1.5
    assert 500 <= patient.source.rate < 530


def test_stripe_should_retry_is_obeyed(stripe: StripeServer) -> None:
    stripe.extra_headers = {"Stripe-Should-Retry": "false"}
    stripe.faults.plan("500")
    with pytest.raises(SourceError, match="status 500"):
        source(stripe).retrieve("product", "prod_1")
    assert len(stripe.requests) == 1


def test_a_page_that_is_not_to_be_asked_for_again_is_asked_for_in_another_size(stripe: StripeServer) -> None:
    stripe.extra_headers = {"Stripe-Should-Retry": "false"}
    stripe.faults.plan("500")
    assert len(ids(source(stripe), "customer")) == 250
    assert _sizes(stripe)[:3] == [100, 50, 50]


def test_a_page_that_repeats_once_is_asked_for_again(stripe: StripeServer) -> None:
    reader = source(stripe)
    coming = pages(reader, "customer", NOW)
    next(coming)
    stripe.faults.plan("repeat")
    assert [len(page.objects) for page in coming] == [100, 50]
    assert len(stripe.requests) == 4


def test_a_page_that_repeats_for_ever_is_an_error_not_an_endless_loop(stripe: StripeServer) -> None:
    coming = pages(source(stripe), "customer", NOW)
    next(coming)
    stripe.faults.plan("repeat", times=99)
    with pytest.raises(SourceError, match="repeats a page of customers instead of going on; try again later"):
        next(coming)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("not json", "sent an answer that is not JSON; try again later."),
        ("truncated", CUT),
        ("500", "answers with status 500; try again later."),
        ("502 html", "answers with status 502; try again later."),
        ("429", "limits the requests of this account; try again later."),
    ],
)
def test_a_fault_that_stays_is_one_sentence_with_the_list_and_without_the_body(
    stripe: StripeServer, fault: Fault, sentence: str
) -> None:
    stripe.faults.plan(fault, times=99)
    with pytest.raises(SourceError) as raised:
        next(pages(source(stripe), "customer", NOW))
    assert (
        str(raised.value) == f"Stripe (127.0.0.1:{stripe.port}), asked for the list of customers, {sentence}"
    )
    assert raised.value.__cause__ is None


# Pages that are too large


def _sizes(stripe: StripeServer) -> list[int]:
    return [int(request.query["limit"]) for request in stripe.requests]


@pytest.mark.parametrize("fate", ["truncated", "not json", "silent", "500", "502 html"])
def test_a_page_that_does_not_arrive_is_asked_for_in_halves_and_every_object_comes_once(
    stripe: StripeServer, fate: Fault | Refusal
) -> None:
    """250 customers of which at most 50 come at a time."""
    stripe.faults.largest_page = {"/v1/customers": (50, fate)}
    found = ids(Patient(stripe, read_timeout=0.2).source, "customer")
    assert sorted(found) == [f"cus_{n:06}" for n in range(250)]
    assert [size for size in _sizes(stripe) if size <= 50] == [50, 50, 50, 50, 50]
    # Larger ones are tried again after two that arrived, then after four.
    assert len(_sizes(stripe)) <= 9


def test_the_size_is_halved_down_to_one_and_grows_again(stripe: StripeServer) -> None:
    stripe.faults.largest_page = {"/v1/invoices": (1, "truncated")}
    reader = source(stripe)
    coming = pages(reader, "invoice", NOW)
    assert [len(next(coming).objects) for _ in range(2)] == [1, 1]
    assert _sizes(stripe) == [100, 50, 25, 12, 6, 3, 1, 1]
    stripe.faults.largest_page = {}
    rest = [len(page.objects) for page in coming]
    assert rest == [2, 2, 4, 4, 8, 8, 16, 16, 32, 32, 64, 64, 100, 100, 46]
    # Another list is not concerned.
    assert len(next(pages(reader, "customer", NOW)).objects) == 100


def test_a_list_that_is_silent_even_for_one_object_says_so_by_name(stripe: StripeServer) -> None:
    stripe.faults.largest_page = {"/v1/invoices": (0, "silent")}
    with pytest.raises(SourceError) as raised:
        next(pages(Patient(stripe, read_timeout=0.05).source, "invoice", NOW))
    assert str(raised.value) == (
        f"Stripe (127.0.0.1:{stripe.port}), asked for the list of invoices, is too slow: it was silent for "
        "0.05 s before all of the answer was there; try again later."
    )


def test_an_answer_may_be_as_slow_as_the_sdk_permits() -> None:
    assert TIMEOUT[1] >= 80


# Single objects that cannot be had


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("500", "answers with status 500; try again later."),
        ("truncated", CUT),
        ("not json", "sent an answer that is not JSON; try again later."),
        ("409", "answers with status 409; try again later."),
        (
            "lock_timeout",
            "answers with status 429 (lock_timeout): another request holds it; try again later.",
        ),
        ("400", "refuses with status 400: This object is not supported by your API version."),
        ("404 html", f"answers with status 404 {NOT_STRIPE}"),
        ("403 html", f"answers with status 403 {NOT_STRIPE}"),
    ],
)
def test_an_object_that_cannot_be_had_is_named_with_the_cause(
    stripe: StripeServer, fault: Fault | Refusal, sentence: str
) -> None:
    """Above all it is not taken for an object that is gone."""
    stripe.faults.plan(fault, "/v1/customers/cus_000007", times=99)
    patient = Patient(stripe)
    with pytest.raises(ObjectUnreadable) as raised:
        patient.source.retrieve("customer", "cus_000007")
    assert str(raised.value) == (
        f"Stripe (127.0.0.1:{stripe.port}), asked for customers/cus_000007, {sentence}"
    )
    assert patient.time.now < 20
    assert patient.source.rate == 1_000


def test_an_unreachable_stripe_names_the_host_within_twenty_seconds() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    time = FakeTime()
    reader = StripeSource(
        KEY, f"http://127.0.0.1:{port}", retries=RetryPolicy(clock=time.clock, sleep=time.sleep)
    )
    with pytest.raises(SourceError, match=rf"Stripe \(127.0.0.1:{port}\) does not answer: check the network"):
        reader.check()
    assert time.now < 20


# Keys


def test_a_wrong_key_is_refused_by_its_last_four_characters_only(stripe: StripeServer) -> None:
    key = "rk_test_51ThisKeyMustNotBeShownA1b2"
    with pytest.raises(KeyRefused) as raised:
        source(stripe, key).check()
    assert str(raised.value) == (
        "Stripe refuses the key ending in A1b2: set STRIPE_SECRET_KEY to a valid restricted key (rk_…) of "
        "your account."
    )
    assert "MustNotBeShown" not in repr(raised.value)
    assert len(stripe.requests) == 1


def test_a_publishable_key_is_refused_before_any_request(stripe: StripeServer) -> None:
    with pytest.raises(KeyRefused, match="publishable key"):
        source(stripe, "pk_test_123456789012345")
    assert stripe.requests == []


def test_a_complete_key_has_no_issues_and_is_probed_once_a_day(stripe: StripeServer) -> None:
    patient = Patient(stripe)
    assert patient.source.check() == []
    assert len(stripe.requests) == 12
    assert {request.query["limit"] for request in stripe.requests} == {"1"}
    patient.wall[0] += DAY - 1
    patient.source.check()
    assert len(stripe.requests) == 12
    patient.wall[0] += 1
    patient.source.check()
    assert len(stripe.requests) == 24


def test_a_missing_permission_names_itself_and_what_is_lost(stripe: StripeServer) -> None:
    stripe.denied = {"credit_note", "event"}
    found = source(stripe).check()
    assert [(issue.code, issue.subjects) for issue in found] == [
        ("missing_permission", ("credit_note",)),
        ("missing_permission", ("event",)),
    ]
    assert found[0].message == (
        "Stripe does not let the key ending in _key read Credit notes: give it the permission "
        "rak_credit_note_read, as Stripe calls it (“Credit notes: Read” in Stripe's dashboard under "
        "Developers → API keys). Until then missing: credit notes in cash."
    )


def test_the_permission_is_the_one_that_stripe_names(stripe: StripeServer) -> None:
    """A key may read invoices and not the items that wait for the next one."""
    stripe.denied = {"invoiceitem"}
    message = source(stripe).check()[0].message
    assert (
        "give it the permission rak_invoice_item_read, as Stripe calls it (“Invoice items: Read”" in message
    )


def test_a_refusal_without_a_permission_is_told_in_stripes_own_words(stripe: StripeServer) -> None:
    stripe.faults.plan("403", "/v1/refunds", times=99)
    assert "and says: “This account may not be read from this address.”" in source(stripe).check()[0].message


def test_a_proxy_that_forbids_is_not_taken_for_a_missing_permission(stripe: StripeServer) -> None:
    stripe.faults.plan("403 html", "/v1/refunds", times=99)
    reader = source(stripe)
    assert reader.check() == []
    with pytest.raises(ObjectUnreadable, match="status 403 and nothing that Stripe would send"):
        next(pages(reader, "refund", NOW))


def test_without_an_answer_of_the_subscriptions_the_check_says_so(stripe: StripeServer) -> None:
    stripe.faults.plan("500", "/v1/subscriptions", times=99)
    with pytest.raises(
        ObjectUnreadable, match="asked for the list of subscriptions, answers with status 500"
    ):
        source(stripe).check()


def test_a_permission_granted_later_is_found_within_the_hour(stripe: StripeServer) -> None:
    stripe.denied = {"refund"}
    patient = Patient(stripe)
    assert len(patient.source.check()) == 1
    stripe.denied = set()
    patient.wall[0] += 3_600
    assert patient.source.check() == []


@pytest.mark.parametrize(("kind", "permission"), [("subscription", "Subscriptions"), ("price", "Prices")])
def test_without_subscriptions_or_prices_there_is_nothing_to_show(
    stripe: StripeServer, kind: str, permission: str
) -> None:
    stripe.denied = {kind}
    with pytest.raises(SourceDenied, match=f"read {permission}: give it the permission rak_[a-z]+_read"):
        source(stripe).check()


def test_a_full_secret_key_of_live_mode_works_and_is_warned_of() -> None:
    with stripe_server(_one_product(), key=LIVE_KEY.replace("rk_", "sk_")) as server:
        found = source(server, server.key).check()
        assert [issue.code for issue in found] == ["powerful_key"]
    with stripe_server(_one_product(), key=LIVE_KEY) as server:
        assert source(server, LIVE_KEY).check() == []


def test_objects_of_the_other_mode_are_refused(stripe: StripeServer) -> None:
    stripe.key = LIVE_KEY
    stripe.livemode = False
    with pytest.raises(SourceError, match="answered a live-mode key with test-mode objects"):
        source(stripe, LIVE_KEY).check()


def test_live_keys_get_fifteen_requests_a_second_and_test_keys_eight(stripe: StripeServer) -> None:
    assert StripeSource(LIVE_KEY, stripe.url).rate == 15.0
    assert StripeSource(KEY, stripe.url).rate == 8.0


# Reading only


@pytest.mark.parametrize("verb", ["post", "delete", "POST", "put"])
def test_nothing_but_get_leaves_the_machine(stripe: StripeServer, verb: str) -> None:
    client = sdk.StripeClient(
        KEY, base_addresses={"api": stripe.url}, http_client=ReadOnlyTransport(timeout=5)
    )
    with pytest.raises(PermissionError, match=f"{verb.upper()} is not allowed"):
        client.raw_request(verb.lower(), "/v1/customers") if verb != "put" else _put(client)
    assert stripe.requests == []


def _put(client: Any) -> None:
    ReadOnlyTransport(timeout=5).request("put", "http://127.0.0.1:1/v1/customers", {})


def _one_product() -> Any:
    from eqho.stripe_simulator.account import StripeAccount

    account = StripeAccount(now=NOW)
    account.put("product", product())
    return account
