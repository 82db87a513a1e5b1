"""Writes requests.jsonl: for every built operation a request with all members, as botocore serialises it.

    python3 requests.py WHEEL

WHEEL is the botocore wheel that models/ was imported from, and botocore itself has to be installed. The parameters are
made up from the models' constraints; the server's reading of a request must give exactly them back.
"""

import base64
import datetime
import gzip
import json
import pathlib
import re
import sys
import urllib.parse
import zipfile

from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.model import ServiceModel
from botocore.serialize import create_serializer

HERE = pathlib.Path(__file__).parent
OPERATIONS = HERE.parents[4] / "models" / "operations.jsonc"

# For a string with a pattern the first of these that matches is sent.
SAMPLES = [
    "abc", "live", "1", "123456", "123456789012", "/", "/abc/", "v1", "v2", "ALL", "$LATEST", "eu-west-1",
    "arn:aws:iam::123456789012:role/abc",
    "arn:aws:lambda:eu-west-1:123456789012:function:abc",
    "arn:aws:lambda:eu-west-1:123456789012:layer:abc",
    "arn:aws:lambda:eu-west-1:123456789012:layer:abc:1",
    "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:abc",
    "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-aaaaaaaaaaaaaaaaa",
    "arn:aws:lambda:eu-west-1:123456789012:runtime/abc",
    "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-aaaaaaaaaaaaaaaaa",
    "/mnt/data", "sg-1", "subnet-1", "lambda:GetLayerVersion", "o-abcdefghij", "car-abcdefgh", "a@b.example",
    "AKIAIOSFODNN7EXAMPLE", "/bucket/key", "01234567-89ab-cdef-0123-456789abcdef", "kafka:9092",
    "arn:aws:lambda:eu-west-1::runtime:abc",
    "arn:aws:lambda:eu-west-1:123456789012:function:abc:1/durable-execution/abc/abc",
    "r-abcd", "ou-abcd-abcdefgh", "p-abcdefgh",
]
# Values that the model allows but the patches do not, and the other way round.
CHOSEN = {"Runtime": "nodejs20.x", "BucketLocationConstraint": "eu-west-1", "ClientID": "0123456789abcdef01234567"}
TIME = datetime.datetime(2026, 1, 31, 8, 0, 5, tzinfo=datetime.timezone.utc)


def allow_list():
    text = re.sub(r"^\s*//.*$", "", OPERATIONS.read_text(), flags=re.M)
    return json.loads(text)


def model(wheel, service):
    name = max(n for n in wheel.namelist() if re.match(rf"botocore/data/{service}/[^/]*/service-2\.json", n))
    return json.loads(gzip.decompress(wheel.read(name)))


def python_pattern(pattern):
    pattern = pattern.replace(r"\p{L}\p{Z}\p{N}", r"\w ")
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: re.escape(chr(int(m.group(1), 16))), pattern)


def text(raw, name):
    for sample in SAMPLES:
        long_enough = raw.get("min", 0) <= len(sample) <= raw.get("max", len(sample))
        if long_enough and re.fullmatch(python_pattern(raw.get("pattern", ".*")), sample):
            return sample
    raise ValueError(f"no sample for {name}: {raw}")


def number(raw, wanted):
    return min(max(wanted, raw.get("min", wanted)), raw.get("max", wanted))


def value(shape, raw):
    own = raw["shapes"][shape.name]
    match shape.type_name:
        case "structure":
            members = list(shape.members.items())
            # Of a union only one member may be given.
            given = members[:1] if own.get("union") else members
            return {name: value(member, raw) for name, member in given}
        case "list":
            return [value(shape.member, raw)]
        case "map":
            keys = raw["shapes"][shape.key.name]
            if "enum" in keys:
                return {keys["enum"][0]: value(shape.value, raw)}
            return {text(keys, f"{shape.name} {n}") + n * "x": value(shape.value, raw)
                    for n in range(max(own.get("min", 1), 1))}
        case "boolean":
            return True
        case "integer" | "long":
            return number(own, 3)
        case "double" | "float":
            return float(number(own, 0.5))
        case "blob":
            return b"\x00\xffbytes"
        case "timestamp":
            return TIME
        case "string":
            return CHOSEN.get(shape.name) or (own["enum"][0] if "enum" in own else text(own, shape.name))


def plain(item):
    match item:
        case dict():
            return {key: plain(inner) for key, inner in item.items()}
        case list():
            return [plain(inner) for inner in item]
        case bytes():
            return {"blob": base64.b64encode(item).decode()}
        case datetime.datetime():
            return {"ms": int(item.timestamp() * 1000)}
    return item


def request(serializer, operation, parameters):
    serialized = serializer.serialize_to_request(dict(parameters), operation)
    prepare_request_dict(serialized, endpoint_url="http://localhost", user_agent="botocore")
    prepared = create_request_object(serialized).prepare()
    url = urllib.parse.urlsplit(prepared.url)
    body = prepared.body or b""
    body = body.read() if hasattr(body, "read") else body
    body = body.encode() if isinstance(body, str) else body
    headers = {k.lower(): v.decode() if isinstance(v, bytes) else str(v) for k, v in prepared.headers.items()}
    return {"method": prepared.method, "path": url.path, "query": url.query, "headers": headers,
            "body": base64.b64encode(body).decode()}


def main():
    wheel = zipfile.ZipFile(sys.argv[1])
    lines = []
    for service, operations in allow_list().items():
        raw = model(wheel, service)
        service_model = ServiceModel(raw, service)
        serializer = create_serializer(service_model.metadata["protocol"], include_validation=True)
        for name in operations:
            operation = service_model.operation_model(name)
            parameters = value(operation.input_shape, raw) if operation.input_shape else {}
            sent = request(serializer, operation, parameters)
            lines.append({"service": service, "operation": name, **sent, "parameters": plain(parameters)})
    (HERE / "requests.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


main()
