"""What AWS's SDK does to a body on its way: checksums, chunks with trailers, `Expect: 100-continue`, parts."""

import base64
import hashlib
import io
import socket
import zlib

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningCredentials

from support.errors import refused

CONTENT = b"0123456789" * 5000


@pytest.fixture(scope="module")
def bucket(house):
    """Return the name of a bucket."""
    return house.bucket()


def content(house, bucket: str, key: str) -> bytes:
    """Return an object's content."""
    return house.admin.s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def test_bytes_are_sent_with_a_checksum(house, bucket):
    answer = house.admin.s3.put_object(Bucket=bucket, Key="bytes", Body=CONTENT)
    assert answer["ETag"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'
    assert answer["ChecksumCRC32"] == base64.b64encode(zlib.crc32(CONTENT).to_bytes(4, "big")).decode()
    assert content(house, bucket, "bytes") == CONTENT


def test_a_file_is_sent_in_chunks_with_a_trailer(house, bucket, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(CONTENT)
    with path.open("rb") as body:
        house.admin.s3.put_object(Bucket=bucket, Key="file", Body=body, ChecksumAlgorithm="SHA256")
    assert content(house, bucket, "file") == CONTENT
    head = house.admin.s3.head_object(Bucket=bucket, Key="file", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    assert head["ContentLength"] == len(CONTENT)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_every_checksum_algorithm_of_the_sdk(house, bucket, algorithm):
    key = f"checksum-{algorithm}"
    house.admin.s3.put_object(Bucket=bucket, Key=key, Body=io.BytesIO(CONTENT), ChecksumAlgorithm=algorithm)
    assert content(house, bucket, key) == CONTENT


def test_a_wrong_checksum_is_refused(house, bucket):
    with refused("BadDigest", status=400):
        house.admin.s3.put_object(Bucket=bucket, Key="wrong", Body=CONTENT, ChecksumCRC32="AAAAAA==")
    with refused("NoSuchKey"):
        house.admin.s3.get_object(Bucket=bucket, Key="wrong")


def test_the_transfer_functions(house, bucket, tmp_path):
    house.admin.s3.upload_fileobj(io.BytesIO(CONTENT), bucket, "transferred")
    down = tmp_path / "down"
    house.admin.s3.download_file(bucket, "transferred", str(down))
    assert down.read_bytes() == CONTENT


def test_empty_objects_and_metadata(house, bucket):
    house.admin.s3.put_object(
        Bucket=bucket, Key="empty", Body=b"", ContentType="text/x-nothing", Metadata={"colour": "blue"}
    )
    answer = house.admin.s3.get_object(Bucket=bucket, Key="empty")
    assert (answer["Body"].read(), answer["ContentType"], answer["Metadata"]) == (
        b"", "text/x-nothing", {"colour": "blue"},
    )  # fmt: skip


def test_ranges_and_conditions(house, bucket):
    etag = house.admin.s3.put_object(Bucket=bucket, Key="range", Body=b"0123456789")["ETag"]
    answer = house.admin.s3.get_object(Bucket=bucket, Key="range", Range="bytes=2-4")
    assert (answer["Body"].read(), answer["ContentRange"]) == (b"234", "bytes 2-4/10")
    with refused("304"):
        house.admin.s3.get_object(Bucket=bucket, Key="range", IfNoneMatch=etag)
    with refused("PreconditionFailed", status=412):
        house.admin.s3.get_object(Bucket=bucket, Key="range", IfMatch='"other"')


def test_copies_and_deletions(house, bucket):
    s3 = house.admin.s3
    s3.put_object(Bucket=bucket, Key="first", Body=b"copied", Metadata={"kept": "yes"})
    s3.copy_object(Bucket=bucket, Key="second ä", CopySource={"Bucket": bucket, "Key": "first"})
    answer = s3.get_object(Bucket=bucket, Key="second ä")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"copied", {"kept": "yes"})
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "first"}, {"Key": "second ä"}]})
    assert {entry["Key"] for entry in gone["Deleted"]} == {"first", "second ä"}
    with refused("NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="first")


def test_a_client_that_waits_for_100_continue_gets_it(house, bucket):
    url = f"{house.admin.endpoint}/{bucket}/continued"
    request = AWSRequest("PUT", url, headers={"Expect": "100-continue", "Content-Length": "5"}, data=b"hello")
    credentials = house.admin.credentials
    signer = SigningCredentials(credentials.access_key_id, credentials.secret_access_key)
    S3SigV4Auth(signer, "s3", house.admin.region).add_auth(request)
    prepared = request.prepare()
    head = [f"PUT /{bucket}/continued HTTP/1.1", f"Host: 127.0.0.1:{house.server.port}"]
    head += [f"{name}: {value}" for name, value in prepared.headers.items()]
    with socket.create_connection(("127.0.0.1", house.server.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"hello")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert content(house, bucket, "continued") == b"hello"
