"""What policies would decide, asked of IAM, and what they decided, read from an encoded message."""

import json

from support.account import unique
from support.cli import aws
from support.errors import ENCODED, denied, refused
from support.identity import Credentials, Identity
from support.policy import allow, deny, document, text

EXPLICITLY = "with an explicit deny in an identity-based policy"


def decisions(answer: dict) -> dict[str, str]:
    """Return the decision for each action."""
    return {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}


def test_policies_of_a_request_are_simulated(house):
    user = house.user(allow("iam:SimulateCustomPolicy"))
    answer = user.iam.simulate_custom_policy(
        PolicyInputList=[text(document(allow("lambda:*"), deny("lambda:DeleteFunction")))],
        ActionNames=["lambda:InvokeFunction", "lambda:DeleteFunction", "s3:GetObject"],
    )
    assert decisions(answer) == {
        "lambda:InvokeFunction": "allowed",
        "lambda:DeleteFunction": "explicitDeny",
        "s3:GetObject": "implicitDeny",
    }
    matched = answer["EvaluationResults"][1]["MatchedStatements"]
    assert [statement["SourcePolicyId"] for statement in matched] == ["PolicyInputList.1"]
    assert answer["IsTruncated"] is False


def test_who_may_simulate(house):
    policy = text(document(allow("s3:*")))
    for statements, reason in [([], None), ([allow("iam:*"), deny("iam:SimulateCustomPolicy")], EXPLICITLY)]:
        with denied("iam:SimulateCustomPolicy", "*", reason):
            house.user(*statements).iam.simulate_custom_policy(PolicyInputList=[policy], ActionNames=["s3:GetObject"])
    subject = house.user(allow("s3:*"))
    reader = house.user(allow("iam:SimulatePrincipalPolicy", subject.arn))
    asked = {"PolicySourceArn": subject.arn, "ActionNames": ["s3:GetObject"]}
    assert decisions(reader.iam.simulate_principal_policy(**asked)) == {"s3:GetObject": "allowed"}
    with denied("iam:SimulatePrincipalPolicy", reader.arn):
        reader.iam.simulate_principal_policy(PolicySourceArn=reader.arn, ActionNames=["s3:GetObject"])
    with denied("iam:SimulatePrincipalPolicy", subject.arn, EXPLICITLY):
        house.user(allow("iam:*"), deny("iam:Simulate*")).iam.simulate_principal_policy(**asked)


def test_a_simulation_decides_like_the_call(house):
    function = house.function()
    arn = house.function_arn(function)
    user = house.user(allow("lambda:GetFunction", arn))
    actions = ["lambda:GetFunction", "lambda:GetPolicy"]
    simulated = decisions(
        house.admin.iam.simulate_principal_policy(PolicySourceArn=user.arn, ActionNames=actions, ResourceArns=[arn])
    )
    assert simulated == {"lambda:GetFunction": "allowed", "lambda:GetPolicy": "implicitDeny"}
    user.lambda_.get_function(FunctionName=function)
    with denied("lambda:GetPolicy", arn):
        user.lambda_.get_policy(FunctionName=function)


def test_service_control_policies_are_simulated(house, other_account):
    role = other_account.role(allow("s3:*"))
    asked = {"PolicySourceArn": role, "ActionNames": ["s3:GetObject"]}
    answer = other_account.admin.iam.simulate_principal_policy(**asked)
    detail = answer["EvaluationResults"][0].get("OrganizationsDecisionDetail")
    assert detail in (None, {"AllowedByOrganizations": True})
    assert decisions(answer) == {"s3:GetObject": "allowed"}


def test_an_encoded_message_is_decoded_by_whom_may(house, other_account):
    user = house.user()
    with refused("UnauthorizedOperation", status=403) as refusal:
        user.ec2.create_vpc(CidrBlock="10.0.0.0/16")
    message, encoded = refusal.message.split(ENCODED)
    assert message.endswith("because no identity-based policy allows the ec2:CreateVpc action")
    reader = house.user(allow("sts:DecodeAuthorizationMessage"))
    decoded = json.loads(reader.sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, False)
    assert decoded["context"]["action"] == "ec2:CreateVpc"
    assert decoded["context"]["principal"]["arn"] == user.arn
    for statements, reason in [([], None), ([allow("*"), deny("sts:DecodeAuthorizationMessage")], EXPLICITLY)]:
        with denied("sts:DecodeAuthorizationMessage", "*", reason):
            house.user(*statements).sts.decode_authorization_message(EncodedMessage=encoded)
    invalid = ("InvalidAuthorizationMessageException", "Message is not valid", 400)
    with refused(*invalid):
        other_account.admin.sts.decode_authorization_message(EncodedMessage=encoded)
    with refused(*invalid):
        reader.sts.decode_authorization_message(EncodedMessage="made up")


def test_a_federated_user_may_what_the_user_and_the_policy_allow(house):
    name, function = unique("guest")[:32], house.function()
    arn = f"arn:aws:sts::{house.id}:federated-user/{name}"
    maker = house.user(allow("sts:GetFederationToken", arn), allow("lambda:Get*"))
    policy = text(document(allow("lambda:GetFunction"), allow("s3:*")))
    answer = maker.sts.get_federation_token(Name=name, Policy=policy)
    assert answer["FederatedUser"] == {"FederatedUserId": f"{house.id}:{name}", "Arn": arn}
    guest = Identity(house.admin.endpoint, Credentials.of_session(answer), arn)
    assert guest.sts.get_caller_identity()["Arn"] == arn
    assert guest.lambda_.get_function(FunctionName=function)
    limited = "because no session policy allows the lambda:GetPolicy action"
    with denied("lambda:GetPolicy", house.function_arn(function), limited, arn):
        guest.lambda_.get_policy(FunctionName=function)
    with denied("s3:ListAllMyBuckets", caller=arn):
        guest.s3.list_buckets()
    with refused("InvalidClientTokenId", status=403):
        guest.iam.list_users()
    with refused("AccessDenied", "Cannot call GetFederationToken with session credentials", 403):
        guest.sts.get_federation_token(Name=name)
    with denied("sts:GetFederationToken", f"{arn}-2"):
        maker.sts.get_federation_token(Name=f"{name}-2")
    forbidden = house.user(allow("*"), deny("sts:GetFederationToken"))
    with denied("sts:GetFederationToken", arn, EXPLICITLY):
        forbidden.sts.get_federation_token(Name=name)


def test_the_command_line(house):
    policy = text(document(allow("s3:*")))
    answer = aws(house.admin, "iam simulate-custom-policy --action-names s3:GetObject", policy_input_list=policy)
    assert decisions(answer) == {"s3:GetObject": "allowed"}
