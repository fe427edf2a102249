"""Errors that several rooms raise; each carries one sentence for the reader."""


class NoBuild(Exception):
    """Nothing can be served yet. `sentence` says why and what to do, `progress` how far the first sync is."""

    def __init__(self, sentence: str, progress: dict[str, object]) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.progress = progress


class BadArgument(ValueError):
    """A parameter of a view that cannot be used; the message says what is allowed."""


class NotToldYet(Exception):
    """What needs the past, while that is not read; the message says after what it is told."""


class RefreshFailed(Exception):
    """A refresh that somebody waited for did not work; the message is the sentence that says why."""


class WrittenMeanwhile(Exception):
    """Somebody else has written the list since it was read; the message is the sentence that says so."""
