"""The line between the supervisor and the front inside vLLM: JSON objects over a socket pair."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any


class Channel:
    """Sends and receives messages. The end of the other process ends the stream of messages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, connection: socket.socket) -> "Channel":
        """The channel over one end of a socket pair."""
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        return cls(reader, writer)

    async def send(self, **message: Any) -> None:
        """Send one message; nothing happens if the other side has gone."""
        with contextlib.suppress(ConnectionError):
            self._writer.write(json.dumps(message).encode() + b"\n")
            await self._writer.drain()

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """The messages of the other side, until it has gone."""
        while True:
            try:
                line = await self._reader.readline()
            except ConnectionError:
                return
            if not line:
                return
            yield json.loads(line)

    def close(self) -> None:
        """Close this end."""
        self._writer.close()
