"""Attacks by forged words: at the Runtime API of its environment, and at the AWS API as somebody else."""

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import socket
import time
import uuid

from attack import Aim, add, attack

BASE = "/2018-06-01/runtime/"

HOST, PORT = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)


def ask(method: str, path: str, body: bytes = b"", timeout: float = 5, **headers: str) -> tuple[int, bytes]:
    """Speak to the Runtime API."""
    connection = http.client.HTTPConnection(HOST, int(PORT), timeout=timeout)
    connection.request(method, BASE + path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read()


def accepted(method: str, path: str, body: bytes = b'"forged"', **headers: str):
    """Return what the Runtime API says if it takes what it is told."""
    status, answer = ask(method, path, body, **headers)
    return (status, answer) if status < 300 else None


def raw(text: bytes, seconds: float = 2) -> bytes:
    """Say anything to the Runtime API and return what comes back."""
    with socket.create_connection((HOST, int(PORT)), timeout=seconds) as client:
        client.sendall(text)
        heard = b""
        try:
            while chunk := client.recv(65536):
                heard += chunk
        except TimeoutError:
            pass
        return heard


FOREIGN = {
    "another function's invocation": lambda aim: aim.request,
    "an invocation that there is not": lambda aim: str(uuid.uuid4()),
    "an invocation without a name": lambda aim: "",
    "the invocation of all zeros": lambda aim: str(uuid.UUID(int=0)),
    "an invocation above the path": lambda aim: f"../invocation/{aim.request}",
    "an invocation with a hidden slash": lambda aim: f"x%2f..%2f{aim.request}",
    "an invocation in capitals": lambda aim: aim.request.upper(),
    "an invocation of every name": lambda aim: "*",
}
for _what, _name in FOREIGN.items():
    add(f"answers {_what}", f"posts a response to {_what}",
        lambda aim, name=_name: accepted("POST", f"invocation/{name(aim)}/response"))  # fmt: skip
    add(f"fails {_what}", f"posts an error of {_what}",
        lambda aim, name=_name: accepted("POST", f"invocation/{name(aim)}/error"))  # fmt: skip
    add(f"streams to {_what}", f"streams a response to {_what}",
        lambda aim, name=_name: accepted("POST", f"invocation/{name(aim)}/response",
                                         Lambda_Runtime_Function_Response_Mode="streaming"))  # fmt: skip


@attack("fetches an event while one is being worked on")
def fetches_another_event(aim: Aim):
    return accepted("GET", "invocation/next")


@attack("says that its start has failed, long after it")
def fails_its_start(aim: Aim):
    return accepted("POST", "init/error", b"{}")


@attack("fetches events of others by naming their environment")
def names_another_environment(aim: Aim):
    return accepted("GET", "invocation/next", Lambda_Runtime_Aws_Request_Id=aim.request, Host=aim.victim)


for _path in ("invocation", "invocation/list", "invocation/next/all", "", "../../_rolecall/health", "../../",
              "restore/next", "../../2015-03-31/functions"):  # fmt: skip
    add(f"finds something at {_path or 'the root'}", f"asks the Runtime API for {_path!r}",
        lambda aim, path=_path: accepted("GET", path))  # fmt: skip

# Messages that a careless parser takes for two.
SMUGGLED = {
    "two lengths": b"Content-Length: 4\r\nContent-Length: 60\r\n\r\n",
    "a length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks in other words": b"Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length with a sign": b"Content-Length: +4\r\n\r\n",
    "a bare line end": b"Content-Length: 4\n\n",
}
for _what, _rest in SMUGGLED.items():
    add(
        f"smuggles a request by {_what}",
        f"sends a message with {_what}, and another one hidden in it",
        lambda aim, rest=_rest: smuggles(aim, rest),
    )


def smuggles(aim: Aim, rest: bytes):
    """Whether the answer to the hidden request is that it was accepted."""
    hidden = b"POST %sinvocation/%s/response HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}" % (
        BASE.encode(), aim.request.encode())  # fmt: skip
    heard = raw(b"POST %sinvocation/x/response HTTP/1.1\r\nHost: x\r\n%s%s" % (BASE.encode(), rest, hidden), 0.5)
    return b" 202 " in heard or None


@attack("makes the server keep headers without end")
def sends_huge_headers(aim: Aim):
    """What lies in the kernel's buffers is not the server's yet, so it has to be more than they hold."""
    head = b"GET %sinvocation/next HTTP/1.1\r\nHost: x\r\n" % BASE.encode()
    with socket.create_connection((HOST, int(PORT)), timeout=5) as client:
        client.sendall(head)
        sent = 0
        while sent < 64 << 20:
            sent += client.send(b"X-%d: %s\r\n" % (sent, b"x" * 60_000))
    return sent


@attack("makes the server keep a head of one endless line")
def sends_an_endless_line(aim: Aim):
    with socket.create_connection((HOST, int(PORT)), timeout=5) as client:
        client.sendall(b"GET /")
        sent = 0
        while sent < 64 << 20:
            sent += client.send(b"x" * 65536)
    return sent


@attack("makes the server keep many large responses at once")
def sends_many_large_responses(aim: Aim):
    """Sixty connections each begin a response of 6 MB that does not end; how many of them are read is the question."""
    head = f"POST {BASE}invocation/{aim.own}/response HTTP/1.1\r\nHost: x\r\nContent-Length: 6000000\r\n\r\n"
    taken = begun_bodies((HOST, int(PORT)), head.encode(), 60, 5_900_000)
    return taken if taken > 4 else None


def begun_bodies(address: tuple, head: bytes, count: int, length: int) -> int:
    """Send the same head and part of a body over many connections at once; tell how often most of it was taken."""
    sent = {}
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        if len(sent) < count:
            client = socket.create_connection(address, timeout=2)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            client.sendall(head)
            client.setblocking(False)
            sent[client] = 0
        for client, so_far in sent.items():
            if so_far < length:
                with contextlib.suppress(BlockingIOError):
                    sent[client] += client.send(b"x" * 65536)
    return sum(so_far > 5_000_000 for so_far in sent.values())


# The AWS API.

ENDPOINT = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")


def signed(service: str, method: str, path: str, body: bytes = b"", keys: dict | None = None, **headers: str):
    """Make a signed request to the AWS API; return the answer if it is allowed."""
    keys = keys or os.environ
    moment = time.gmtime()
    stamp, day = time.strftime("%Y%m%dT%H%M%SZ", moment), time.strftime("%Y%m%d", moment)
    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": ENDPOINT, "x-amz-date": stamp, "x-amz-content-sha256": digest} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    if token := keys.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    path_only, _, query = path.partition("?")
    request = f"{method}\n{path_only}\n{query}\n{lines}\n{names}\n{digest}"
    scope = f"{day}/us-east-1/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{keys['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={keys['AWS_ACCESS_KEY_ID']}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return api(method, path, body, **headers)


def api(method: str, path: str, body: bytes = b"", **headers: str):
    """Make a request to the AWS API; return the answer if it is allowed."""
    connection = http.client.HTTPConnection(ENDPOINT, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    text = answer.read()
    return text if answer.status < 300 else None


def json_call(service: str, target: str, **body):
    """Call an operation of a JSON protocol with the function's own keys."""
    text = json.dumps(body).encode()
    return signed(service, "POST", "/", text, content_type="application/x-amz-json-1.1", x_amz_target=target)


def query_call(service: str, action: str, **body: str):
    """Call an operation of the query protocol with the function's own keys."""
    text = "&".join(f"{name}={value}" for name, value in ({"Action": action} | body).items()).encode()
    version = {"sts": "2011-06-15", "iam": "2010-05-08"}[service]
    content_type = "application/x-www-form-urlencoded; charset=utf-8"
    return signed(service, "POST", "/", text + f"&Version={version}".encode(), content_type=content_type)


FUNCTIONS = "/2015-03-31/functions"
CALLS = {
    "reads another function's configuration": lambda aim: signed("lambda", "GET", f"{FUNCTIONS}/{aim.victim}"),
    "lists all functions": lambda aim: signed("lambda", "GET", f"{FUNCTIONS}/"),
    "lists all users": lambda aim: query_call("iam", "ListUsers"),
    "lists all buckets": lambda aim: signed("s3", "GET", "/"),
    "lists all log groups": lambda aim: json_call("logs", "Logs_20140328.DescribeLogGroups"),
}  # fmt: skip
for _what, _run in CALLS.items():
    add(_what, f"{_what} with the keys of its role", _run, control=True)
HARMFUL = {
    "invokes another function": lambda aim: signed("lambda", "POST", f"{FUNCTIONS}/{aim.victim}/invocations", b"null"),
    "removes another function": lambda aim: signed("lambda", "DELETE", f"{FUNCTIONS}/{aim.victim}"),
    "gives itself an administrator's policy": lambda aim: query_call("iam", "CreateUser", UserName="attacker"),
    "writes into another function's log": lambda aim: json_call(
        "logs", "Logs_20140328.CreateLogStream", logGroupName=f"/aws/lambda/{aim.victim}", logStreamName="forged"
    ),
    "assumes a role of another account": lambda aim: query_call(
        "sts", "AssumeRole", RoleSessionName="x", RoleArn="arn:aws:iam::999999999999:role/admin"
    ),
}
for _what, _run in HARMFUL.items():
    add(_what, f"{_what} with the keys of its role", _run)


@attack("is somebody else by a session token that it has changed")
def changes_its_token(aim: Aim):
    token = os.environ["AWS_SESSION_TOKEN"]
    found = []
    for place in range(0, len(token), max(1, len(token) // 40)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        if seen := signed("lambda", "GET", f"{FUNCTIONS}/", keys=os.environ | {"AWS_SESSION_TOKEN": changed}):
            found.append(seen)
    return found


@attack("asks without a signature")
def asks_without_a_signature(aim: Aim):
    return [path for path in (f"{FUNCTIONS}/", "/", f"{FUNCTIONS}/{aim.victim}") if api("GET", path)]


@attack("asks as the host's own client by headers that proxies set")
def pretends_to_be_local(aim: Aim):
    local = "127.0.0.1"
    headers = {"X-Forwarded-For": local, "Forwarded": f"for={local}", "X-Real-IP": local, "Host": "localhost"}
    return api("GET", f"{FUNCTIONS}/", **headers)


@attack("reads decisions about others from Rolecall's own pages")
def reads_decisions(aim: Aim):
    pages = ("decisions", "decisions/", f"decisions/{aim.request}", "why", "metrics", "code/", "console", "debug")
    return [page for page in pages if api("GET", f"/_rolecall/{page}")]


@attack("signs with keys that it makes up")
def makes_keys_up(aim: Aim):
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}
    return signed("lambda", "GET", f"{FUNCTIONS}/", keys=keys)


@attack("makes the server keep many large requests at once")
def sends_many_large_requests(aim: Aim):
    """Sixty connections each announce 200 MB for S3 that they may not put, and do not end."""
    head = (
        b"PUT /bucket/key HTTP/1.1\r\nHost: s3.us-east-1.amazonaws.com\r\nContent-Length: 200000000\r\n"
        b"Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request\r\n\r\n"
    )
    host, port = ENDPOINT.rsplit(":", 1)
    taken = begun_bodies((host, int(port)), head, 60, 10_000_000)
    return taken if taken > 4 else None
