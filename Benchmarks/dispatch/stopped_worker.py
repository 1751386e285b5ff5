#!/usr/bin/env python3
"""A worker that stops: how much of its rate the rest keeps while one of two workers is stopped (SIGSTOP).

Each round loads `plumb serve --workers 2 --balance least-connections` with 32 clients that make a connection a request,
counts what each worker takes by `plumb ctl status`, stops one worker in the middle of the load, and counts again. The rest
must keep 80 % of its rate, and the stopped worker may hold no more unacknowledged connections than its credits.
"""
from __future__ import annotations

import json, os, signal, statistics, subprocess, sys, tempfile, time
from pathlib import Path

from harness import (HOST, PATH, Failure, Parser, Server, Skipped, clean_up_on_signals, end_orphans, find_plumb,
                     machine_facts, ports, program)

KEEPS_AT_LEAST = 0.8
CONNECTIONS = 32


def workers(plumb: Path, control: Path) -> dict[int, dict]:
    answer = subprocess.run([plumb, "ctl", "status", "--json", "--control", control], stdout=subprocess.PIPE, check=True)
    return {worker["number"]: worker for worker in json.loads(answer.stdout)["workers"]}


def rates(plumb: Path, control: Path, seconds: float) -> dict[int, float]:
    """Connections that each worker takes in a second, by the master's count."""
    began, before = time.monotonic(), workers(plumb, control)
    time.sleep(seconds)  # The length of the measurement, not a wait for an event.
    after, took = workers(plumb, control), time.monotonic() - began
    return {number: (after[number]["taken"] - before[number]["taken"]) / took for number in before}


def one_round(plumb: Path, wrk: str, port: int, directory: Path, seconds: float) -> dict:
    control = directory / f"{port}.control"
    command = [plumb, "serve", "--listen", f"{HOST}:{port}", "--workers", 2, "--balance", "least-connections",
               "--control", control, "--hang-timeout", "0s"]  # For ever: a killed worker would not be a stopped one.
    with Server("plumb serve", [str(part) for part in command], port, directory) as server:
        load = subprocess.Popen(
            [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{int(2 * seconds) + 5}s", "-H", "Connection: close",
             f"http://{HOST}:{port}{PATH}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            rates(plumb, control, 1)
            before = rates(plumb, control, seconds)
            stopped = workers(plumb, control)[2]
            os.kill(stopped["pid"], signal.SIGSTOP)
            try:
                rates(plumb, control, 1)
                after = rates(plumb, control, seconds)
                held = workers(plumb, control)[2]
            finally:
                os.kill(stopped["pid"], signal.SIGCONT)
        finally:
            load.kill()
            load.wait()
    return {"before": before, "after": after, "unacknowledged": held["unacknowledged"], "credits": held["credits"],
            "held": held["live"] + held["unacknowledged"]}


def run(options) -> int:
    with tempfile.TemporaryDirectory(prefix="plumb-stopped-") as name:
        directory, plumb, wrk, free = Path(name), find_plumb(options.plumb), program("wrk", "wrk"), ports()
        for fact, value in machine_facts().items():
            print(f"{fact}: {value}")
        print("\n   round   the rest before    after   ratio   stopped: unacknowledged of credits")
        kept, within = [], True
        for number in range(1, options.rounds + 1):
            result = one_round(plumb, wrk, next(free), directory, options.seconds)
            ratio = result["after"][1] / max(1, result["before"][1])
            kept.append(ratio)
            within &= result["unacknowledged"] <= result["credits"]
            print(f"   {number:5}   {result['before'][1]:15,.0f} {result['after'][1]:8,.0f}   {ratio:5.2f}   "
                  f"{result['unacknowledged']} of {result['credits']}, {result['held']} connections held")
    median = statistics.median(kept)
    met = median >= KEEPS_AT_LEAST and within
    print(f"the rest keeps {median:.2f} of its rate (median); at least {KEEPS_AT_LEAST}, and no more than the credits "
          f"unacknowledged: {'met' if met else 'not met'}")
    return 0 if met else 1


def main() -> int:
    parser = Parser(description=__doc__)
    parser.add_argument("--plumb", metavar="PATH", help="a built plumb (otherwise a release build is made)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="how long each measurement takes")
    options = parser.parse_args()
    clean_up_on_signals()
    try:
        return run(options)
    except (Failure, Skipped, OSError, subprocess.CalledProcessError) as failure:
        print(f"stopped_worker.py: {failure}", file=sys.stderr)
        return 1
    finally:
        end_orphans(grace=0)


if __name__ == "__main__":
    sys.exit(main())
