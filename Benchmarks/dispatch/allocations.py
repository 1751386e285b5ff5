#!/usr/bin/env python3
"""The allocations gate: the master of `plumb serve` hands over connections without allocating memory for any of them.

Counts the master's allocations (allocations.c, preloaded) over 20,000 short connections after a warm-up of 2,000.
"""
from __future__ import annotations

import socket, sys, tempfile
from pathlib import Path

from harness import (ANSWER_DEADLINE, BODY, HOST, PATH, Failure, Parser, Server, Skipped, clean_up_on_signals,
                     compile_c, end_orphans, find_plumb, ports)

WARM_UP, CONNECTIONS = 2_000, 20_000
AT_ONCE = 32  # In flight together, as in the comparisons: a master that waits for each one would be another one.
FEWER_THAN = 20  # Timers and the like may allocate; a connection may not.
REQUEST = f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()


def connect(port: int, count: int) -> None:
    """Makes exactly `count` short connections, each of which must be answered."""
    for start in range(0, count, AT_ONCE):
        batch = [socket.create_connection((HOST, port), timeout=ANSWER_DEADLINE)
                 for _ in range(min(AT_ONCE, count - start))]
        for connection in batch:
            connection.sendall(REQUEST)
        for connection in batch:
            with connection:
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
            if not answer.endswith(b"\r\n\r\n" + BODY):
                raise Failure(f"a connection was answered {answer!r}")


def read_counter(directory: Path, pid: int) -> int:
    try:
        return int.from_bytes((directory / str(pid)).read_bytes(), sys.byteorder)
    except FileNotFoundError:
        raise Failure("the counter was not loaded into plumb: a statically linked plumb cannot be counted") from None


def run(options) -> int:
    with tempfile.TemporaryDirectory(prefix="plumb-allocations-") as name:
        directory = Path(name)
        plumb, port = find_plumb(options.plumb), next(ports())
        counter = compile_c("allocations.c", directory, "-shared", "-fPIC")
        worker = compile_c("accept-and-pass.c", directory)
        command = [plumb, "serve", "--listen", f"{HOST}:{port}", "--workers", 2, "--", worker, "worker"]
        counting = {"LD_PRELOAD": str(counter), "ALLOCATIONS_DIRECTORY": str(directory)}
        with Server("plumb serve", [str(part) for part in command], port, directory, **counting) as server:
            connect(port, WARM_UP)
            before = read_counter(directory, server.process.pid)
            connect(port, CONNECTIONS)
            allocations = read_counter(directory, server.process.pid) - before
    met = allocations < FEWER_THAN
    print(f"allocations of the master: {before:,} until {WARM_UP:,} connections were served, "
          f"{allocations:,} for {CONNECTIONS:,} more ({allocations / CONNECTIONS:.4f} a connection)\n"
          f"fewer than {FEWER_THAN}: {'met' if met else 'not met'}")
    return 0 if met else 1


def main() -> int:
    parser = Parser(description=__doc__)
    parser.add_argument("--plumb", metavar="PATH", help="a built plumb (otherwise a release build is made)")
    options = parser.parse_args()
    clean_up_on_signals()
    try:
        return run(options)
    except (Failure, Skipped, OSError) as failure:
        print(f"allocations.py: {failure}", file=sys.stderr)
        return 1
    finally:
        end_orphans(grace=0)


if __name__ == "__main__":
    sys.exit(main())
