"""Bodies on their way into a store: the short way gives what the long way gives."""

import bson
from hypothesis import given
from hypothesis import strategies as st

from eqho.store.documents import CODEC, is_bson, pack, pack_body, raw_body, seal, unpack_body, unseal

KEYS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["$ref", "$", "a$", "%", "100%", "%24x", "a.b", "nul\0", "id", "", "\x01$", "\x02%"]),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
BODIES = st.dictionaries(KEYS, JSON, max_size=6)


@given(BODIES)
def test_a_body_is_stored_in_mongodb_as_if_each_of_its_values_had_been_looked_at(body: dict) -> None:
    def through_bson(found: object) -> dict:
        return bson.decode(bson.encode({"body": found}), CODEC)["body"]

    assert through_bson(raw_body(body)) == through_bson(seal(body))
    assert unseal(through_bson(raw_body(body))) == body


@given(BODIES)
def test_a_body_comes_back_from_json_as_it_was_and_from_the_bson_of_older_versions(body: dict) -> None:
    assert unpack_body(pack_body(body)) == body
    assert not is_bson(pack_body(body))
    assert unpack_body(pack(body)) == body
