"""How `fetch` and `push` fail, and with which exit code."""

EXIT_CONFIG = 2
"""Arguments or credentials files are wrong; nothing was transferred."""
EXIT_SOURCE = 3
"""What was asked for is not there, not allowed or not what was promised; trying again does not help."""
EXIT_UNAVAILABLE = 75
"""Network or server failed after all retries (EX_TEMPFAIL of sysexits.h); trying again may help."""
EXIT_TRAINING = 5
"""`push` saw the failure marker of the tuning program and pushed nothing."""


class TransferError(Exception):
    """A transfer that ended; ``exit_code`` says whether another try makes sense."""

    def __init__(self, message: str, exit_code: int = EXIT_SOURCE) -> None:
        super().__init__(message)
        self.exit_code = exit_code
