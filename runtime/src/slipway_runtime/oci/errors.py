"""What can go wrong between this program and a registry."""


class RegistryError(Exception):
    """The registry refused, or what it sent is not what was promised: trying again does not help."""


class RegistryUnavailable(Exception):
    """The registry could not be reached or kept failing after all retries: a later try may succeed."""
