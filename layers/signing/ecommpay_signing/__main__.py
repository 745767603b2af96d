"""`python -m ecommpay_signing explain FILE --secret-env NAME` tells whether a message verifies, and if not, why.

FILE is the JSON body as received, `-` for standard input. Keys are read from environment variables, so that they stay
out of the shell's history. Exit code 0: it verifies; 1: it does not; 2: the arguments or the body cannot be used.
"""

import argparse
import os
import sys
from pathlib import Path

from .errors import MalformedMessage
from .explain import explain
from .strict_json import loads


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m ecommpay_signing", description="Looks into signed ECommPay messages."
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("explain", help="tell whether a message verifies, and if not, why")
    command.add_argument("file", metavar="FILE", help="the JSON body as received; - for standard input")
    command.add_argument(
        "--secret-env",
        metavar="NAME",
        action="append",
        required=True,
        help="environment variable that holds a secret key",
    )
    options = parser.parse_args(arguments)

    missing = [name for name in options.secret_env if not os.environ.get(name)]
    if missing:
        return _refuse(f"The environment variable {missing[0]} is not set.")
    try:
        body = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        message = loads(body)
    except OSError as error:
        return _refuse(f"{options.file} cannot be read: {error.strerror}.")
    except MalformedMessage as error:
        return _refuse(str(error))

    explanation = explain(message, {name: os.environ[name] for name in options.secret_env})
    sys.stdout.write("".join(f"{line}\n" for line in explanation.lines))
    return 0 if explanation.verifies else 1


def _refuse(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
