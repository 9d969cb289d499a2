"""The official OpenAI client for Node against both backends."""

import json
import subprocess
from pathlib import Path

from serve.serverprocess import ServerProcess

SCRIPT = Path(__file__).parent / "openai_client.mjs"


def test_the_node_client_lists_streams_and_cancels(server: ServerProcess) -> None:
    done = subprocess.run(["node", str(SCRIPT), server.url], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["models"] == ["tiny", "also-tiny", "none", "half", "full"]
    assert seen["whole"]
    assert seen["streamed"] == seen["whole"]
    assert seen["usage"]["completion_tokens"] == 16
    assert seen["status"] == 404
    assert 3 <= seen["parts"] < 480
