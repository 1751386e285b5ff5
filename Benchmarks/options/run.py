#!/usr/bin/env python3
"""The instructions gate: getting or setting an option in Swift costs no more than the bare system call in C.

Counts the instructions of both loops with callgrind. Each is run twice, with few and with many repetitions: the
difference, divided by the repetitions, leaves out what a program does before and after its loop.
"""
from __future__ import annotations

import re, shutil, subprocess, sys, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "dispatch"))
from harness import Failure, Parser, Skipped, compile_c, program  # noqa: E402

LOOPS = ["set-integer", "get-integer", "set-flag", "get-flag"]
FEW, MANY = 100, 5_100
THRESHOLD = 1.1


def build_swift(directory: Path) -> Path:
    """A release build of OptionLoop without debug information, some of which older valgrinds do not understand."""
    program("swift", "swift, see https://www.swift.org/install")
    build = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--package-path", str(HERE / "OptionLoop")]
    if subprocess.run(build, stdout=sys.stderr).returncode != 0:
        raise Failure("OptionLoop does not build: see above")
    shown = subprocess.run([*build, "--show-bin-path"], stdout=subprocess.PIPE, text=True, check=True)
    stripped = directory / "OptionLoop"
    shutil.copy(Path(shown.stdout.strip()) / "OptionLoop", stripped)
    subprocess.run([program("objcopy", "binutils"), "--strip-debug", str(stripped)], check=True)
    return stripped


def instructions(executable: Path, loop: str, count: int) -> tuple[int, str]:
    """How many instructions a run takes in all, and what it prints."""
    command = [program("valgrind", "valgrind"), "--tool=callgrind", "--callgrind-out-file=/dev/null",
               str(executable), loop, str(count)]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    counted = re.search(r"Collected\s*:\s*(\d+)", result.stderr)
    if result.returncode != 0 or not counted:
        raise Failure(f"{' '.join(command)} failed: {result.stderr.strip()}")
    return int(counted[1]), result.stdout


def per_call(executable: Path, loop: str) -> tuple[float, str]:
    (few, _), (many, printed) = (instructions(executable, loop, count) for count in (FEW, MANY))
    return (many - few) / (MANY - FEW), printed


def run() -> int:
    with tempfile.TemporaryDirectory(prefix="plumb-options-") as name:
        directory = Path(name)
        c, swift = compile_c(str(HERE / "loop.c"), directory), build_swift(directory)
        met = True
        print(f"{'instructions a call':<20} {'C':>8} {'Swift':>8} {'ratio':>8}   at most {THRESHOLD}")
        for loop in LOOPS:
            (in_c, c_printed), (in_swift, swift_printed) = per_call(c, loop), per_call(swift, loop)
            if c_printed != swift_printed:
                raise Failure(f"{loop}: C printed {c_printed.strip()} and Swift {swift_printed.strip()}")
            ratio = in_swift / in_c
            met = met and ratio <= THRESHOLD
            print(f"{loop:<20} {in_c:8.2f} {in_swift:8.2f} {ratio:8.3f}   {'met' if ratio <= THRESHOLD else 'not met'}")
    return 0 if met else 1


def main() -> int:
    Parser(description=__doc__).parse_args()
    try:
        return run()
    except (Failure, Skipped, OSError) as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
