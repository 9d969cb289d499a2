"""OCI registry client: references, credentials, verified downloads, deterministic layers.

Built on ``requests`` and not on oras-py: oras-py 0.2.43 checks no digest, reads a whole blob into
memory to upload it, cannot resume, keeps an expired token, and waits two minutes on a wrong password.
"""
