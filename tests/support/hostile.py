"""What hostile functions are after, seen from outside: a server of its own, and things of the host around it."""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from functools import cached_property
from pathlib import Path

from support.account import House
from support.bundle import SOURCES, bundle
from support.server import BINARY, Server, as_user
from support.waiting import eventually

NOBODY = 65534


class Battlefield:
    """A server that runs as one user, a neighbour to be spared, and bait: whoever gets out finds something."""

    def __init__(self, user: int | None, sandbox: str = "namespaces"):
        self.user = user
        self.secrets = {what: f"{what}-{uuid.uuid4().hex}" for what in ("canary", "bystander", "greeting", "neighbour")}
        self.marker = f"marker-{uuid.uuid4().hex}"
        self.directory = Path(tempfile.mkdtemp(prefix="rolecall-hostile-"))
        self.directory.chmod(0o755)
        self.bait = self.directory / "bait"
        self.bait.mkdir()
        self.bait.chmod(0o777)
        self.canary = self.bait / "canary"
        self.canary.write_text(self.secrets["canary"])
        if user is not None:
            os.chown(self.directory, user, user)
            os.chown(self.canary, user, user)
        self.listeners = Listeners(self.bait / "socket", self.secrets["greeting"])
        self.bystander = self._bystander()
        self.server = Server(self.directory, binary=self._binary(), sdk_dir=self.directory / "no-sdk", user=user)
        # Asked before the machine is busy with attacks: interpreters that do not answer in time are not listed.
        self.runtime = eventually(self._runtimes, timeout_s=60)[0]
        self.server.start("--sandbox", sandbox)
        self.house = House(self.server)
        self.secrets["administrator"] = self.server.administrator().secret_access_key
        variables = {"Variables": {"SECRET": self.secrets["neighbour"]}}
        self.neighbour = self.function("neighbour.handler", Timeout=120, Environment=variables)

    def _binary(self) -> Path:
        """Return the program at a place that the user reaches."""
        if self.user is None or all(parent.stat().st_mode & 0o001 for parent in BINARY.resolve().parents):
            return BINARY
        return Path(shutil.copy(BINARY, self.directory / "rolecall"))

    def _bystander(self) -> subprocess.Popen:
        """Start a program of the server's user, with a secret in its environment."""
        environment = {"PATH": os.environ["PATH"], "SECRET": self.secrets["bystander"]}
        command = ["/bin/sh", "-c", "read line", self.marker]
        return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, **as_user(self.user))

    def _runtimes(self) -> list[str]:
        """Return the Pythons that the server's user reaches."""
        command = [self.server.binary, "runtimes", "--output", "json"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, **as_user(self.user))
        found = [found["runtime"] for found in json.loads(answer.stdout)]
        return [runtime for runtime in found if runtime.startswith("python3.1")]

    def function(self, handler: str, **settings) -> str:
        """Make a function with the attacks in it, or the one that they are after."""
        files = {path.name: path.read_text() for path in (SOURCES / "hostile").glob("*.py")}
        # Attackers do not have the code of the function that they are after, nor the other way round.
        neighbour = {"neighbour.py": files.pop("neighbour.py")}
        files = neighbour if handler.startswith("neighbour") else files
        settings.setdefault("Runtime", self.runtime)
        return self.house.function(bundle(files), Handler=handler, **settings)

    def aim(self, request: str) -> dict:
        """Return what attacks are told; the secrets are what they are to find."""
        return {
            "canary": str(self.canary),
            "directory": str(self.bait),
            "data_dir": str(self.server.data_dir),
            "server": self.server.process.pid,
            "bystander": self.bystander.pid,
            "marker": self.marker,
            "tcp": self.listeners.tcp,
            "udp": self.listeners.udp,
            "abstract": self.listeners.abstract,
            "socket": str(self.listeners.path),
            "api": self.server.port,
            "victim": self.neighbour,
            "request": request,
        }

    @cached_property
    def patient(self):
        """Return a client of Lambda that waits for as long as a slow machine needs."""
        return self.house.admin.client("lambda", read_timeout=500, max_pool_connections=50)

    def told(self, function: str, event: dict) -> dict:
        """Invoke a function and return its answer under `answer`, or its error."""
        told = self.patient.invoke(FunctionName=function, Payload=json.dumps(event))
        payload = json.loads(told["Payload"].read())
        return payload if "FunctionError" in told else {"answer": payload}

    def answer(self, function: str, event: dict):
        """Invoke a function and return its answer; fail where there is an error instead."""
        told = self.told(function, event)
        assert "answer" in told, told
        return told["answer"]

    def latencies_ms(self, count: int) -> list[float]:
        """Return how long so many calls of the neighbour took."""
        times = []
        for number in range(count):
            began = time.perf_counter()
            self.answer(self.neighbour, {"say": number})
            times.append((time.perf_counter() - began) * 1000)
        return times

    def open_files(self) -> int:
        """Return how many files the server has open."""
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def peak_memory_mb(self) -> float:
        """Return the most memory that the server has used."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024

    def harm(self) -> list[str]:
        """Return what has come to harm outside."""
        found = []
        if self.canary.read_text() != self.secrets["canary"] or {path.name for path in self.bait.iterdir()} != {
            "canary",
            "socket",
        }:
            found.append("files of the host were changed")
        if self.listeners.heard:
            found.append(f"listeners of the host were reached: {self.listeners.heard}")
        if self.bystander.poll() is not None:
            found.append("the bystander was killed")
        if self.server.process.poll() is not None:
            found.append("the server was killed")
        return found

    def processes(self, word: str) -> list[int]:
        """Return the processes of the host that have this word on their command line, but for the bystander."""
        found = []
        for path in Path("/proc").iterdir():
            if path.name.isdigit() and int(path.name) != self.bystander.pid:
                try:
                    if word.encode() in (path / "cmdline").read_bytes():
                        found.append(int(path.name))
                except OSError:
                    continue
        return found

    def close(self) -> None:
        """End the server and remove everything; fails if the server does not end in order."""
        try:
            assert self.server.stop() == 0, self.server.log_tail()
        finally:
            if self.server.process.poll() is None:
                self.server.kill()
            self.bystander.kill()
            self.bystander.wait()
            self.bystander.stdin.close()
            self.listeners.close()
            shutil.rmtree(self.directory)


class Neighbour:
    """Calls the function that all are after, again and again, and looks at the server meanwhile."""

    def __init__(self, field: Battlefield):
        self.field, self.stop, self.answers, self.most_files = field, threading.Event(), 0, 0
        self.wrong: list[str] = []
        self.thread = threading.Thread(target=self._call)

    def __enter__(self):
        """Begin."""
        self.thread.start()
        return self

    def __exit__(self, *_):
        """End, and fail if an answer was missing or another's."""
        self.stop.set()
        self.thread.join()
        assert not self.wrong, self.wrong[:3]

    def _call(self):
        proof = hashlib.sha256(self.field.secrets["neighbour"].encode()).hexdigest()
        while not self.wrong and not (self.stop.is_set() and self.answers):
            told = self.field.told(self.field.neighbour, {"say": self.answers})
            if told != {"answer": {"said": self.answers, "proof": proof}}:
                self.wrong.append(repr(told))
            self.answers += 1
            self.most_files = max(self.most_files, self.field.open_files())


class Listeners:
    """Services of the host: they greet whoever comes, and remember it."""

    def __init__(self, path: Path, greeting: str):
        self.path, self.greeting = path, greeting.encode()
        self.abstract = f"rolecall-{uuid.uuid4().hex}"
        self.heard: list[str] = []
        self._sockets = {
            "tcp": bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "abstract": bound(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.abstract}"),
            "file": bound(socket.AF_UNIX, socket.SOCK_STREAM, str(path)),
        }
        path.chmod(0o777)
        self._udp = bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self.tcp, self.udp = self._sockets["tcp"].getsockname()[1], self._udp.getsockname()[1]
        for name, listener in self._sockets.items():
            listener.listen()
            threading.Thread(target=self._accept, args=(name, listener), daemon=True).start()
        threading.Thread(target=self._echo, daemon=True).start()

    def _accept(self, name: str, listener: socket.socket) -> None:
        try:
            while True:
                client, _ = listener.accept()
                self.heard.append(name)
                with client:
                    client.recv(100)
                    client.send(self.greeting)
        except OSError:
            return

    def _echo(self) -> None:
        try:
            while True:
                _, sender = self._udp.recvfrom(1000)
                if sender is None:
                    return
                self.heard.append("udp")
                self._udp.sendto(self.greeting, sender)
        except OSError:
            return

    def close(self) -> None:
        """Stop listening."""
        for listener in (*self._sockets.values(), self._udp):
            # What only closes a socket does not wake the thread that waits for it.
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()


def bound(family: int, kind: int, address) -> socket.socket:
    """Return a socket at an address."""
    made = socket.socket(family, kind)
    made.bind(address)
    return made
