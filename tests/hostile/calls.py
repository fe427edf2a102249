"""Every call that the API's own description allows, with arguments that lead to an answer.

A new operation is called without a word here, unless it wants an argument or a body that nobody has named:
then the test says which.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.hostile.names import NAMES

CUSTOMER = "cus_hostile000"
VALUES: Mapping[str, Sequence[Any]] = {
    "product": ["all-products"],
    "customer": [CUSTOMER],
    "period": ["2026-11"],
    "start": ["2026-10-31"],
    "end": ["2026-11-22"],
    "metrics": [["mrr"]],
}
"""By parameter: what is known to be there."""

EXPORT = "customer email,mrr\n" + "".join(
    f'"{name.replace(chr(34), chr(34) * 2)}",{n}.00\n' for n, name in enumerate(NAMES) if "\x00" not in name
)
FILES = {"file": ("<img src=x>.csv", EXPORT.encode("utf-8", "replace"), "text/csv")}
FORM = {"month": "2026-11"}


class Call(NamedTuple):
    verb: str
    path: str
    query: Mapping[str, Any]
    accept: str
    body: Mapping[str, Any]
    """What httpx is given beside."""


def calls(document: Mapping[str, Any]) -> Iterator[Call]:
    """One of each operation that anybody may ask for, and kind of answer; what is cleared comes last."""
    found = []
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            given = operation.get("parameters", [])
            if any(p["in"] == "header" and p.get("required") for p in given):
                continue  # Stripe alone can sign what it sends: tests/api/test_webhook.py
            inside = {p["name"]: value_of(p["name"], p["schema"]) for p in given if p["in"] == "path"}
            query = {
                p["name"]: value_of(p["name"], p["schema"])
                for p in given
                if p["in"] == "query" and p.get("required")
            }
            body = body_of(verb, path, operation)
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    found += [
                        Call(verb, path.format(**inside), query, accept, body)
                        for accept in answer.get("content", {"*/*": None})
                    ]
    yield from sorted(found, key=lambda call: "clear" in call.path)


def value_of(name: str, schema: Mapping[str, Any]) -> Any:
    """A value of a parameter, or of an argument of a tool."""
    if name in VALUES:
        return VALUES[name][0]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    if "default" in schema:
        return schema["default"]
    raise AssertionError(f"say in VALUES what {name} may be: {schema}")


def body_of(verb: str, path: str, operation: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in kinds:
        return {"files": FILES, "data": FORM}
    if "application/json" in kinds:
        assert path in ROWS, f"say in ROWS what {verb} {path} is given"
        return {"json": ROWS[path], "headers": {"If-Match": "*"}}
    return {}


# A category may not begin like a formula and has at most 60 characters: of the others each is tried.
SPEND = [
    {"month": month, "category": f"{n} {name}"[:60], "amount": 10.5, "currency": "USD", "product": None}
    for n, name in enumerate(NAMES)
    for month in ("2026-10", "2026-11")
]
ROWS: Mapping[str, Any] = {
    "/spend": SPEND,
    "/margins": [{"month": "2026-10", "product": "towpilot", "gross_margin": 0.8}],
    "/fx": [{"date": "2026-10-31", "currency": "EUR", "rate": 0.9}],
    "/goals": [{"metric": "mrr", "product": "towpilot", "period": "2026-12", "target": 100000}],
}
