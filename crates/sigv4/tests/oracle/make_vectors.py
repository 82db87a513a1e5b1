#!/usr/bin/env python3
"""Signs some hundreds of requests with botocore, the client that most of our callers use, into vectors.json.

    make_vectors.py            (needs botocore; made with 1.43)

Seed and time are fixed, so a run changes nothing unless this file or botocore did. Signed chunks are the one thing
that botocore cannot do without its native part; they are signed here by hand.
"""

import base64
import datetime
import hashlib
import hmac
import io
import json
import pathlib
import random
import string
from urllib.parse import quote, urlsplit

import botocore.auth
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum, Sha256Checksum

NOW = datetime.datetime(2026, 2, 14, 9, 26, 53)
KEY = "AKIAIOSFODNN7EXAMPLE"
SESSION_KEY = "ASIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////+token/with=signs=="
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2"]
GENERAL = {
    "iam": "iam.amazonaws.com",
    "sts": "sts.eu-central-1.amazonaws.com",
    "lambda": "localhost:4566",
    "logs": "127.0.0.1:9000",
    "organizations": "organizations.us-east-1.amazonaws.com",
}
ODD = "aZ09-._~ !\"#$&'()*+,/:;<=>?@[]^`{|}éሴ😀%"
rng = random.Random(20260214)
botocore.auth.get_current_datetime = lambda *_, **__: NOW


def word(longest=8, alphabet=ODD):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, longest)))


def plain(longest=8):
    return word(longest, string.ascii_letters + string.digits)


def path(s3):
    if rng.random() < 0.15:
        return "/"
    # S3's clients leave a key's slashes alone, and so S3 takes `%2F` for one.
    safe = "-_.~/" if s3 else "-_.~"
    segments = [quote(word(), safe=safe) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.25:
        segments.insert(rng.randrange(len(segments) + 1), rng.choice(["", ".", "a"] if s3 else ["", ".", "a", "%2F"]))
    if not s3 and rng.random() < 0.2:
        # Not above the root: botocore would sign that, and AWS refuses it.
        segments[1:1] = [plain(), ".."]
    if not s3 and rng.random() < 0.2:
        segments[0] = "@" + segments[0] + "$LATEST"
    return "/" + "/".join(segments) + rng.choice(["", "", "/"])


def query():
    pairs = [(word(5), rng.choice(["", word(10)])) for _ in range(rng.choice([0, 0, 1, 2, 5]))]
    if pairs and rng.random() < 0.3:
        pairs.append((pairs[0][0], word(4)))
    pairs = [(n, v) for n, v in pairs if not n.lower().startswith("x-amz")]
    encoded = [f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in pairs]
    return "&".join(encoded)


def headers(request):
    for _ in range(rng.randint(0, 3)):
        name = rng.choice(["X-Amz-Meta-", "x-amz-", "X-", "Content-", "amz-sdk-"]) + plain(5)
        value = rng.choice(["", " ", "  "]).join(plain(5) for _ in range(rng.randint(1, 4)))
        request.headers.add_header(name, rng.choice(["", "  "]) + value + rng.choice(["", " \t "]))
        if rng.random() < 0.2:
            request.headers.add_header(name.upper(), plain())
    if rng.random() < 0.5:
        request.headers["User-Agent"] = "Boto3/1.43 md/Botocore"
    if rng.random() < 0.3:
        request.headers["X-Amzn-Trace-Id"] = "Root=1-5759e988-bd862e3fe1be46a994272793"
    if rng.random() < 0.3:
        request.headers["Content-Type"] = "application/x-amz-json-1.1"


def request(method, host, s3):
    raw_query = query()
    url = f"http://{host}{path(s3)}" + (f"?{raw_query}" if raw_query else "")
    body = rng.choice([b"", b"{}", word(40).encode(), rng.randbytes(20)]) if method in ("POST", "PUT") else b""
    result = AWSRequest(method=method, url=url, data=body)
    result.headers["Host"] = host
    headers(result)
    return result


def credentials():
    return Credentials(SESSION_KEY, SECRET, TOKEN) if rng.random() < 0.4 else Credentials(KEY, SECRET)


def vector(kind, signed, body, service, region, **more):
    parts = urlsplit(signed.url)
    raw_path = signed.url.split("://", 1)[1].partition("?")[0]
    assert raw_path.endswith(parts.path)
    return {
        "kind": kind,
        "service": service,
        "region": region,
        "method": signed.method,
        "path": parts.path,
        "query": parts.query,
        "headers": [[name, value] for name, value in signed.headers.items()],
        "body": base64.b64encode(body).decode(),
        **more,
    }


def general_header():
    service = rng.choice(sorted(GENERAL))
    region = rng.choice(REGIONS)
    r = request(rng.choice(["GET", "POST", "PUT", "DELETE"]), GENERAL[service], False)
    if rng.random() < 0.15:
        r.headers["Date"] = "whatever stands here is replaced"
    if rng.random() < 0.2:
        r.headers["X-Amz-Content-SHA256"] = hashlib.sha256(r.data).hexdigest()
    body = r.data
    SigV4Auth(credentials(), service, region).add_auth(r)
    return vector("general-header", r, body, service, region)


def general_query():
    service = rng.choice(sorted(GENERAL))
    region = rng.choice(REGIONS)
    r = request("GET", GENERAL[service], False)
    SigV4QueryAuth(credentials(), service, region, expires=rng.choice([1, 60, 900, 3600])).add_auth(r)
    return vector("general-query", r, b"", service, region)


def s3_header():
    region = rng.choice(REGIONS)
    r = request(rng.choice(["GET", "HEAD", "PUT", "POST", "DELETE"]), "bucket.s3.localhost:4566", True)
    if rng.random() < 0.3:
        r.context["client_config"] = type("Config", (), {"s3": {"payload_signing_enabled": False}})()
    body = r.data
    S3SigV4Auth(credentials(), "s3", region).add_auth(r)
    return vector("s3-header", r, body, "s3", region)


def s3_query():
    region = rng.choice(REGIONS)
    r = request("GET", "s3.localhost:4566", True)
    S3SigV4QueryAuth(credentials(), "s3", region, expires=rng.choice([1, 3600, 604800])).add_auth(r)
    return vector("s3-query", r, b"", "s3", region)


class Mode(S3SigV4Auth):
    """Signs with a payload mode that botocore leaves to its native part."""

    mode = None

    def payload(self, request):
        return self.mode


def chunked(mode, trailer):
    content = rng.randbytes(rng.choice([0, 1, 100, 700]))
    region = rng.choice(REGIONS)
    creds = credentials()
    r = AWSRequest(method="PUT", url=f"http://bucket.s3.localhost:4566{path(True)}", data=b"")
    r.headers["Host"] = "bucket.s3.localhost:4566"
    r.headers["Content-Encoding"] = "aws-chunked"
    r.headers["X-Amz-Decoded-Content-Length"] = str(len(content))
    checksum, name = rng.choice([(Crc32Checksum, "x-amz-checksum-crc32"), (Sha256Checksum, "x-amz-checksum-sha256")])
    if trailer:
        r.headers["X-Amz-Trailer"] = name
    auth = Mode(creds, "s3", region)
    auth.mode = mode
    auth.add_auth(r)
    size = rng.choice([64, 256, 1024])
    trailers = [[name, checksum().handle(io.BytesIO(content))]] if trailer else []
    if mode == "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
        body = AwsChunkedWrapper(io.BytesIO(content), checksum, name, size).read()
    else:
        body = signed_chunks(r, region, content, size, trailers)
    return vector("s3-chunked", r, body, "s3", region, content=base64.b64encode(content).decode(), trailers=trailers)


def signed_chunks(r, region, content, size, trailers):
    timestamp = r.context["timestamp"]
    scope = f"{timestamp[:8]}/{region}/s3/aws4_request"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    previous = r.headers["Authorization"].split("Signature=")[1]

    def sign(kind, *hashes):
        text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", timestamp, scope, previous, *hashes])
        return hmac.digest(key, text.encode(), "sha256").hex()

    body = b""
    for at in [*range(0, len(content), size), len(content)]:
        data = content[at : at + size]
        previous = sign("PAYLOAD", hashlib.sha256(b"").hexdigest(), hashlib.sha256(data).hexdigest())
        body += f"{len(data):x};chunk-signature={previous}\r\n".encode() + data + (b"\r\n" if data else b"")
    if trailers:
        lines = "".join(f"{n}:{v}\n" for n, v in trailers)
        body += lines.replace("\n", "\r\n").encode()
        body += f"x-amz-trailer-signature:{sign('TRAILER', hashlib.sha256(lines.encode()).hexdigest())}\r\n".encode()
    return body + b"\r\n"


def main():
    vectors = [general_header() for _ in range(120)]
    vectors += [general_query() for _ in range(50)]
    vectors += [s3_header() for _ in range(80)]
    vectors += [s3_query() for _ in range(40)]
    for _ in range(12):
        vectors.append(chunked("STREAMING-UNSIGNED-PAYLOAD-TRAILER", True))
        vectors.append(chunked("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", False))
        vectors.append(chunked("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", True))
    head = {
        "now": int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp()),
        "secret": SECRET,
        "token": TOKEN,
    }
    lines = ",\n".join(json.dumps(v, ensure_ascii=False, separators=(",", ":")) for v in vectors)
    text = json.dumps(head)[:-1] + f', "vectors": [\n{lines}\n]}}\n'
    pathlib.Path(__file__).with_name("vectors.json").write_text(text)


if __name__ == "__main__":
    main()
