#!/usr/bin/env python3
"""Dispatching connections to worker processes: `plumb serve` side by side with its peers. See ../README.md."""
from __future__ import annotations

import json, statistics, sys, tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from harness import (HERE, HOST, Failure, Parser, Server, Skipped, clean_up_on_signals, compile_c, end_orphans,
                     find_plumb, load, machine_facts, ports, program)

FEWEST_ROUNDS = 5  # With fewer, a median says little.
WARM_UP_SECONDS = 1
SATURATED = 0.95  # Of wrk's one thread: from here on it is wrk that is measured.
DISTURBED = 0.1  # Processors that neither a server nor wrk used.


@dataclass
class Contender:
    name: str
    command: Callable[[int], list]  # The command line that serves on a port.


@dataclass
class Comparison:
    letter: str
    title: str
    plumb: Contender
    peer: Callable[[], Contender]  # `Skipped` if its program is not here.
    threshold: float  # The least ratio of Plumb's median to the peer's.
    short: bool = True  # A connection a request.


def comparisons(plumb: Path, c_program: Path, directory: Path) -> list[Comparison]:
    def serve(workers: int, *command) -> Callable[[int], list]:
        return lambda port: [plumb, "serve", "--listen", f"{HOST}:{port}", "--workers", workers,
                             *(["--", *command] if command else [])]

    def node() -> Contender:
        path = program("node", "nodejs")
        return Contender("Node cluster", lambda port: [path, HERE / "cluster.js", port, 2])

    def nginx() -> Contender:
        path = program("nginx", "nginx-light")

        def command(port: int) -> list:
            text = (HERE / "nginx.conf").read_text()
            for name, value in (("DIRECTORY", directory), ("PORT", port), ("WORKERS", 2)):
                text = text.replace(f"@{name}@", str(value))
            configuration = directory / "nginx.conf"
            configuration.write_text(text)
            return [path, "-p", directory, "-c", configuration]

        return Contender("nginx", command)

    c_master = Contender("C master", lambda port: [c_program, "master", port, 2])
    alone = Contender("worker alone", lambda port: [plumb, "demonstration-worker", "--listen", f"{HOST}:{port}"])
    demonstration = Contender("plumb serve", serve(2))
    return [
        Comparison("a", "Short connections, the same C worker under plumb's master and under a minimal one in C",
                   Contender("plumb serve", serve(2, c_program, "worker")), lambda: c_master, 0.9),
        Comparison("b", "Short connections, the demonstration worker against Node's cluster in round robin",
                   demonstration, node, 2),
        Comparison("c", "Short connections, the demonstration worker against nginx with SO_REUSEPORT",
                   demonstration, nginx, 0.8),
        Comparison("d", "Kept-alive connections, the demonstration worker under plumb serve and by itself",
                   Contender("plumb serve", serve(1)), lambda: alone, 0.98, short=False),
    ]


def compare(comparison: Comparison, free_ports, directory: Path, options) -> dict:
    """Both servers stay up for the whole comparison, the one not measured idle; who goes first changes each round."""
    wrk = program("wrk", "wrk")
    contenders = (comparison.plumb, comparison.peer())
    kept = (f"{options.connections} connections" if comparison.short
            else f"{options.connections} connections kept alive")
    print(f"   {kept}, {options.rounds} rounds of {options.seconds} s each\n")
    starting = [Server(each.name, [str(part) for part in each.command(port)], port, directory)
                for each, port in zip(contenders, free_ports)]
    with starting[0] as plumb, starting[1] as peer:
        servers = (plumb, peer)
        for server in servers:  # Every worker is up and has served before anything counts.
            load(wrk, server, WARM_UP_SECONDS, options.connections, comparison.short)
        print(f"   {'round':>8}{plumb.name:>16}{peer.name:>16}{'ratio':>9}")
        rounds: tuple[list[dict], list[dict]] = ([], [])
        for number in range(options.rounds):
            for side in ((0, 1), (1, 0))[number % 2]:
                rounds[side].append(
                    load(wrk, servers[side], options.seconds, options.connections, comparison.short))
            ours, theirs = rounds[0][-1], rounds[1][-1]
            print(f"   {number + 1:>8}" + "".join(
                f"{each['requests_per_second']:>15,.0f}{'!' if each['errors'] else ' '}" for each in (ours, theirs))
                + f"{ours['requests_per_second'] / theirs['requests_per_second']:>9.3f}", flush=True)
            for server, each in ((plumb, ours), (peer, theirs)):
                for line in each["errors"]:
                    print(f"            ! {server.name}: {line}")
    return summarise(comparison, servers, rounds)


def summarise(comparison: Comparison, servers, rounds) -> dict:
    def median(side: int, key: str) -> float:
        return statistics.median(each[key] for each in rounds[side])

    medians = [median(side, "requests_per_second") for side in (0, 1)]
    paired = [ours["requests_per_second"] / theirs["requests_per_second"] for ours, theirs in zip(*rounds)]
    ratio = medians[0] / medians[1]
    # An answer that is an error is no faster for being quick. The peer's errors are shown, and are not Plumb's failure.
    erroneous = sum(bool(each["errors"]) for each in rounds[0])
    verdict = (f"failed: errors in {erroneous} of plumb's rounds" if erroneous
               else "met" if ratio >= comparison.threshold else "not met")
    print(f"   {'median':>8}{medians[0]:>15,.0f} {medians[1]:>15,.0f} {ratio:>9.3f}")
    print(f"   ratios of the paired rounds: {min(paired):.3f} … {max(paired):.3f}, "
          f"median {statistics.median(paired):.3f}")
    costs = [median(side, "server_microseconds_per_request") for side in (0, 1)]
    print(f"   processor time of the server a request: {costs[0]:.1f} µs and {costs[1]:.1f} µs; "
          f"response: {servers[0].response_bytes} and {servers[1].response_bytes} bytes")
    for side in (0, 1):
        if (share := median(side, "wrk_processors")) >= SATURATED:
            print(f"   note: with {servers[side].name}, which might do more, wrk took {share:.0%} of a processor")
    if (others := max(each["other_processors"] for side in rounds for each in side)) >= DISTURBED:
        print(f"   note: other programs took up to {others:.0%} of a processor: repeat this on a quiet machine")
    print(f"   threshold {comparison.threshold}: {verdict}\n", flush=True)
    return {
        "medians": medians, "ratio": ratio, "ratio_minimum": min(paired), "ratio_maximum": max(paired),
        "paired_ratios_median": statistics.median(paired),
        "threshold": comparison.threshold, "verdict": verdict,
        "contenders": [{"name": server.name, "command": server.command, "response_bytes": server.response_bytes,
                        "rounds": each} for server, each in zip(servers, rounds)],
    }


def arguments():
    def positive(text: str) -> int:
        if (value := int(text)) < 1:
            raise ValueError
        return value

    def letters(text: str) -> set[str]:
        if not (chosen := set(text.replace(",", ""))) <= set("abcd"):
            raise ValueError
        return chosen

    parser = Parser(description=__doc__)
    parser.add_argument("--plumb", metavar="PATH", help="a built plumb (otherwise a release build is made)")
    parser.add_argument("--rounds", type=positive, default=7, help="of each comparison (default: 7)")
    parser.add_argument("--seconds", type=positive, default=4, help="of load a round and server (default: 4)")
    parser.add_argument("--connections", type=positive, default=32, help="at the same time (default: 32)")
    parser.add_argument("--only", type=letters, default=set("abcd"), metavar="LETTERS", help="comparisons, such as a,c")
    parser.add_argument("--json", metavar="FILE", help="write every round there as well")
    return parser.parse_args()


def run(options) -> int:
    facts = machine_facts()
    for name, value in facts.items():
        print(f"{name + ':':<12} {value}")
    print("\nRequests a second by wrk with one thread, on the same processors as the servers, nothing pinned.")
    if options.rounds < FEWEST_ROUNDS:
        print(f"Fewer than {FEWEST_ROUNDS} rounds: a trial, not a result.")
    print(flush=True)
    if options.json:
        Path(options.json).touch()  # Better refused now than after all the measuring.
    results = []
    with tempfile.TemporaryDirectory(prefix="plumb-dispatch-") as name:
        directory = Path(name)
        plumb, free_ports = find_plumb(options.plumb), ports()
        for comparison in comparisons(plumb, compile_c("accept-and-pass.c", directory), directory):
            if comparison.letter not in options.only:
                continue
            print(f"{comparison.letter}. {comparison.title}", flush=True)
            try:
                result = compare(comparison, free_ports, directory, options)
            except (Skipped, Failure) as reason:
                result = {"verdict": f"{'skipped' if isinstance(reason, Skipped) else 'failed'}: {reason}"}
                print(f"   {result['verdict']}\n", flush=True)
            results.append({"comparison": comparison.letter, "title": comparison.title, **result})
    for each in results:
        print(f"{each['comparison']}. {each['verdict'].splitlines()[0]}"
              + (f" ({each['ratio']:.3f})" if "ratio" in each else ""))
    if options.json:
        document = {"machine": facts, "rounds": options.rounds, "seconds": options.seconds,
                    "connections": options.connections, "comparisons": results}
        Path(options.json).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    measured = [each["verdict"] for each in results if not each["verdict"].startswith("skipped")]
    return 0 if measured and all(verdict == "met" for verdict in measured) else 1


def main() -> int:
    options = arguments()
    clean_up_on_signals()
    try:
        return run(options)
    except (Failure, Skipped, OSError) as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        return 1
    finally:
        end_orphans(grace=0)


if __name__ == "__main__":
    sys.exit(main())
