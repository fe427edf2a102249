"""What goes wrong between us and Stripe, and what a key may not do."""

import socket
from typing import Any

import pytest
import stripe as sdk

from eqho.sources.base import SourceDenied, SourceError
from eqho.sources.stripe.client import KeyRefusedError, ReadOnlyTransport
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from tests.services.fake_time import FakeTime
from tests.services.plain_account import DAY, NOW, product
from tests.services.stripe_faults import Fault
from tests.services.stripe_server import KEY, StripeServer, stripe_server
from tests.sources.stripe.patient import Patient, ids, source

LIVE_KEY = "rk_" + "live_51EqhoMetricsTestsOnlyWXYZ"  # split: it looks like a key to scanners


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
    found = next(Patient(stripe, read_timeout=0.2).source.pages("customer", NOW))
    assert len(found.objects) == 100


def test_retry_after_is_obeyed_and_the_rate_halved(stripe: StripeServer) -> None:
    patient = Patient(stripe)
    stripe.faults.plan("429 retry-after")
    next(patient.source.pages("product", NOW))
    assert max(patient.time.slept) == 1.5
    assert 500 <= patient.source.rate < 530


def test_stripe_should_retry_is_obeyed(stripe: StripeServer) -> None:
    stripe.extra_headers = {"Stripe-Should-Retry": "false"}
    stripe.faults.plan("500")
    with pytest.raises(SourceError, match="status 500"):
        next(source(stripe).pages("product", NOW))
    assert len(stripe.requests) == 1


def test_a_page_that_repeats_once_is_asked_for_again(stripe: StripeServer) -> None:
    reader = source(stripe)
    pages = reader.pages("customer", NOW)
    next(pages)
    stripe.faults.plan("repeat")
    assert [len(page.objects) for page in pages] == [100, 50]
    assert len(stripe.requests) == 4


def test_a_page_that_repeats_for_ever_is_an_error_not_an_endless_loop(stripe: StripeServer) -> None:
    pages = source(stripe).pages("customer", NOW)
    next(pages)
    stripe.faults.plan("repeat", times=99)
    with pytest.raises(SourceError, match="repeats a page of customers instead of going on; try again later"):
        next(pages)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("not json", "sent an answer that is not JSON; try again later."),
        ("truncated", "does not answer: check the network, a proxy, and STRIPE_API_BASE if it is set."),
        ("500", "answers with status 500; try again later."),
        ("502 html", "answers with status 502; try again later."),
        ("429", "limits the requests of this account; try again later."),
    ],
)
def test_a_fault_that_stays_is_one_sentence_without_the_body(
    stripe: StripeServer, fault: Fault, sentence: str
) -> None:
    stripe.faults.plan(fault, times=99)
    with pytest.raises(SourceError) as raised:
        next(source(stripe).pages("customer", NOW))
    assert str(raised.value) == f"Stripe (127.0.0.1:{stripe.port}) {sentence}"
    assert raised.value.__cause__ is None


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
    with pytest.raises(SourceDenied) as raised:
        source(stripe, key).check()
    assert str(raised.value) == (
        "Stripe refuses the key ending in A1b2: set STRIPE_SECRET_KEY to a valid restricted key (rk_…) of "
        "your account."
    )
    assert "MustNotBeShown" not in repr(raised.value)
    assert len(stripe.requests) == 1


def test_a_publishable_key_is_refused_before_any_request(stripe: StripeServer) -> None:
    with pytest.raises(KeyRefusedError, match="publishable key"):
        source(stripe, "pk_test_123456789012345")
    assert stripe.requests == []


def test_a_complete_key_has_no_issues_and_is_probed_once_a_day(stripe: StripeServer) -> None:
    patient = Patient(stripe)
    assert patient.source.check() == []
    assert len(stripe.requests) == 11
    assert {request.query["limit"] for request in stripe.requests} == {"1"}
    patient.wall[0] += DAY - 1
    patient.source.check()
    assert len(stripe.requests) == 11
    patient.wall[0] += 1
    patient.source.check()
    assert len(stripe.requests) == 22


def test_a_missing_permission_names_itself_and_what_is_lost(stripe: StripeServer) -> None:
    stripe.denied = {"credit_note", "event"}
    found = source(stripe).check()
    assert [(issue.code, issue.subjects) for issue in found] == [
        ("missing_permission", ("credit_note",)),
        ("missing_permission", ("event",)),
    ]
    assert found[0].message == (
        "Stripe does not let the key ending in _key read Credit notes: give it the permission “Credit notes: "
        "Read” in Stripe's dashboard under Developers → API keys. Until then missing: credit notes in cash."
    )


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
    with pytest.raises(SourceDenied, match=f"read {permission}: give it the permission “{permission}: Read”"):
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
