"""Asks any implementation of ECommPay's signature every question of the vectors, and counts its answers.

    python conformance/run.py [--do KIND]... [FILE.json]... -- COMMAND [ARGUMENT]...

COMMAND reads one question a line from standard input, JSON, and writes one answer a line, JSON, in the same order; the
README beside this file describes both. Exit code 0: nothing is wrong, and something was right; 1: something is wrong;
2: the command or the files cannot be used. Standard library only, Python 3.11 or newer.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
FILES = (
    "signatures.json",
    "random_signatures.json",
    "natural_order.json",
    "payment_page_addresses.json",
    "boundaries.json",
)
KINDS = ("sign", "verify", "compare", "order")
OUTCOMES = ("right", "wrong", "against advice", "passed over")
#: What a right answer must hold; a text that is told as well is compared too.
_NEEDED = {"sign": "signature", "verify": "key", "compare": "sign", "order": "paths"}

Vector = Mapping[str, Any]
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one vector: one of `OUTCOMES`, and why."""

    vector: str
    outcome: str
    why: str = ""


def read(name: str | Path) -> list[Vector]:
    """The vectors of a file, by its name in this folder or its own path."""
    vectors: list[Vector] = json.loads((FOLDER / name).read_text(encoding="utf-8"))["vectors"]
    return vectors


def question(vector: Vector) -> dict[str, Any]:
    """What is asked about a vector: the answer is not in it."""
    return {"name": vector["name"], "do": vector["do"], **vector["given"]}


def judge(vector: Vector, answer: Answer) -> Result:
    """Whether this is the right answer."""
    name = str(vector["name"])
    if "pass" in answer:
        return Result(name, "passed over", str(answer["pass"]))
    expected, needed = vector["expect"], _NEEDED[vector["do"]]
    for part in (needed, *(["text"] if "text" in expected and "text" in answer else [])):
        if part not in answer:
            return Result(name, "wrong", f"the answer has no {part}: {json.dumps(answer)[:200]}")
        given = answer[part]
        if given != expected[part] or isinstance(given, bool):
            outcome = "against advice" if vector.get("advice") else "wrong"
            return Result(name, outcome, f"{part} is {given!r}, right is {expected[part]!r}")
    return Result(name, "right")


def check(vectors: Iterable[Vector], answer: Callable[[dict[str, Any]], Answer]) -> Iterator[Result]:
    """The results of an implementation that is called in this very process."""
    return (judge(vector, answer(question(vector))) for vector in vectors)


def check_command(vectors: Sequence[Vector], command: Sequence[str]) -> Iterator[Result]:
    """The results of an implementation that is a command of its own; raises `OSError` when it cannot be started."""
    asked = "".join(f"{json.dumps(question(vector))}\n" for vector in vectors)
    done = subprocess.run(command, input=asked.encode(), stdout=subprocess.PIPE, check=False)
    lines = done.stdout.splitlines()
    for number, vector in enumerate(vectors):
        try:
            answer = json.loads(lines[number])
        except (IndexError, ValueError):
            answer = None
        if isinstance(answer, dict):
            yield judge(vector, answer)
        else:
            said = "a line that is no JSON object" if number < len(lines) else f"nothing (exit code {done.returncode})"
            yield Result(str(vector["name"]), "wrong", f"the command answered {said}")


def main(arguments: Sequence[str]) -> int:
    """Run the command on the vectors chosen and return the exit code."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    command = arguments[end + 1 :]
    parser = argparse.ArgumentParser(
        prog="python conformance/run.py",
        usage="%(prog)s [--do KIND]... [FILE.json]... -- COMMAND [ARGUMENT]...",
        description="Asks an implementation of the signature every question of the vectors.",
    )
    parser.add_argument("files", nargs="*", metavar="FILE.json", help="files of vectors; all when none is named")
    parser.add_argument("--do", action="append", choices=KINDS, help="ask these kinds of questions only")
    options = parser.parse_args(arguments[:end])
    if not command:
        parser.print_usage(sys.stderr)
        return 2
    counted: Counter[str] = Counter()
    for file in options.files or FILES:
        vectors = [vector for vector in read(file) if vector["do"] in (options.do or KINDS)]
        try:
            results = list(check_command(vectors, command))
        except OSError as error:
            sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}.\n")
            return 2
        for result in results:
            counted[result.outcome] += 1
            if result.outcome in {"wrong", "against advice"}:
                print(f"{result.outcome}: {file} {result.vector}: {result.why}")
    print(", ".join(f"{counted[outcome]} {outcome}" for outcome in OUTCOMES))
    return 1 if counted["wrong"] or not counted["right"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
