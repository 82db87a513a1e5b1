"""A `rolecall serve` process with its own data directory."""

import configparser
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from support.identity import Credentials

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ROLECALL_BINARY", ROOT / "target/debug/rolecall"))
SDK_DIR = ROOT / ".sdk"
ACCOUNT = "111122223333"
REGION = "us-east-1"
START_TIMEOUT_S = 60


class StartError(Exception):
    """The server ended before it listened."""


class Server:
    """One server. Its output goes to files beside its data, so that tests can read what it said."""

    def __init__(self, directory: Path, binary: Path = BINARY, sdk_dir: Path = SDK_DIR, user: int | None = None):
        self.directory, self.binary, self.sdk_dir, self.user = directory, binary, sdk_dir, user
        self.data_dir = directory / "data"
        self.stdout = directory / "stdout"
        self.log = directory / "log"
        self.endpoint = ""
        self.process: subprocess.Popen | None = None

    def start(self, *arguments: str, listen: str = "127.0.0.1:0") -> "Server":
        """Start the server and return when it listens."""
        command = [self.binary, "serve", "--listen", listen, "--data-dir", self.data_dir, "--account", ACCOUNT]
        command += ["--region", REGION, "--log-format", "json", "--sdk-dir", self.sdk_dir, *arguments]
        with self.stdout.open("wb") as stdout, self.log.open("ab") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": stdout, "stderr": log}
            self.process = subprocess.Popen(command, **streams, **as_user(self.user))
        self.endpoint = self._wait_until_it_listens()
        return self

    def _wait_until_it_listens(self) -> str:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            found = re.search(r"listens on (http://\S+)\n", self.stdout.read_text())
            if found:
                return found[1]
            if self.process.poll() is not None:
                raise StartError(f"exit code {self.process.returncode}: {self.log_tail()}")
            time.sleep(0.01)
        self.kill()
        raise StartError(f"it did not listen within {START_TIMEOUT_S} s: {self.log_tail()}")

    def log_tail(self, characters: int = 2000) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace")[-characters:]

    def stop(self, timeout_s: float = 60) -> int:
        """Ask the server to end with SIGTERM and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """End the server with SIGKILL, as a crash would."""
        self.process.kill()
        self.process.wait()

    @property
    def port(self) -> int:
        """Return the port that the server listens on."""
        return int(self.endpoint.rsplit(":", 1)[1])

    def administrator(self) -> Credentials:
        """Return the credentials that the first start wrote."""
        credentials = configparser.ConfigParser()
        credentials.read(self.data_dir / "credentials")
        section = credentials["default"]
        return Credentials(section["aws_access_key_id"], section["aws_secret_access_key"])


def as_user(user: int | None) -> dict:
    """Return the settings with which a process is another user's."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def rolecall(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a subcommand of the program and return what it said."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [BINARY, *arguments],
        env=bare | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
