"""Why weights cannot be had."""


class WeightsError(Exception):
    """The weights cannot be had; the message says what to do."""


class WeightsRefused(WeightsError):
    """The hub says no: to the name, the revision, or the token. Trying again does not help."""
