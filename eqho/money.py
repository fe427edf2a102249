"""Money: minor units, the exact interval factor, and the scale in which MRR is summed.

MRR is an int64 in 1/10 000 of the currency's minor unit, rounded once per span; every other number is a sum
of these integers.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import cache

from babel import Locale

MRR_SCALE = 10_000

# Stripe's own list, which differs from ISO 4217 where a currency's subunit went out of use:
# ISK and UGX are charged with two digits.
_ZERO_DECIMAL = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
_THREE_DECIMAL = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))

_MONTHLY = {
    "month": Fraction(1),
    "year": Fraction(1, 12),
    "week": Fraction(52, 12),
    "day": Fraction(365, 12),
}


@cache
def known_currencies() -> frozenset[str]:
    """Lower-case codes of every currency that has a name."""
    return frozenset(str(code).lower() for code in Locale("en").currencies)


def minor_digits(currency: str) -> int:
    """Digits after the point: 0 for JPY, 3 for KWD, else 2."""
    code = currency.lower()
    if code in _ZERO_DECIMAL:
        return 0
    return 3 if code in _THREE_DECIMAL else 2


def interval_factor(interval: str, count: int) -> Fraction:
    """What turns an amount per `count` intervals into an amount per month. KeyError on another interval."""
    return _MONTHLY[interval] / count


def scaled(minor: Fraction | Decimal | int, factor: Fraction = Fraction(1)) -> int:
    """Minor units times `factor` to MRR units, rounded once, half to even."""
    # As round(minor * factor * MRR_SCALE), without reducing what is rounded anyway.
    numerator, denominator = minor.as_integer_ratio()
    numerator *= factor.numerator * MRR_SCALE
    denominator *= factor.denominator
    whole, rest = divmod(numerator, denominator)
    up = 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
    return whole + 1 if up else whole


def major(units: int, currency: str) -> float:
    """MRR units to major units, rounded to the currency's digits: the only rounding people see."""
    digits = minor_digits(currency)
    exact = Decimal(int(units)) / (MRR_SCALE * 10**digits)
    return float(exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN))
