"""What a message says, and what of it a reader is told who is told no amounts."""

from typing import NamedTuple

from eqho.metrics.week import Words, plain_words


class Message(NamedTuple):
    """`key` names what it is about: of one key one message goes out. `at`: when that happened, UTC seconds of
    the data's clock; a destination gets only what happened since it was set up. `page` is the address of
    the page that says more. `plain` are the lines without amounts."""

    key: str
    at: int
    title: str
    lines: tuple[str, ...]
    plain: tuple[str, ...]
    page: str

    def text(self, *, amounts: bool, public_url: str | None) -> str:
        lines = list(self.lines if amounts else self.plain)
        if public_url:
            lines.append(f"{public_url}/{self.page}")
        return "\n".join(lines)


def both_words(currency: str) -> tuple[Words, Words]:
    """With amounts and without."""
    return plain_words(currency), plain_words(currency, amounts=False)


def money(amount: float, currency: str, *, signed: bool = False) -> str:
    words = plain_words(currency)
    assert words.money is not None
    return words.money(amount, signed)
