"""The end of a server that still has work."""

import asyncio
import logging

from slipway_runtime.lifecycle import Phase

from .host import Host

log = logging.getLogger(__name__)

#: After the last answer the port stays open for so long, so that requests on their way get a 503 and not a reset.
LINGER_SECONDS = 1.0


async def drain(host: Host) -> bool:
    """Take no new requests and wait for the accepted ones; False if some were left when the time was over."""
    limit = host.settings.server.drain_timeout_seconds
    host.lifecycle.enter(Phase.DRAINING)
    log.info("draining: %d requests are being answered, at most %g s", host.admission.inside, limit)
    try:
        await asyncio.wait_for(host.admission.drained(), limit)
    except TimeoutError:
        log.warning("%d requests were not finished within drain_timeout_seconds and are cut off", host.admission.inside)
        return False
    await asyncio.sleep(min(LINGER_SECONDS, limit))
    log.info("drained")
    return True
