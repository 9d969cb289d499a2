"""Ray between the nodes of a group: the leader's and the workers' process."""

import asyncio
import logging
import os
import sys
import time
from pathlib import Path

from slipway_runtime.config.serve import RaySection

from .child import Child

log = logging.getLogger(__name__)

#: How long the nodes of a group may differ in starting: an image pull of some ten gigabytes.
JOIN_SECONDS = 1800.0
_POLL_SECONDS = 5.0
_COUNT_SECONDS = 60.0


class RayError(Exception):
    """The group does not come together; the message says what is missing."""


def ray_program() -> str:
    """Ray's command beside our interpreter."""
    return str(Path(sys.executable).with_name("ray"))


async def is_reachable(host: str, port: int, seconds: float = 3.0) -> bool:
    """Whether something accepts connections there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), seconds)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


class Leader:
    """Ray's head. vLLM finds the workers through it."""

    def __init__(self, settings: RaySection) -> None:
        self._settings = settings
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """Where this node's processes find Ray."""
        return f"127.0.0.1:{self._settings.port}"

    async def start(self) -> None:
        """Start the head and wait for the workers.

        Raises RayError if they do not all come in time.
        """
        command = [ray_program(), "start", "--head", f"--port={self._settings.port}"]
        command += ["--block", "--disable-usage-stats", "--include-dashboard=false"]
        self._child = await Child.start(command, ray_environment())
        ended = asyncio.create_task(self._child.wait())
        joined = asyncio.create_task(self._all_joined())
        try:
            await asyncio.wait({ended, joined}, return_when=asyncio.FIRST_COMPLETED)
            if not joined.done():
                raise RayError(f"the Ray leader ended: {ended.result()}")
            joined.result()
        finally:
            ended.cancel()
            joined.cancel()

    async def wait(self) -> str:
        """Wait for the end of the head and say how it ended."""
        assert self._child is not None
        return await self._child.wait()

    async def end(self) -> None:
        """End the head."""
        if self._child is not None:
            await self._child.end()

    async def _all_joined(self) -> None:
        wanted = self._settings.cluster_size
        deadline = time.monotonic() + JOIN_SECONDS
        there = -1
        while time.monotonic() < deadline:
            if await is_reachable("127.0.0.1", self._settings.port):
                now = await count_nodes(self.address)
                if now != there:
                    log.info("%d of %d nodes have joined", now, wanted)
                    there = now
                if there >= wanted:
                    return
            await asyncio.sleep(_POLL_SECONDS)
        raise RayError(
            f"only {max(there, 0)} of {wanted} nodes joined within {JOIN_SECONDS:g} s; see the workers' logs"
        )


class Worker:
    """Ray on a node that only computes; ``address`` is host and port of the leader."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._child: Child | None = None

    async def start(self) -> None:
        """Wait for the leader and join it.

        Raises RayError if it cannot be reached in time.
        """
        host, _, port = self._address.rpartition(":")
        deadline = time.monotonic() + JOIN_SECONDS
        while not await is_reachable(host, int(port)):
            if time.monotonic() > deadline:
                raise RayError(f"the leader {self._address} cannot be reached after {JOIN_SECONDS:g} s")
            await asyncio.sleep(_POLL_SECONDS)
        command = [ray_program(), "start", f"--address={self._address}", "--block", "--disable-usage-stats"]
        self._child = await Child.start(command, ray_environment())

    async def wait(self) -> str:
        """Wait for the end of the process and say how it ended; it ends when the leader does."""
        assert self._child is not None
        return await self._child.wait()

    async def end(self) -> None:
        """Leave the group."""
        if self._child is not None:
            await self._child.end()


def ray_environment() -> dict[str, str]:
    """Ours, without anything sent to Ray's makers."""
    return {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}


async def count_nodes(address: str) -> int:
    """Living nodes; 0 if Ray does not answer. In a process of its own: Ray's client keeps threads and state."""
    program = (
        "import ray,sys;"
        "ray.init(address=sys.argv[1],log_to_driver=False,logging_level=50);"
        "print(sum(node['Alive'] for node in ray.nodes()))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        address,
        env=ray_environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _COUNT_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return 0
    last = output.split()[-1:] or [b""]
    return int(last[0]) if last[0].isdigit() else 0
