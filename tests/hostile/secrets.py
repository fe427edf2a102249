"""Secrets that are planted in every setting that holds one, and in what Stripe stores beside a name."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

# In parts: they are nobody's, but what looks for keys in a repository could not know.
STRIPE_KEY = "sk_" + "live_" + "51PlantedStripeKeyQwErTy"
WEBHOOK = "whsec_" + "PlantedWebhookZxCvBn"
MONGO_PASSWORD = "plantedMongoPasswordYuIoP"
API_TOKEN = "pL4nt3d-Tk9xQ2mHjKlMw5Zr"
ALERTS_PASSWORD = "plantedAlertsPasswordDfGhJ"


def _part_of_token(text: bytes) -> str:
    return urlsafe_b64encode(text).decode().rstrip("=")


_HEADER = _part_of_token(b'{"alg":"HS256"}')
_ROLE = _part_of_token(b'{"role":"service_role","ref":"plantedproject"}')
SERVICE_ROLE = f"{_HEADER}.{_ROLE}.plantedSignatureRtYuIoP"
IN_METADATA = "plantedMetadataOfACustomer"
IN_ADDRESS = "plantedStreetOfACustomer"

_ENDS = 4
"""So much of its end may be told of a key, to say which one."""
_WINDOW = 9
_HARMLESS = ("sk_" + "live_", "whsec_", f"{_HEADER}.")

SETTINGS: Mapping[str, str] = {
    "STRIPE_SECRET_KEY": STRIPE_KEY,
    "STRIPE_WEBHOOK_SECRET": WEBHOOK,
    "SUPABASE_URL": "https://plantedproject.supabase.co",
    "SUPABASE_KEY": SERVICE_ROLE,
    "EQHO_API_TOKEN": API_TOKEN,
}


def _windows(secret: str) -> set[str]:
    for beginning in _HARMLESS:
        secret = secret.removeprefix(beginning)
    secret = secret[:-_ENDS]
    return {secret[i : i + _WINDOW] for i in range(len(secret) - _WINDOW + 1)}


_PIECES = {
    name: sorted(piece.encode() for piece in _windows(secret))
    for name, secret in {
        "the key of Stripe": STRIPE_KEY,
        "the webhook's secret": WEBHOOK,
        "the password of MongoDB": MONGO_PASSWORD,
        "the token of the API": API_TOKEN,
        "the password of a destination": ALERTS_PASSWORD,
        "the key of Supabase": SERVICE_ROLE,
        "metadata of a customer": IN_METADATA,
        "the address of a customer": IN_ADDRESS,
    }.items()
}


def told(output: bytes | str) -> list[str]:
    """Which secrets a piece of output tells nine characters of."""
    found = output.encode("utf-8", "surrogatepass") if isinstance(output, str) else output
    return [name for name, pieces in _PIECES.items() if any(piece in found for piece in pieces)]
