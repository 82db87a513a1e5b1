"""Records every run in a bucket, which outlives the server: `ran/REQUEST ID/TIME`, or `told/KEY/TIME` for S3's events.

The request is signed here: to import an SDK takes longer than everything else that the function does.
"""

import hashlib
import hmac
import os
import time
from http.client import HTTPConnection
from urllib.parse import quote, unquote_plus, urlsplit

EMPTY = hashlib.sha256(b"").hexdigest()


def put(bucket, key):
    """Put an empty object."""
    host = urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = f"/{bucket}/{quote(key)}"
    headers = {
        "host": host,
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": stamp,
        "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"PUT\n{path}\n\n{lines}\n{names}\n{EMPTY}"
    scope = f"{stamp[:8]}/{os.environ['AWS_REGION']}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    secret = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    signature = hmac.new(secret, text.encode(), "sha256").hexdigest()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    connection = HTTPConnection(host)
    connection.request("PUT", path, b"", headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.read()}")


def handler(event, context):
    """Record what this run is about."""
    bucket, now = os.environ["BUCKET"], time.time_ns()
    if "Records" not in event:
        put(bucket, f"ran/{context.aws_request_id}/{now}")
    for record in event.get("Records", []):
        put(bucket, f"told/{unquote_plus(record['s3']['object']['key'])}/{now}")
