"""Reads an object of S3 as the execution role, with nothing but the standard library."""

import datetime
import hashlib
import hmac
import os
import urllib.error
import urllib.parse
import urllib.request


def handler(event, context):
    url = os.environ["AWS_ENDPOINT_URL"] + event["path"]
    request = urllib.request.Request(url, headers=signed_headers("GET", url))
    try:
        with urllib.request.urlopen(request) as answer:
            return {"read": answer.read().decode()}
    except urllib.error.HTTPError as error:
        return {"refused": error.code, "decision": error.headers.get("x-rolecall-decision")}


def signed_headers(method, url):
    """The headers of AWS Signature Version 4 for a request without a body."""
    parts = urllib.parse.urlsplit(url)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "host": parts.netloc,
        "x-amz-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-amz-date": now,
        "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
    }
    names = ";".join(headers)
    canonical = "\n".join(
        [method, parts.path, "", *(f"{name}:{value}" for name, value in headers.items())]
        + ["", names, headers["x-amz-content-sha256"]]
    )
    scope = [now[:8], os.environ["AWS_REGION"], "s3", "aws4_request"]
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, "/".join(scope), digest])
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = os.environ["AWS_ACCESS_KEY_ID"] + "/" + "/".join(scope)
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return headers
