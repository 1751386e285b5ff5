"""What run.py and allocations.py share: building, servers that are always ended, load, and the machine's facts.

Python 3.9 or later, standard library only. All traffic stays on 127.0.0.1.
"""
from __future__ import annotations

import argparse, ctypes, itertools, os, platform, re, resource, select, shutil, signal, socket, subprocess, sys, time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
HOST = "127.0.0.1"
PATH = "/health"
BODY = b"ok\n"  # Every contender answers this, so that all write about the same bytes.

START_DEADLINE, STOP_DEADLINE, ANSWER_DEADLINE = 30, 15, 5  # Seconds.
PR_SET_CHILD_SUBREAPER = 36
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """One sentence that a user can act on."""


class Skipped(Exception):
    """A comparison that this machine lacks a program for, and how to get it."""


class Parser(argparse.ArgumentParser):
    """Wrong usage ends with 64, as with the `plumb` command."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}\n")


# Programs


def program(name: str, package: str) -> str:
    """The path of a peer program, or `Skipped` with how to install it."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if not found:
        raise Skipped(f"{name} is not installed: apt-get install {package}")
    return found


def compile_c(source: str, directory: Path, *flags: str) -> Path:
    """Compiles a C file of this folder, optimised, with $CC or the first compiler that is there."""
    compilers = [os.environ.get("CC"), "cc", "gcc", "clang"]
    compiler = next((each for each in compilers if each and shutil.which(each)), None)
    if not compiler:
        raise Failure("no C compiler: apt-get install gcc, or name one in CC")
    output = directory / Path(source).stem
    command = [compiler, "-O2", "-std=gnu11", "-Wall", "-Wextra", *flags, "-o", str(output), str(HERE / source)]
    if subprocess.run(command).returncode != 0:
        raise Failure(f"{source} does not compile: {' '.join(command)}")
    return output


def find_plumb(given: str | None) -> Path:
    """The `plumb` to measure: the given one, or a release build of this repository."""
    if given:
        path = Path(given).resolve()
        if not os.access(path, os.X_OK) or path.is_dir():
            raise Failure(f"{given} is not an executable file: name the built plumb, or leave --plumb out to build it")
        return path
    if not shutil.which("swift"):
        raise Failure("swift is not installed: see https://www.swift.org/install, or name a built plumb with --plumb")
    # As a server is shipped: with the Swift runtime linked in, which also spares its calls an indirection.
    build = ["swift", "build", "-c", "release", "--product", "plumb", "--static-swift-stdlib",
             "--scratch-path", ".build-benchmark"]
    if subprocess.run(build, cwd=REPOSITORY, stdout=sys.stderr).returncode != 0:
        raise Failure("plumb does not build: see above, or name a built one with --plumb")
    shown = subprocess.run([*build, "--show-bin-path"], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
    return Path(shown.stdout.strip()) / "plumb"


# Processes


@dataclass
class Process:
    parent: int
    user: float  # Seconds of processor time used so far.
    system: float


def processes() -> dict[int, Process]:
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # Ended meanwhile.
            found[int(entry)] = Process(int(fields[1]), int(fields[11]) / CLOCK_TICKS, int(fields[12]) / CLOCK_TICKS)
    return found


def own_children() -> set[int]:
    return {pid for pid, process in processes().items() if process.parent == os.getpid()}


def wait_for_exit(pid: int, seconds: float) -> bool:
    """Waits for a process to end, without reaping it; false when the deadline passed first."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


inherited_children = own_children()  # Started by whoever was this process before an exec: not ours to end.
running: set[int] = set()


def clean_up_on_signals() -> None:
    """Makes Ctrl-C and SIGTERM end this program by way of its `finally` blocks, once, and orphans of our servers ours.

    Without the subreaper, the workers of a master that died would be nobody's, and could stay unnoticed.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def end(number, _):
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)  # Ending the servers has its own deadlines.
        sys.exit(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, end)


def end_orphans(grace: float) -> int:
    """Gives processes whose server has ended `grace` seconds to end too, then kills the rest; returns how many."""
    killed = 0
    deadline = time.monotonic() + grace
    while orphans := own_children() - inherited_children - running:
        for pid in orphans:
            if not wait_for_exit(pid, max(0, deadline - time.monotonic())):
                os.kill(pid, signal.SIGKILL)
                killed += 1
            os.waitpid(pid, 0)
    return killed


def ports():
    """Free ports outside the range that the load's own connections come from, so that they cannot take one away.

    A port with connections in TIME_WAIT counts as taken: an earlier run must not weigh on this one.
    """
    first_ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in itertools.chain(range(20_000, first_ephemeral), range(1_024, 20_000)):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        yield port
    raise Failure("no free port on 127.0.0.1")


class Server:
    """A server process in a session of its own, ready when the `with` block begins and gone when it ends."""

    def __init__(self, name: str, command: list[str], port: int, directory: Path, **environment: str):
        self.name, self.command, self.port = name, command, port
        self.environment = {**os.environ, **environment}
        self.log = directory / f"{port}.log"

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                start_new_session=True)  # Ctrl-C is for this program, which then ends its servers.
        running.add(self.process.pid)
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()  # Does nothing to a process that was seen to end: its number may be another's now.
        if self.process.returncode is None and not wait_for_exit(self.process.pid, STOP_DEADLINE):
            print(f"   warning: {self.name} did not end within {STOP_DEADLINE} s of SIGTERM: killed")
            self.process.kill()
        self.process.wait()
        running.discard(self.process.pid)
        if killed := end_orphans(grace=STOP_DEADLINE):
            print(f"   warning: {self.name} left {killed} processes behind: killed")

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_DEADLINE
        while True:
            if self.process.poll() is not None:
                raise self._failure(f"ended at its start, with status {self.process.returncode}")
            try:
                answer = fetch(self.port)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise self._failure(f"did not answer within {START_DEADLINE} s") from None
                time.sleep(0.02)  # A refused connection is no event that one could wait for.
        head, _, body = answer.partition(b"\r\n\r\n")
        self.response_bytes = len(answer)
        if not head.startswith(b"HTTP/1.1 200 ") or body != BODY:
            raise self._failure(f"answered {answer[:300]!r}, not 200 and the body {BODY!r}")

    def _failure(self, what: str) -> Failure:
        lines = self.log.read_text(errors="replace").splitlines()[-10:]
        return Failure("\n      ".join([f"{self.name} {what}: {' '.join(self.command)}", *lines]))

    def processor_seconds(self) -> tuple[float, float]:
        """The processor time, user and system, used so far by the server and all it started that still runs."""
        table = processes()
        family, found = {self.process.pid}, 0
        while len(family) > found:
            found = len(family)
            family |= {pid for pid, process in table.items() if process.parent in family}
        alive = [table[pid] for pid in family if pid in table]
        return sum(each.user for each in alive), sum(each.system for each in alive)


def fetch(port: int) -> bytes:
    """One request on a connection of its own, read to the end."""
    with socket.create_connection((HOST, port), timeout=ANSWER_DEADLINE) as connection:
        connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


# Load


def load(wrk: str, server: Server, seconds: int, connections: int, short: bool) -> dict:
    """Runs wrk with one thread against a server; `short` asks for a connection a request."""
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", *(["-H", "Connection: close"] if short else []),
               f"http://{HOST}:{server.port}{PATH}"]
    began, wrk_before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    server_before, machine_before = server.processor_seconds(), user_and_stolen_seconds()
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    machine_after, server_after = user_and_stolen_seconds(), server.processor_seconds()
    took, wrk_after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)

    rate = re.search(r"Requests/sec:\s+([\d.]+)", result.stdout)
    requests = re.search(r"(\d+) requests in ", result.stdout)
    if result.returncode != 0 or not rate or not requests:
        raise Failure(f"{' '.join(command)} failed: {result.stdout.strip()}")
    wrk_user, wrk_system = (getattr(wrk_after, each) - getattr(wrk_before, each) for each in ("ru_utime", "ru_stime"))
    server_user, server_system = (after - before for before, after in zip(server_before, server_after))
    return {
        "requests_per_second": float(rate[1]),
        "requests": int(requests[1]),
        "errors": [line.strip() for line in result.stdout.splitlines() if "errors:" in line or "Non-2xx" in line],
        "server_microseconds_per_request": (server_user + server_system) * 1e6 / max(1, int(requests[1])),
        "wrk_processors": (wrk_user + wrk_system) / took,
        "other_processors": max(0, machine_after - machine_before - server_user - wrk_user) / took,
    }


# The machine


def user_and_stolen_seconds() -> float:
    """What all programs used outside the kernel, and what a hypervisor withheld, since boot.

    The kernel's own time is left out because most of it, for a network's load, is accounted to no program.
    """
    user, nice, *_, stolen = [int(each) for each in Path("/proc/stat").read_text().split(maxsplit=9)[1:9]]
    return (user + nice + stolen) / CLOCK_TICKS


def machine_facts() -> dict[str, str]:
    def read(path: str) -> str | None:
        try:
            return Path(path).read_text().strip()
        except OSError:
            return None

    def version(*command: str) -> str:
        found = shutil.which(command[0], path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        if not found:
            return "not installed"
        shown = subprocess.run([found, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return shown.stdout.splitlines()[0].strip() if shown.stdout.strip() else "unknown"

    information = read("/proc/cpuinfo") or ""
    model = re.search(r"^model name\s*:\s*(.+)$", information, re.MULTILINE)
    return {
        "processors": str(len(os.sched_getaffinity(0))),
        "processor": (model[1] if model else platform.machine())
        + (", virtual machine" if re.search(r"^flags\s*:.*\bhypervisor\b", information, re.MULTILINE) else ""),
        "kernel": platform.release(),
        "governor": read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") or "none",
        "nginx": version("nginx", "-v").replace("nginx version: ", ""),
        "node": version("node", "--version"),
        "wrk": version("wrk", "-v").partition(" Copyright")[0],
        "swift": version("swift", "--version"),
    }
