"""Ids that look like Stripe's and are always the same for the same seed."""

from collections import Counter
from hashlib import blake2b

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(digits)


class Ids:
    """One counter for each prefix, so that one more invoice does not rename the next customer."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counts: Counter[str] = Counter()

    def new(self, prefix: str) -> str:
        """`new("cus")` → `cus_` and 14 characters."""
        self._counts[prefix] += 1
        key = f"{self._seed}:{prefix}:{self._counts[prefix]}".encode()
        return f"{prefix}_{_base62(int.from_bytes(blake2b(key, digest_size=12).digest()), 14)}"
