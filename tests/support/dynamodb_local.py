"""AWS's own DynamoDB Local as an engine for the tests: fetched with Maven, kept to this machine, started and stopped.

* It is no part of this project and never shipped: its licence forbids to pass it on and asks its user for an AWS
  account. Maven brings it from Maven Central into `.run/`, which git ignores, for the person who runs the tests;
  ``DYNAMODB_LOCAL=off`` leaves it out.
* What Maven brought is compared with a hash of all its files before anything of it runs.
* It can only listen on all addresses, so a Java policy refuses every connection that does not come from 127.0.0.1 and
  allows none to anywhere else. Java 24 took policies away; such a Java is as good as none.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

HERE = Path(__file__).resolve().parent
POM = HERE / "dynamodb_local.pom.xml"
POLICY = HERE / "dynamodb_local.policy"
FOLDER = HERE.parents[1] / ".run" / "dynamodb-local"

VERSION = ET.parse(POM).findtext(".//{*}dependency/{*}version") or ""
NAME = f"DynamoDB Local {VERSION}"
#: Names and SHA-256 of every file that Maven brings for this version; see `_fingerprint`.
CONTENT_SHA256 = "fc65f12e5db3d214e4f0dcf0466fe38e11f8b91224a71af28be76c00387e616e"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"

OLDEST_JAVA, NEWEST_JAVA = 17, 23
FETCH_PATIENCE_S = 300
START_PATIENCE_S = 60
STOP_PATIENCE_S = 10

#: Ends the engine when our end of its standard input closes, which happens too when this process is killed.
SUPERVISE = 'exec 3<&0; "$@" 3<&- & engine=$!; (read -r _ <&3; kill $engine 2>/dev/null) & exec 3<&-; wait $engine'


class EngineUnavailable(RuntimeError):
    """The engine cannot be had here; the text says why."""


@cache
def why_left_out() -> str | None:
    """Why this machine has no such engine; None when it can have one."""
    if os.environ.get("DYNAMODB_LOCAL") == "off":
        return "DYNAMODB_LOCAL is off"
    if shutil.which("mvn") is None:
        return "there is no mvn"
    version = java_version()
    if version is None:
        return "there is no java"
    if not OLDEST_JAVA <= version <= NEWEST_JAVA:
        return f"Java {version} is there and {OLDEST_JAVA} to {NEWEST_JAVA} is wanted"
    return None


@cache
def java_version() -> int | None:
    """The feature number of the Java that is there: 17, 21."""
    with contextlib.suppress(OSError):
        said = subprocess.run([_java(), "-version"], capture_output=True, text=True, check=False).stderr
        found = re.search(r'version "(?:1\.)?(\d+)', said)
        return int(found[1]) if found else None
    return None


@contextlib.contextmanager
def running_dynamodb_local() -> Iterator[str]:
    """The address of a new, empty engine that ends with the block. Raises EngineUnavailable."""
    folder = _fetched()
    port = _free_port()
    log = FOLDER / f"engine-{port}.log"
    with log.open("wb") as output:
        engine = subprocess.Popen(
            ["/bin/sh", "-c", SUPERVISE, "sh", *_command(folder, port)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=FOLDER,
            env={**os.environ, "DDB_LOCAL_TELEMETRY": "0"},
        )
    try:
        _wait_until_it_answers(engine, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        # Closes the pipe and waits.
        with contextlib.suppress(subprocess.TimeoutExpired):
            engine.communicate(timeout=STOP_PATIENCE_S)
        log.unlink()


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    return f"{home}/bin/java" if home else "java"


def _command(folder: Path, port: int) -> Sequence[str]:
    return [
        _java(),
        "-Xmx256m",
        "-Djava.security.manager",
        f"-Djava.security.policy=={POLICY}",
        f"-Djava.library.path={folder}",
        "-classpath",
        f"{folder}/*",
        "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
        "-inMemory",
        "-sharedDb",
        "-disableTelemetry",
        "-port",
        str(port),
    ]


def _fetched() -> Path:
    """The folder with the engine, fetched by the first who asks; the others wait for it."""
    reason = why_left_out()
    if reason is not None:
        raise EngineUnavailable(reason)
    folder = FOLDER / VERSION
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    arriving = folder.with_name(f"{VERSION}-arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    command = ["mvn", "-B", "-q", "-C", "-f", str(POM), COPY, f"-DoutputDirectory={arriving}", "-DincludeScope=runtime"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=FETCH_PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(f"Maven did not bring it in {FETCH_PATIENCE_S} s") from None
    except subprocess.CalledProcessError as failure:
        raise EngineUnavailable(f"Maven could not bring it: {failure.stdout.strip()[:300]}") from None
    if _fingerprint(arriving) != CONTENT_SHA256:
        raise EngineUnavailable(f"Maven brought other files than {NAME} had when it was chosen: {arriving}")
    arriving.rename(folder)


def _fingerprint(folder: Path) -> str:
    lines = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in sorted(folder.iterdir())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(engine: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while engine.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise EngineUnavailable(f"it did not start: {log.read_text(errors='replace')[-500:]}")
