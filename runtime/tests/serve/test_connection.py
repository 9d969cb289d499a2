"""Connections to the real HTTP server, with requests that a client library would not send."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from serve.test_gateway import Backend, host_of
from slipway_runtime.http import connection
from slipway_runtime.http.server import listen, make_server

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def serve(talk: Talk) -> None:
    async def run() -> None:
        host = host_of(Backend())
        listener = listen("127.0.0.1", 0)
        server = make_server(host.gateway)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            await asyncio.wait_for(talk(reader, writer), 60)
        finally:
            writer.close()
            server.should_exit = True
            await serving

    asyncio.run(run())


def status(head: bytes) -> int:
    return int(head.split(b" ")[1])


def test_headers_without_an_end_are_refused() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + 17 * (b"x-more: " + b"y" * 4096 + b"\r\n"))
        assert status(await reader.read()) == 431

    serve(talk)


def test_a_header_of_32_kib_is_taken() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nx-long: " + b"y" * 32768 + b"\r\n\r\n")
        assert status(await reader.readline()) == 200

    serve(talk)


def test_headers_that_come_too_slowly_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nHost: ")
        assert status(await reader.read()) == 408

    serve(talk)


def test_a_connection_without_a_request_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "KEEP_ALIVE_SECONDS", 0.1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.read() == b""

    serve(talk)


def test_one_connection_takes_several_requests() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
            head = await reader.readuntil(b"\r\n\r\n")
            assert (status(head), await reader.readexactly(2)) == (200, b"hi")

    serve(talk)


@pytest.mark.parametrize(
    "request_head",
    [
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \xb2\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost : x\r\n\r\n",
    ],
)
def test_a_request_whose_end_is_not_clear_is_refused(request_head: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request_head + b"hiPOST /echo HTTP/1.1\r\n\r\n")
        answer = await reader.read()
        assert (status(answer), answer.count(b"HTTP/1.1 ")) == (400, 1)

    serve(talk)
