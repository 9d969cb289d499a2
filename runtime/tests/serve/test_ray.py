"""A Ray leader and a worker on loopback: real processes, no model."""

import asyncio
import socket
from pathlib import Path

from ports import free_port
from serve.serverprocess import ServerProcess
from slipway_runtime.config.serve import RaySection
from slipway_runtime.engine.vllm.ray_group import Leader, Worker, count_nodes, is_reachable


def test_a_leader_waits_for_its_worker_and_a_worker_ends_with_its_leader() -> None:
    settings = RaySection(cluster_size=2, port=free_port())
    address = settings.leader({"LWS_LEADER_ADDRESS": socket.gethostbyname(socket.gethostname())})

    async def scenario() -> None:
        leader, worker = Leader(settings), Worker(f"{address}:{settings.port}")
        try:
            # A leader that ends says why; the worker alone would wait for it for half an hour.
            starting = {asyncio.ensure_future(member.start()) for member in (leader, worker)}
            done, _ = await asyncio.wait(starting, timeout=400, return_when=asyncio.FIRST_EXCEPTION)
            for member in done:
                member.result()
            assert done == starting
            assert await count_nodes(leader.address) == 2
            await leader.end()
            assert not await is_reachable("127.0.0.1", settings.port)
            assert "exit code" in await asyncio.wait_for(worker.wait(), 300)
        finally:
            await worker.end()
            await leader.end()

    asyncio.run(scenario())


def test_a_worker_without_a_leader_lets_a_rollout_go_on_to_the_leader(tmp_path: Path) -> None:
    config = {
        "runtime": {"backend": "vllm", "model": "/workspace/weights"},
        "ray": {"cluster_size": 2, "leader_address": "127.0.0.1", "port": free_port()},
    }
    worker = ServerProcess(tmp_path, config, {"POD_INDEX": "1"})
    try:
        worker.wait_ready()
        assert worker.status("/startupz") == 200
        assert worker.get("/livez").json()["phase"] == "loading"
        assert worker.status("/health") == 503
        refused = worker.post("/v1/completions", {"prompt": "a"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_ready")
    finally:
        assert worker.stop() == 0


def test_nothing_listens_is_not_reachable() -> None:
    assert asyncio.run(is_reachable("127.0.0.1", free_port(), 0.5)) is False
