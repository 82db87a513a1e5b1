"""S3's two ways to name a bucket, and presigned URLs."""

import time
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from support.errors import refused
from support.policy import allow
from support.resolving import localhost_names


@pytest.fixture
def bucket(house):
    """Return the name of an empty bucket."""
    return house.bucket()


def test_the_bucket_may_stand_in_the_path(house, bucket):
    s3 = house.admin.client("s3", s3={"addressing_style": "path"})
    s3.put_object(Bucket=bucket, Key="in the path/ä+b", Body=b"path")
    assert s3.get_object(Bucket=bucket, Key="in the path/ä+b")["Body"].read() == b"path"


def test_the_bucket_may_stand_in_the_host_name(house, bucket):
    at_localhost = replace(house.admin, endpoint=f"http://localhost:{house.server.port}")
    s3 = at_localhost.client("s3", s3={"addressing_style": "virtual"})
    with localhost_names():
        s3.put_object(Bucket=bucket, Key="in the host/ä+b", Body=b"virtual")
        answer = s3.get_object(Bucket=bucket, Key="in the host/ä+b")
        assert answer["Body"].read() == b"virtual"
        listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in listed] == ["in the host/ä+b"]
    assert house.admin.s3.get_object(Bucket=bucket, Key="in the host/ä+b")["Body"].read() == b"virtual"


def fetch(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    """Ask for a URL without any credentials of one's own."""
    request = urllib.request.Request(url, method=method, data=body)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def presigned(signer, operation: str, place: dict, **settings) -> str:
    """Return a presigned URL of signature version 4, which the SDK only makes when it is told to."""
    return signer.client("s3", signature_version="s3v4").generate_presigned_url(operation, Params=place, **settings)


def test_a_presigned_url_gets_and_puts(house, bucket):
    place = {"Bucket": bucket, "Key": "presigned"}
    put = presigned(house.admin, "put_object", place)
    assert fetch(put, "PUT", b"through a link")[0] == 200
    get = presigned(house.admin, "get_object", place)
    assert fetch(get) == (200, b"through a link")


def test_a_presigned_url_is_good_for_what_it_was_made_for_only(house, bucket):
    house.admin.s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    house.admin.s3.put_object(Bucket=bucket, Key="two", Body=b"2")
    url = presigned(house.admin, "get_object", {"Bucket": bucket, "Key": "one"})
    for wrong in (fetch(url.replace("/one?", "/two?")), fetch(url, "PUT", b"changed"), fetch(url + "&versionId=x")):
        assert wrong[0] == 403
        assert b"<Code>SignatureDoesNotMatch</Code>" in wrong[1]


def test_a_presigned_url_has_the_rights_of_who_signed_it(house, bucket):
    house.admin.s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    reader = house.user()
    url = presigned(reader, "get_object", {"Bucket": bucket, "Key": "key"})
    status, body = fetch(url)
    assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)
    house.put_user_policy(reader.name, {"Version": "2012-10-17", "Statement": [allow("s3:GetObject")]})
    assert fetch(url) == (200, b"content")


def test_a_url_presigned_with_signature_version_2_is_told_which_one_to_use(house, bucket):
    # What boto3 makes where nobody tells it otherwise.
    url = house.admin.s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
    status, body = fetch(url)
    assert status == 400
    assert b"<Code>InvalidRequest</Code>" in body
    assert b"Please use AWS4-HMAC-SHA256." in body


def test_a_presigned_url_expires(house, bucket):
    house.admin.s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    place = {"Bucket": bucket, "Key": "key"}
    url = presigned(house.admin, "get_object", place, ExpiresIn=1)
    time.sleep(2.1)
    status, body = fetch(url)
    assert status == 403
    assert b"<Message>Request has expired</Message>" in body


def test_without_credentials_a_bucket_is_closed(house, bucket):
    status, body = fetch(f"{house.admin.endpoint}/{bucket}/key")
    assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)


def test_what_is_missing_is_told_to_those_who_may_know(house, bucket):
    with refused("NoSuchKey", "The specified key does not exist.", 404):
        house.admin.s3.get_object(Bucket=bucket, Key="missing")
    with refused("NoSuchBucket", "The specified bucket does not exist", 404):
        house.admin.s3.get_object(Bucket="there-is-no-such-bucket", Key="key")
    with refused("404"):
        house.admin.s3.head_object(Bucket=bucket, Key="missing")
