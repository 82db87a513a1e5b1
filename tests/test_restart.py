"""A restart keeps everything that was acknowledged, and a shutdown finishes what is running."""

import json
import threading
import time
from dataclasses import replace

import pytest

from support.account import House, assumed, invoke
from support.errors import denied
from support.policy import allow, document, text, trust
from support.server import Server
from support.waiting import eventually


@pytest.fixture
def restarted(server):
    """Return a function that restarts the server and gives its house."""

    def restart() -> House:
        assert server.stop() == 0, server.log_tail()
        return House(server.start())

    server.start()
    return restart


def moved(identity, house: House):
    """Return the identity at the restarted server, which listens elsewhere."""
    return replace(identity, endpoint=house.admin.endpoint)


def test_a_restart_keeps_principals_and_their_rights(server, restarted):
    house = House(server)
    policy = house.managed_policy(allow("lambda:ListFunctions"))
    user = house.user(allow("iam:ListUsers"))
    house.admin.iam.create_group(GroupName="readers")
    house.admin.iam.attach_group_policy(GroupName="readers", PolicyArn=policy)
    house.admin.iam.add_user_to_group(GroupName="readers", UserName=user.name)
    role = house.role(allow("lambda:ListLayers"), trust=trust({"AWS": house.root}))
    session = assumed(house.admin, role, Policy=text(document(allow("lambda:*"))))
    house = restarted()
    user, session = moved(user, house), moved(session, house)
    user.lambda_.list_functions()
    user.iam.list_users()
    session.lambda_.list_layers()
    with denied("lambda:ListFunctions"):
        session.lambda_.list_functions()
    with denied("lambda:ListLayers"):
        user.lambda_.list_layers()


def test_a_restart_keeps_functions_and_what_belongs_to_them(server, restarted):
    house = House(server)
    client = house.admin.lambda_
    layer = house.layer({"note.txt": "from the layer"})
    function = house.function(Layers=[layer], Tags={"team": "red"})
    client.publish_version(FunctionName=function)
    client.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    caller = house.user()
    client.add_permission(
        FunctionName=function, Qualifier="live", StatementId="s", Action="lambda:InvokeFunction", Principal=caller.arn
    )
    policy = client.get_policy(FunctionName=function, Qualifier="live")
    configuration = client.get_function_configuration(FunctionName=function)
    invoke(house.admin, function, {"do": "say", "text": "before the restart"})
    eventually(lambda: any("REPORT" in line for line in house.log_lines(function)))
    lines = house.log_lines(function)

    house = restarted()
    client, caller = house.admin.lambda_, moved(caller, house)
    after = client.get_function_configuration(FunctionName=function)
    assert without_metadata(after) == without_metadata(configuration)
    assert without_metadata(client.get_policy(FunctionName=function, Qualifier="live")) == without_metadata(policy)
    assert client.get_function(FunctionName=function)["Tags"] == {"team": "red"}
    assert house.log_lines(function) == lines
    assert invoke(caller, f"{function}:live", {"do": "read_file", "path": "/opt/note.txt"}) == "from the layer"


def without_metadata(answer: dict) -> dict:
    """Return an answer without what is about the request."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_a_restart_keeps_objects_and_notifications(server, restarted):
    house = House(server)
    bucket, function = house.bucket(), house.function("python/told_keys.py")
    house.admin.s3.put_object(Bucket=bucket, Key="key", Body=b"kept", Metadata={"colour": "blue"})
    house.admin.lambda_.add_permission(
        FunctionName=function, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}", SourceAccount=house.id,
    )  # fmt: skip
    notification = {"LambdaFunctionArn": house.function_arn(function), "Events": ["s3:ObjectCreated:*"]}
    house.admin.s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [notification]}
    )
    house = restarted()
    answer = house.admin.s3.get_object(Bucket=bucket, Key="key")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"kept", {"colour": "blue"})
    house.admin.s3.put_object(Bucket=bucket, Key="after", Body=b"")
    eventually(lambda: "told of after" in [line.strip() for line in house.log_lines(function)])


def test_a_page_token_survives_a_restart(server, restarted):
    house = House(server)
    for number in range(4):
        house.admin.iam.create_user(UserName=f"paged-{number}")
    first = house.admin.iam.list_users(MaxItems=2)
    house = restarted()
    rest = house.admin.iam.list_users(Marker=first["Marker"])
    names = [user["UserName"] for page in (first, rest) for user in page["Users"]]
    assert names == ["admin", "paged-0", "paged-1", "paged-2", "paged-3"]


def test_a_shutdown_finishes_the_running_invocation(server):
    house = House(server.start())
    function = house.function(Timeout=10)
    invoke(house.admin, function)
    answers = []
    call = threading.Thread(target=lambda: answers.append(invoke(house.admin, function, {"do": "sleep", "seconds": 3})))
    call.start()
    time.sleep(1)
    began = time.monotonic()
    assert server.stop() == 0
    call.join()
    assert answers == [3]
    assert time.monotonic() - began > 1


def test_an_accepted_event_is_run_after_a_restart(server):
    house = House(server.start())
    function = house.function(Timeout=10)
    for number in range(5):
        house.admin.lambda_.invoke(
            FunctionName=function,
            InvocationType="Event",
            Payload=json.dumps({"do": "say", "text": f"event {number}"}),
        )
    assert server.stop() == 0
    house = House(server.start())
    expected = {f"event {number}" for number in range(5)}
    eventually(lambda: expected <= {line.strip() for line in house.log_lines(function)})


def test_servers_do_not_share_anything(server, tmp_path):
    other = Server(tmp_path / "other")
    other.directory.mkdir()
    first, second = House(server.start()), House(other.start())
    try:
        first.user(name="somebody")
        assert [user["UserName"] for user in second.admin.iam.list_users()["Users"]] == ["admin"]
    finally:
        other.kill()
