"""Holds the daemon up in every way that takes memory, one after the other, from inside the machine; prints the name of each."""
import socket
import sys
import time

SOCKET = "/run/reviewd/reviewd.sock"
HEAD = "HTTP/1.1\r\nhost: l\r\n"


def connect(request):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(0.3)
    try:
        connection.connect(SOCKET)
        connection.sendall(request)
    except OSError:
        # Refused or closed to make room: as it should be.
        pass
    return connection


def post(path, body, missing=0):
    return f"POST {path} {HEAD}content-length: {len(body) + missing}\r\n\r\n".encode() + body


def lines(service):
    line = '{"time":"2026-01-05T10:00:00Z","service":"%s","indicator":"availability","value":99}\n'
    return "".join(line % service(i) for i in range(170_000)).encode()[: 16 << 20].rsplit(b"\n", 1)[0]


def attacks():
    replay = b'{"from":"2006-01-01T00:00:00Z","to":"2026-01-01T00:00:00Z","assume_completed":"due"}'
    yield "half requests", [f"POST /v1/events {HEAD}content-le".encode()] * 2000
    yield "bodies of 16 MiB without their last byte", [post("/v1/samples", lines(lambda i: "a1"), 1)] * 40
    yield "whole bodies of 16 MiB", [post("/v1/samples", lines(lambda i: f"a{i % 2000 + 1}"))] * 6
    yield "misspelt services", [post("/v1/samples", lines(lambda i: f"ab{i}"))] * 2
    yield "readers of all services who stall", [f"GET /v1/services {HEAD}\r\n".encode()] * 60
    yield "readers of forecasts who stall", [f"GET /v1/forecast?through=2034-01-01T00:00:00Z {HEAD}\r\n".encode()] * 90
    yield "replays of twenty years", [post("/v1/replay", replay)] * 20
    yield "backups that stall", [f"GET /v1/backup {HEAD}\r\n".encode()] * 60


for name, requests in attacks():
    held = [connect(request) for request in requests]
    time.sleep(6)
    for connection in held:
        connection.close()
    print(f"{name} ×{len(requests)}", file=sys.stdout, flush=True)
