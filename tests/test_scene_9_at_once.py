"""Scene 9: whatever takes a right away takes effect on the very next request, however often it is repeated."""

from support.account import assumed, invoke
from support.errors import denied, refused
from support.policy import allow, document, text, trust

ROUNDS = 10


def test_a_removed_permission_counts_at_once(house):
    function = house.function()
    caller = house.user()
    for _ in range(ROUNDS):
        house.admin.lambda_.add_permission(
            FunctionName=function, StatementId="caller", Action="lambda:InvokeFunction", Principal=caller.arn
        )
        assert invoke(caller, function, 1) == 1
        house.admin.lambda_.remove_permission(FunctionName=function, StatementId="caller")
        with denied("lambda:InvokeFunction", house.function_arn(function)):
            caller.lambda_.invoke(FunctionName=function)


def test_a_detached_policy_counts_at_once(house):
    caller = house.user()
    policy = house.managed_policy(allow("lambda:ListFunctions"))
    for _ in range(ROUNDS):
        house.admin.iam.attach_user_policy(UserName=caller.name, PolicyArn=policy)
        caller.lambda_.list_functions(MaxItems=1)
        house.admin.iam.detach_user_policy(UserName=caller.name, PolicyArn=policy)
        with denied("lambda:ListFunctions", "*"):
            caller.lambda_.list_functions(MaxItems=1)


def test_a_new_default_version_of_a_policy_counts_at_once(house):
    caller = house.user()
    policy = house.managed_policy(allow("lambda:ListFunctions"))
    house.admin.iam.attach_user_policy(UserName=caller.name, PolicyArn=policy)
    nothing = text(document(allow("lambda:ListLayers")))
    house.admin.iam.create_policy_version(PolicyArn=policy, PolicyDocument=nothing)
    for _ in range(ROUNDS):
        house.admin.iam.set_default_policy_version(PolicyArn=policy, VersionId="v1")
        caller.lambda_.list_functions(MaxItems=1)
        house.admin.iam.set_default_policy_version(PolicyArn=policy, VersionId="v2")
        with denied("lambda:ListFunctions", "*"):
            caller.lambda_.list_functions(MaxItems=1)


def test_a_deactivated_key_counts_at_once(house):
    caller = house.user(allow("lambda:ListFunctions"))
    key = {"UserName": caller.name, "AccessKeyId": caller.credentials.access_key_id}
    for _ in range(ROUNDS):
        caller.lambda_.list_functions(MaxItems=1)
        house.admin.iam.update_access_key(Status="Inactive", **key)
        with refused("UnrecognizedClientException", "The security token included in the request is invalid.", 403):
            caller.lambda_.list_functions(MaxItems=1)
        house.admin.iam.update_access_key(Status="Active", **key)
    house.admin.iam.delete_access_key(**key)
    with refused("UnrecognizedClientException"):
        caller.lambda_.list_functions(MaxItems=1)


def test_a_session_loses_its_right_with_the_role(house):
    role = house.role(allow("lambda:ListFunctions"), trust=trust({"AWS": house.root}))
    name = role.rsplit("/", 1)[1]
    session = assumed(house.admin, role)
    session.lambda_.list_functions(MaxItems=1)
    house.admin.iam.delete_role_policy(RoleName=name, PolicyName="inline")
    with denied("lambda:ListFunctions", "*"):
        session.lambda_.list_functions(MaxItems=1)
    house.admin.iam.delete_role(RoleName=name)
    with refused("UnrecognizedClientException", "The security token included in the request is invalid.", 403):
        session.lambda_.list_functions(MaxItems=1)


def test_a_warm_function_loses_its_right_at_once(house):
    bucket = house.bucket()
    house.admin.s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    role = house.role()
    function = house.function(role=role, Timeout=30)
    name, policy = role.rsplit("/", 1)[1], text(document(allow("s3:GetObject")))
    parameters = {"Bucket": bucket, "Key": "k"}
    event = {"do": "call", "service": "s3", "operation": "get_object", "parameters": parameters, "members": ["Body"]}
    for _ in range(3):
        house.admin.iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy)
        assert invoke(house.admin, function, event) == {"Body": "content"}
        house.admin.iam.delete_role_policy(RoleName=name, PolicyName="inline")
        assert invoke(house.admin, function, event)["error"] == "AccessDenied"
