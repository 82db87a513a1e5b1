"""Lists come in pages, complete, without repetition, and in the same order every time."""

import pytest

from support.account import unique
from support.errors import refused


def pages_of(client, operation: str, size: int, **parameters) -> list[dict]:
    """Return all pages of an operation."""
    paginator = client.get_paginator(operation)
    return list(paginator.paginate(**parameters, PaginationConfig={"PageSize": size}))


def names_in(pages: list[dict], member: str, name: str) -> list[str]:
    """Return the names of everything in the pages."""
    return [entry[name] for page in pages for entry in page.get(member, [])]


def check(client, operation: str, member: str, name: str, expected: set[str], **parameters):
    """Read the list in pages of two; what is expected is in it once, and the pages repeat."""
    pages = pages_of(client, operation, 2, **parameters)
    assert all(len(page.get(member, [])) <= 2 for page in pages)
    names = names_in(pages, member, name)
    assert len(names) == len(set(names))
    assert expected <= set(names)
    assert names == names_in(pages_of(client, operation, 50, **parameters), member, name)


@pytest.fixture(scope="module")
def functions(house):
    """Return the names of five functions."""
    return {house.function() for _ in range(5)}


def test_list_functions(house, functions):
    check(house.admin.lambda_, "list_functions", "Functions", "FunctionName", functions)


def test_list_versions_by_function(house):
    name = house.function()
    for number in range(4):
        house.admin.lambda_.update_function_configuration(FunctionName=name, Description=f"number {number}")
        house.wait_until_updated(name)
        house.admin.lambda_.publish_version(FunctionName=name)
    expected = {"$LATEST", "1", "2", "3", "4"}
    client = house.admin.lambda_
    check(client, "list_versions_by_function", "Versions", "Version", expected, FunctionName=name)


def test_list_users(house):
    path = f"/{unique('path')}/"
    expected = {unique("paged") for _ in range(5)}
    for name in expected:
        house.admin.iam.create_user(UserName=name, Path=path)
    check(house.admin.iam, "list_users", "Users", "UserName", expected, PathPrefix=path)
    assert set(names_in(pages_of(house.admin.iam, "list_users", 2, PathPrefix=path), "Users", "UserName")) == expected


def test_list_objects_v2(house):
    bucket = house.bucket()
    keys = {f"folder/{number}" for number in range(4)} | {"a key with blanks", "ключ", "z+%&"}
    for key in keys:
        house.admin.s3.put_object(Bucket=bucket, Key=key, Body=b"")
    check(house.admin.s3, "list_objects_v2", "Contents", "Key", keys, Bucket=bucket)
    check(house.admin.s3, "list_objects", "Contents", "Key", keys, Bucket=bucket)
    names = names_in(pages_of(house.admin.s3, "list_objects_v2", 3, Bucket=bucket), "Contents", "Key")
    assert names == sorted(keys, key=str.encode)


def test_list_objects_by_folder(house):
    bucket = house.bucket()
    for key in ("a/1", "a/2", "b/1", "top"):
        house.admin.s3.put_object(Bucket=bucket, Key=key, Body=b"")
    pages = pages_of(house.admin.s3, "list_objects_v2", 1, Bucket=bucket, Delimiter="/")
    assert names_in(pages, "CommonPrefixes", "Prefix") == ["a/", "b/"]
    assert names_in(pages, "Contents", "Key") == ["top"]
    inside = house.admin.s3.list_objects_v2(Bucket=bucket, Prefix="a/", Delimiter="/")
    assert [entry["Key"] for entry in inside["Contents"]] == ["a/1", "a/2"]


def test_describe_log_streams(house):
    group, expected = f"/test/{unique('group')}", {f"stream-{number}" for number in range(5)}
    house.admin.logs.create_log_group(logGroupName=group)
    for name in expected:
        house.admin.logs.create_log_stream(logGroupName=group, logStreamName=name)
    check(house.admin.logs, "describe_log_streams", "logStreams", "logStreamName", expected, logGroupName=group)


def test_a_made_up_token_is_refused(house, functions):
    with refused(status=400):
        house.admin.lambda_.list_functions(Marker="made-up")
    with refused(status=400):
        house.admin.iam.list_users(Marker="made-up")
