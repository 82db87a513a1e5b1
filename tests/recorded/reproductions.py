"""For every error that was recorded of AWS: the call that is answered with it here, or why no call is.

The keys are the names of the recordings, as in errors.json.
"""

import io
import zipfile

from recorded.world import ELSEWHERE, OTHER_ACCOUNT
from support.account import packed, unique


def too_large_unzipped() -> bytes:
    """Return a small zip of more than 250 MiB of zeros."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * (262144000 + 1))
    return packed.getvalue()


def deprecated(runtime: str):
    """Return a call that asks for a runtime that AWS no longer takes."""
    return lambda w: w.create(Runtime=runtime)


def runtime_case(runtime: str) -> str:
    """Return the name of the recording of a runtime's refusal."""
    test = "TestRuntimeValidation::test_create_deprecated_function_runtime_with_validation_enabled"
    return f"{test}[{runtime}]/deprecation_error"


def reserved_below_provisioned(w):
    """Reserve less than is provisioned."""
    name = w.published()
    w.provisioned(name, "1", 2)
    w.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)


def provisioned_above_reserved(w):
    """Provision more than is reserved."""
    name = w.published()
    w.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    w.provisioned(name, "1", 2)


def two_weights_of_latest(w):
    """Route $LATEST to a second version."""
    w.create_alias(
        FunctionName=w.f, Name="a", FunctionVersion="$LATEST", RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}}
    )


def routed(weights: dict, version: str = "1", name: str = "a", function: str | None = None):
    """Return a call that makes an alias with weights."""
    return lambda w: w.create_alias(
        FunctionName=function or w.f,
        Name=name,
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": weights},
    )


def too_many_tags(w):
    """Set 51 tags."""
    w.tag_resource(Resource=w.arn(w.fresh()), Tags={f"k{number}": "v" for number in range(51)})


def unreserved(w) -> int:
    """Return the account's unreserved concurrency."""
    return w.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]


def provisioned_version_then_alias(w):
    """Provision a version and then an alias of it."""
    name = w.published()
    w.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    w.provisioned(name, "1")
    w.provisioned(name, "live")


def provisioned_alias_then_version(w):
    """Provision an alias and then its version."""
    name = w.published()
    w.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    w.provisioned(name, "live")
    w.provisioned(name, "1")


def provisioned_alias_deleted(w):
    """Ask for what an alias had provisioned after it was deleted."""
    name = w.published()
    w.create_alias(FunctionName=name, Name="gone", FunctionVersion="1")
    w.provisioned(name, "gone")
    w.delete_alias(FunctionName=name, Name="gone")
    w.get_provisioned_concurrency_config(FunctionName=name, Qualifier="gone")


def blocked(w):
    """Invoke a function with a reserved concurrency of 0."""
    name = w.fresh()
    w.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    w.invoke(FunctionName=name)


def twice(call):
    """Return a call that is made twice."""

    def both(w):
        call(w)
        call(w)

    return both


def two_urls(w):
    """Make two URLs of one function."""
    name = w.fresh()
    for _ in range(2):
        w.create_function_url_config(FunctionName=name, AuthType="NONE")


def removed_policy(w):
    """Read a policy whose statements were all removed."""
    name = w.fresh()
    w.permit(name, "s")
    w.remove_permission(FunctionName=name, StatementId="s")
    w.get_policy(FunctionName=name)


def shared_twice(w):
    """Add a statement to a layer version's policy twice."""
    w.share_layer(StatementId="s1")
    w.share_layer(StatementId="s1")


def update_while_updating(w):
    """Update a function until an update comes while another is in progress."""
    name = w.fresh()
    for number in range(50):
        w.update_function_configuration(FunctionName=name, Description=str(number))


URL = "TestLambdaUrl::test_url_config_exceptions"
TAGS = "TestLambdaTags::test_tag_exceptions"
TAG = "TestLambdaTag::test_tag_exceptions"
CSC = "TestCodeSigningConfig::test_code_signing_not_found_excs"
ROUTES = "TestLambdaAlias::test_notfound_and_invalid_routingconfigs"
LAYER_USE = "TestLambdaLayer::test_layer_function_exceptions"
LAYERS = "TestLambdaLayer::test_layer_exceptions"
LAYER_POLICY = "TestLambdaLayer::test_layer_policy_exceptions"
CREATE = "TestLambdaFunction::test_create_lambda_exceptions"
ARNS = "TestLambdaFunction::test_function_arns"
PERMISSION = "TestLambdaPermissions::test_permission_exceptions"
PROVISIONED = "TestLambdaProvisionedConcurrency::test_provisioned_concurrency_exceptions"
LIFECYCLE = "TestLambdaProvisionedConcurrency::test_lambda_provisioned_lifecycle"
EVENTS = "TestLambdaEventInvokeConfig::test_lambda_eventinvokeconfig_exceptions"
MAPPINGS = "TestLambdaEventSourceMappings"
MISMATCH = "TestLambdaFunction::test_ops_with_arn_qualifier_mismatch"

FUNCTIONS = {
    f"{ARNS}/function_arn_other_account_exc": lambda w: w.create(w.arn("f").replace(w.house.id, OTHER_ACCOUNT)),
    f"{ARNS}/long_function_name_exc": lambda w: w.create("a" * 65),
    f"{ARNS}/long_function_arn_exc": lambda w: w.create(w.arn("a" * 120)),
    f"{ARNS}/invalid_function_name_exc": lambda w: w.create("invalid:function:name"),
    f"{ARNS}/function_arn_other_region_exc": lambda w: w.create(w.arn("f").replace("us-east-1", ELSEWHERE)),
    "TestLambdaFunction::test_get_function_wrong_region[get_function]/wrong_region_exception": lambda w: w.get_function(
        FunctionName=w.arn("f").replace("us-east-1", ELSEWHERE)
    ),
    f"{MISMATCH}[delete_function]/match_exception": lambda w: w.delete_function(
        FunctionName=w.arn(w.f, "$LATEST"), Qualifier="$LATEST"
    ),
    f"{MISMATCH}[delete_function]/not_match_exception": lambda w: w.delete_function(
        FunctionName=w.arn(w.f, "1"), Qualifier="2"
    ),
    f"{MISMATCH}[get_function]/match_exception": lambda w: w.get_function(
        FunctionName=w.arn("some-function", "$LATEST"), Qualifier="$LATEST"
    ),
    f"{CREATE}/invalid_zip_exc": lambda w: w.create(code=b"this is not a zip file"),
    f"{CREATE}/uppercase_runtime_exc": lambda w: w.create(Runtime="PYTHON3.9"),
    f"{CREATE}/invalid_runtime_exc": lambda w: w.create(Runtime="non-existent-runtime"),
    f"{CREATE}/uppercase_architecture": lambda w: w.create(Architectures=["X86_64"]),
    f"{CREATE}/multiple_architectures": lambda w: w.create(Architectures=["x86_64", "arm64"]),
    f"{CREATE}/invalid_role_arn_exc": lambda w: w.create(Role="r1"),
    "TestLambdaSnapStart::test_snapstart_exceptions/create_function_invalid_snapstart_apply": lambda w: w.create(
        SnapStart={"ApplyOn": "invalidOption"}
    ),
    "TestLambdaSizeLimits::test_oversized_lambda/invalid_param_exc": lambda w: w.create(code=too_large_unzipped()),
    "TestLambdaSizeLimits::test_oversized_request_create_lambda/invalid_param_exc": lambda w: w.create(
        code=b"\0" * 53_000_000
    ),
    "TestLambdaSizeLimits::test_oversized_zipped_create_lambda/invalid_param_exc": lambda w: w.create(
        code=b"\0" * 52_428_801
    ),
    "TestLambdaSizeLimits::test_large_environment_variables_fails/failed_create_fn_result": lambda w: w.create(
        Environment={"Variables": {"LARGE_VAR": "x" * 4096}}
    ),
    "TestLambdaFunction::test_lambda_code_location_s3_errors/create-error-wrong-bucket": lambda w: w.create(
        Code={"S3Bucket": unique("no-bucket"), "S3Key": "k"}
    ),
    "TestLambdaFunction::test_lambda_code_location_s3_errors/create-error-wrong-key": lambda w: w.create(
        Code={"S3Bucket": w.house.bucket(), "S3Key": "k"}
    ),
    "TestLambdaFunction::test_delete_on_nonexisting_version/delete_function_response_non_existent": (
        lambda w: w.delete_function(FunctionName="missing")
    ),
    "TestLambdaFunction::test_ops_on_nonexisting_version[get_function]/version_not_found_exception": (
        lambda w: w.get_function(FunctionName=w.f, Qualifier="1221")
    ),
    "TestLambdaFunction::test_function_lifecycle/delete_postdelete": lambda w: w.delete_function(
        FunctionName="deleted"
    ),
    "TestLambdaFunction::test_ops_on_nonexisting_fn[delete_function]/not_found_exception": lambda w: w.delete_function(
        FunctionName="missing"
    ),
    "TestLambdaFunction::test_list_functions/list_functions_invalid_functionversion": lambda w: w.list_functions(
        FunctionVersion="invalid"
    ),
    "TestLambdaFunction::test_lambda_concurrent_code_updates/update-during-in-progress-update-exc": (
        update_while_updating
    ),
    "TestLambdaFunction::test_invalid_vpc_config_security_group/create-response-non-existent-security-group": (
        lambda w: w.in_vpc(group="sg-0123456789abcdef0")
    ),
    "TestLambdaFunction::test_invalid_vpc_config_security_group/create-response-invalid-format-security-group": (
        lambda w: w.in_vpc(group="bad-format")
    ),
    "TestLambdaFunction::test_invalid_vpc_config_subnet/create-response-non-existent-subnet-id": (
        lambda w: w.in_vpc(subnet="subnet-0123456789abcdef0")
    ),
    "TestLambdaFunction::test_invalid_vpc_config_subnet/create-response-invalid-format-subnet-id": (
        lambda w: w.in_vpc(subnet="bad-format")
    ),
    "TestLambdaImages::test_lambda_zip_file_to_image/zipfile-to-image-error": lambda w: w.update_function_code(
        FunctionName=w.fresh(), ImageUri=w.image_uri
    ),
    "TestLambdaImages::test_lambda_image_versions/invalid_sha_publish": lambda w: w.publish_version(
        FunctionName=w.image(), CodeSha256="a" * 64
    ),
    "TestLambdaImages::test_lambda_image_crud/image-to-zipfile-error": lambda w: w.update_function_code(
        FunctionName=w.image(), ZipFile=packed("python/probe.py")
    ),
    "TestLambdaVersions::test_publish_with_wrong_sha256/publish_wrong_sha256_exc": lambda w: w.publish_version(
        FunctionName=w.f, CodeSha256="somenonexistentsha256"
    ),
    "TestLambdaVersions::test_publish_with_wrong_revisionid/publish_wrong_revisionid_exc": lambda w: w.publish_version(
        FunctionName=w.f, RevisionId="no-such-revision"
    ),
} | {
    runtime_case(runtime): deprecated(runtime)
    for runtime in (
        "dotnetcore3.1", "go1.x", "java8", "nodejs12.x", "nodejs14.x", "provided", "python3.7", "ruby2.7",
    )
}  # fmt: skip

INVOCATION = {
    "TestLambdaErrors::test_lambda_invoke_payload_encoding_error[body-n\\x87r\\x9e\\xe9\\xb5\\xd7I\\xee\\x9bmt]"
    "/invoke_function_invalid_payload_body": lambda w: w.invoke(
        FunctionName=w.f, Payload=b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt"
    ),
    "TestLambdaErrors::test_lambda_invoke_payload_encoding_error[message-\\x99\\xeb,j\\x07\\xa1zYh]"
    "/invoke_function_invalid_payload_message": lambda w: w.invoke(
        FunctionName=w.f, Payload=b"\x99\xeb,j\x07\xa1zYh"
    ),
    "TestLambdaFeatures::test_invoke_exceptions/invoke_function_doesnotexist": lambda w: w.invoke(
        FunctionName="doesnotexist"
    ),
    "TestLambdaFunction::test_invalid_invoke/invoke_function_name_pattern_exc": lambda w: w.invoke(
        FunctionName="arn:aws:lambda:us-east-1:123400000000@function:myfn"
    ),
    "TestLambdaAliases::test_lambda_alias_moving/invocation_exc_not_existent": lambda w: w.invoke(
        FunctionName=w.f, Qualifier="non-existent-alias"
    ),
    "TestLambdaConcurrency::test_lambda_concurrency_block/invoke_latest_first_exc": blocked,
}

ALIASES = {
    f"{ROUTES}/target_version_exc_version_latest": two_weights_of_latest,
    f"{ROUTES}/routing_config_exc_sameversion": routed({"1": 0.5}),
    f"{ROUTES}/routing_config_exc_toomany": routed({"1": 0.3, "2": 0.3}),
    f"{ROUTES}/routing_config_exc_already_exist": twice(
        lambda w: w.create_alias(FunctionName=w.f, Name="custom", FunctionVersion="1")
    ),
    f"{ROUTES}/alias_does_not_exist_esc": lambda w: w.get_alias(FunctionName=w.f, Name="non-existent"),
    f"{ROUTES}/routing_config_exc_fn_doesnotexist": lambda w: w.create_alias(
        FunctionName=f"{w.f}-unknown", Name="a", FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    ),
    f"{ROUTES}/target_version_doesnotexist": lambda w: w.create_alias(
        FunctionName=w.f, Name="a", FunctionVersion="10"
    ),
    f"{ROUTES}/routing_config_exc_version_latest": routed({"$LATEST": 0.5}),
    f"{ROUTES}/routing_config_exc_subzero": routed({"2": -1.0}),
    f"{ROUTES}/routing_config_exc_toohigh": routed({"2": 2.0}),
    "TestLambdaAlias::test_non_existent_alias_update/update_alias_response": lambda w: w.update_alias(
        FunctionName=w.f, Name="non-existent", FunctionVersion="1"
    ),
    "TestLambdaAlias::test_alias_lifecycle/get_function_alias_notfound_exc": lambda w: w.get_function(
        FunctionName=w.f, Qualifier="aliasdoesnotexist"
    ),
    "TestLambdaAlias::test_alias_naming/create_alias_number_exception": lambda w: w.create_alias(
        FunctionName=w.f, Name="2024", FunctionVersion="1"
    ),
}  # fmt: skip

LAYER_CALLS = {
    "TestLambdaLayer::test_layer_function_quota_exception/create_function_with_six_layers": lambda w: w.create(
        Layers=[w.house.layer() for _ in range(6)]
    ),
    f"{LAYERS}/get_layer_version_exc_layer_version_doesnotexist_negative": lambda w: w.get_layer_version(
        LayerName=w.layer, VersionNumber=-1
    ),
    f"{LAYERS}/list_layers_exc_compatiblearchitecture_invalid": lambda w: w.list_layers(
        CompatibleArchitecture="archdoesnotexist"
    ),
    f"{LAYERS}/list_layers_exc_compatibleruntime_invalid": lambda w: w.list_layers(
        CompatibleRuntime="runtimedoesnotexist"
    ),
    f"{LAYERS}/get_layer_version_by_arn_exc_invalidarn": lambda w: w.get_layer_version_by_arn(Arn=w.layer_arn()),
    f"{LAYERS}/publish_layer_version_exc_partially_invalid_values": lambda w: w.new_layer(
        CompatibleRuntimes=["invalidruntime", "invalidruntime2", "nodejs20.x"],
        CompatibleArchitectures=["invalidarch", "x86_64"],
    ),
    f"{LAYERS}/publish_layer_version_exc_invalid_runtime_arch": lambda w: w.new_layer(
        CompatibleRuntimes=["invalidruntime"], CompatibleArchitectures=["invalidarch"]
    ),
    f"{LAYER_USE}/add_nonexistent_layer_version_exc": lambda w: w.create(Layers=[w.layer_arn(9)]),
    f"{LAYER_USE}/add_nonexistent_layer_exc": lambda w: w.create(Layers=[w.other("layer", "doesnotexist:1")]),
    f"{LAYER_USE}/create_function_with_layer_in_different_region": lambda w: w.create(
        Layers=[w.layer_arn(1, region="us-west-2")]
    ),
    f"{LAYER_USE}/two_identical_layer_versions_single_function_exc": lambda w: w.create(
        Layers=[w.layer_arn(1), w.layer_arn(1)]
    ),
    f"{LAYER_USE}/two_layer_versions_single_function_exc": lambda w: w.create(
        Layers=[w.layer_arn(1), w.layer_arn(2)]
    ),
    f"{LAYER_USE}/add_layer_arn_without_version_exc": lambda w: w.create(Layers=[w.layer_arn()]),
    f"{LAYER_POLICY}/layer_permission_wrong_revision": lambda w: [
        w.share_layer(StatementId="s0", VersionNumber=2),
        w.share_layer(StatementId="s2", VersionNumber=2, RevisionId="wrong"),
    ],
    f"{LAYER_POLICY}/layer_permission_duplicate_statement": shared_twice,
    f"{LAYER_POLICY}/layer_permission_action_invalid": lambda w: w.share_layer(Action="*"),
    f"{LAYER_POLICY}/layer_permission_layername_doesnotexist_add": lambda w: w.share_layer(
        LayerName=f"{w.layer}-doesnotexist"
    ),
    f"{LAYER_POLICY}/layer_permission_layerversion_doesnotexist_add": lambda w: w.share_layer(
        LayerName=w.house.layer().split(":")[6], VersionNumber=2
    ),
    f"{LAYER_POLICY}/layer_permission_statementid_doesnotexist_remove": lambda w: [
        w.share_layer(StatementId="s9", VersionNumber=2),
        w.remove_layer_version_permission(LayerName=w.layer, VersionNumber=2, StatementId="doesnotexist"),
    ],
}

POLICIES = {
    f"{PERMISSION}/add_permission_principal_invalid": lambda w: w.permit(w.f, "s1", Principal="invalid.nonaws.com"),
    f"{PERMISSION}/add_permission_fn_qualifier_latest": lambda w: w.permit(w.f, "s1", Qualifier="$LATEST"),
    f"{PERMISSION}/add_permission_conflicting_statement_id": lambda w: w.permit(w.f, "s3"),
    f"{PERMISSION}/add_permission_fn_alias_doesnotexist": lambda w: w.permit(
        w.f, "s1", Qualifier="alias-doesnotexist"
    ),
    f"{PERMISSION}/add_permission_fn_version_doesnotexist": lambda w: w.permit(w.f, "s1", Qualifier="42"),
    f"{PERMISSION}/add_permission_fn_qualifier_valid_doesnotexist": lambda w: w.permit(
        w.f, "s1", Qualifier="valid-with-$-but-doesnotexist"
    ),
    f"{PERMISSION}/add_permission_invalid_statement_id": lambda w: w.permit(w.f, "example.com"),
    f"{PERMISSION}/add_permission_fn_qualifier_invalid": lambda w: w.permit(
        w.f, "s1", Qualifier="invalid-qualifier-with-?-char"
    ),
    f"{PERMISSION}/remove_permission_fn_doesnotexist": lambda w: w.remove_permission(
        FunctionName="doesnotexist", StatementId="s"
    ),
    f"{PERMISSION}/remove_permission_policy_doesnotexist": lambda w: w.remove_permission(
        FunctionName=w.fresh(), StatementId="s"
    ),
    "TestLambdaPermissions::test_remove_multi_permissions/remove_permission_exception_nonexisting_sid": (
        lambda w: w.remove_permission(FunctionName=w.f, StatementId="non-existent")
    ),
    "TestLambdaPermissions::test_lambda_permission_fn_versioning/add_permission_alias_revision_exception": (
        lambda w: [w.permit(w.f, "a1", Qualifier="live"), w.permit(w.f, "a2", Qualifier="live", RevisionId="wrong")]
    ),
}

TAGGING = {
    f"{TAGS}/tag_empty_tags": lambda w: w.tag_resource(Resource=w.arn(w.f), Tags={}),
    f"{TAGS}/tag_lambda_qualifier_doesnotexist": lambda w: w.tag_resource(
        Resource=w.arn(w.f, "nope"), Tags={"k": "v"}
    ),
    f"{TAGS}/tag_lambda_invalidarn": lambda w: w.tag_resource(Resource="arn:aws:something", Tags={"k": "v"}),
    f"{TAGS}/tag_lambda_doesnotexist": lambda w: w.tag_resource(Resource=w.arn("doesnotexist"), Tags={"k": "v"}),
    f"{TAGS}/untag_empty_keys": lambda w: w.untag_resource(Resource=w.arn(w.f), TagKeys=[]),
    "TestLambdaTags::test_tag_limits/tag_lambda_too_many_tags": too_many_tags,
    f"{TAG}[capacity_provider]/not_found_exception_tag": lambda w: w.tag_resource(
        Resource=w.other("capacity-provider", "missing"), Tags={"k": "v"}
    ),
    f"{TAG}[event_source_mapping]/not_found_exception_tag": lambda w: w.tag_resource(
        Resource=w.other("event-source-mapping", "0" * 8 + "-0000-0000-0000-" + "0" * 12), Tags={"k": "v"}
    ),
    f"{TAG}[lambda_function]/not_found_exception_tag": lambda w: w.tag_resource(
        Resource=w.arn("missing"), Tags={"k": "v"}
    ),
    f"{TAG}[capacity_provider]/aliased_arn_exception": lambda w: w.tag_resource(
        Resource=w.other("capacity-provider", "missing:alias"), Tags={"k": "v"}
    ),
    f"{TAG}[event_source_mapping]/aliased_arn_exception": lambda w: w.tag_resource(
        Resource=w.other("event-source-mapping", "missing:alias"), Tags={"k": "v"}
    ),
    f"{TAG}[lambda_function]/invalid_arn_exception": lambda w: w.tag_resource(
        Resource=w.other("foobar", "missing"), Tags={"k": "v"}
    ),
}

SIGNING = {
    f"{CSC}/put_function_csc_invalid_csc_arn": lambda w: w.put_function_code_signing_config(
        FunctionName=w.f, CodeSigningConfigArn=w.signing()
    ),
    f"{CSC}/delete_function_csc_fnnotfound": lambda w: w.delete_function_code_signing_config(
        FunctionName="csc-test-doesnotexist"
    ),
    f"{CSC}/delete_csc_notfound": lambda w: w.delete_code_signing_config(CodeSigningConfigArn=w.signing()),
}

CONCURRENCY = {
    "TestLambdaConcurrency::test_reserved_provisioned_overlap/reserved_lower_than_provisioned_exc": (
        reserved_below_provisioned
    ),
    "TestLambdaConcurrency::test_reserved_provisioned_overlap/reserved_equals_provisioned_another_provisioned_exc": (
        provisioned_above_reserved
    ),
    "TestLambdaProvisionedConcurrency::test_provisioned_concurrency_limits"
    "/put_provisioned_concurrency_below_unreserved_min_value": lambda w: w.provisioned(
        w.published(), "1", unreserved(w) - 1
    ),
    "TestLambdaProvisionedConcurrency::test_provisioned_concurrency_limits"
    "/put_provisioned_concurrency_account_limit_exceeded": lambda w: w.provisioned(
        w.published(), "1", unreserved(w) + 1
    ),
    "TestLambdaReservedConcurrency::test_function_concurrency_limits"
    "/put_function_concurrency_account_limit_exceeded": lambda w: w.put_function_concurrency(
        FunctionName=w.fresh(), ReservedConcurrentExecutions=unreserved(w) + 1
    ),
    "TestLambdaReservedConcurrency::test_function_concurrency_exceptions/put_function_concurrency_with_qualified_arn": (
        lambda w: w.put_function_concurrency(FunctionName=w.arn(w.f, "1"), ReservedConcurrentExecutions=1)
    ),
    f"{PROVISIONED}/put_provisioned_latest": lambda w: w.provisioned(w.f, "$LATEST"),
    f"{PROVISIONED}/get_provisioned_latest": lambda w: w.get_provisioned_concurrency_config(
        FunctionName=w.f, Qualifier="$LATEST"
    ),
    f"{PROVISIONED}/put_provisioned_invalid_param_0": lambda w: w.provisioned(w.f, "1", 0),
    f"{PROVISIONED}/put_provisioned_qualifier_doesnotexist": lambda w: w.provisioned(w.f, "doesnotexist"),
    f"{PROVISIONED}/get_provisioned_qualifier_doesnotexist": lambda w: w.get_provisioned_concurrency_config(
        FunctionName=w.f, Qualifier="noalias"
    ),
    f"{PROVISIONED}/get_provisioned_functionname_doesnotexist": lambda w: w.get_provisioned_concurrency_config(
        FunctionName="doesnotexist", Qualifier="noalias"
    ),
    f"{PROVISIONED}/delete_provisioned_functionname_doesnotexist": lambda w: w.delete_provisioned_concurrency_config(
        FunctionName="doesnotexist", Qualifier="1"
    ),
    "TestLambdaConcurrency::test_lambda_provisioned_concurrency_moves_with_alias/provisioned_concurrency_notfound": (
        lambda w: w.get_provisioned_concurrency_config(FunctionName=w.f, Qualifier="live")
    ),
    f"{LIFECYCLE}/put_provisioned_on_alias_versionconflict": provisioned_version_then_alias,
    f"{LIFECYCLE}/put_provisioned_on_version_conflict": provisioned_alias_then_version,
    f"{LIFECYCLE}/get_provisioned_alias_postaliasdelete": provisioned_alias_deleted,
}

EVENT_CONFIGS = {
    f"{EVENTS}/put_destination_lambda_doesntexist": lambda w: w.destinations(
        DestinationConfig={"OnSuccess": {"Destination": w.arn("doesnotexist")}}
    ),
    f"{EVENTS}/put_destination_invalid_service_arn": lambda w: w.destinations(
        DestinationConfig={"OnSuccess": {"Destination": w.arn(w.f).replace(":lambda:", ":iam:")}}
    ),
    f"{EVENTS}/put_destination_invalid_arn_pattern": lambda w: w.destinations(
        DestinationConfig={"OnFailure": {"Destination": w.arn(w.f).replace(":lambda:", ":_-/!lambda:")}}
    ),
    f"{EVENTS}/put_destination_recursive": lambda w: w.destinations(
        DestinationConfig={"OnSuccess": {"Destination": w.arn(w.f)}}
    ),
    f"{EVENTS}/put_functionname_nootherargs": lambda w: w.destinations(),
    f"{EVENTS}/put_functionname_name_notfound": lambda w: w.put_function_event_invoke_config(
        FunctionName="doesnotexist", MaximumRetryAttempts=0
    ),
    f"{EVENTS}/delete_function_not_found": lambda w: w.delete_function_event_invoke_config(FunctionName=w.f),
    f"{EVENTS}/get_qualifier_doesnotexist": lambda w: w.get_function_event_invoke_config(
        FunctionName=w.f, Qualifier="doesnotexist"
    ),
    f"{EVENTS}/get_eventinvokeconfig_doesnotexist": lambda w: [
        w.create_alias(FunctionName=w.f, Name="eventinvokealias", FunctionVersion="1"),
        w.get_function_event_invoke_config(FunctionName=w.f, Qualifier="eventinvokealias"),
    ],
    f"{EVENTS}/delete_function_doesnotexist": lambda w: w.delete_function_event_invoke_config(
        FunctionName="doesnotexist"
    ),
    "TestLambdaEventInvokeConfig::test_lambda_eventinvokeconfig_lifecycle/get_invokeconfig_postpublish": (
        lambda w: w.get_function_event_invoke_config(FunctionName=w.f, Qualifier="1")
    ),
    "TestLambdaFunction::test_ops_on_nonexisting_version[get_function_event_invoke_config]"
    "/version_not_found_exception": lambda w: w.get_function_event_invoke_config(FunctionName=w.f, Qualifier="1221"),
    "TestLambdaFunction::test_ops_on_nonexisting_fn[get_function_event_invoke_config]/not_found_exception": (
        lambda w: w.get_function_event_invoke_config(FunctionName="missing")
    ),
}

URLS = {
    f"{URL}/create_function_url_config_qualifier_latest": lambda w: w.create_function_url_config(
        FunctionName=w.f, Qualifier="$LATEST", AuthType="NONE"
    ),
    f"{URL}/create_function_url_config_name_doesnotexist_qualifier": lambda w: w.create_function_url_config(
        FunctionName="doesnotexist", Qualifier="1", AuthType="NONE"
    ),
    f"{URL}/create_function_url_config_qualifier_version_doesnotexist": lambda w: w.create_function_url_config(
        FunctionName=w.f, Qualifier="2", AuthType="NONE"
    ),
    "TestLambdaURL::test_lambda_url_invalid_invoke_mode/invoke_function_invalid_invoke_type": (
        lambda w: w.create_function_url_config(FunctionName=w.f, AuthType="NONE", InvokeMode="UNKNOWN")
    ),
    "TestLambdaUrl::test_url_config_lifecycle/failed_duplication": two_urls,
    "TestLambdaUrl::test_url_config_list_paging/list_function_notfound": lambda w: w.list_function_url_configs(
        FunctionName="doesnotexist"
    ),
    "TestLambdaFunction::test_ops_on_nonexisting_fn[get_function_url_config]/not_found_exception": (
        lambda w: w.get_function_url_config(FunctionName="missing")
    ),
    "TestLambdaRecursion::test_put_function_recursion_config_invalid_value/put_recursion_invalid_value_error": (
        lambda w: w.put_function_recursion_config(FunctionName=w.f, RecursiveLoop="InvalidValue")
    ),
}

MAPPING_CALLS = {
    f"{MAPPINGS}::test_create_event_source_validation/no_starting_position": lambda w: w.mapping(
        EventSourceArn=w.source("kinesis", "stream/s")
    ),
    f"{MAPPINGS}::test_create_event_source_validation/incompatible_starting_position": lambda w: w.mapping(
        EventSourceArn=w.source("dynamodb", "table/t/stream/2026-01-01T00:00:00.000"),
        StartingPosition="AT_TIMESTAMP",
        StartingPositionTimestamp=0,
    ),
    f"{MAPPINGS}::test_create_event_source_validation/invalid_starting_position": lambda w: w.mapping(
        EventSourceArn=w.source("kinesis", "stream/s"), StartingPosition="invalid"
    ),
    f"{MAPPINGS}::test_event_source_mapping_exceptions/create_unknown_params": (
        lambda w: w.create_event_source_mapping(FunctionName="doesnotexist", EventSourceArn=w.source("sqs", "q"))
    ),
    f"{MAPPINGS}::test_event_source_mapping_exceptions/create_no_event_source_arn": lambda w: w.mapping(),
    f"{MAPPINGS}::test_event_source_mapping_exceptions/destination_config_failure": lambda w: w.mapping(
        EventSourceArn=w.source("sqs", unique("q")),
        DestinationConfig={"OnFailure": {"Destination": w.source("sqs", "dead")}},
    ),
    f"{MAPPINGS}::test_create_event_source_self_managed/missing-source-access-configuration": lambda w: w.mapping(
        SelfManagedEventSource={"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}},
        Topics=["topic"],
        StartingPosition="LATEST",
    ),
    f"{MAPPINGS}::test_create_event_source_self_managed/duplicate-source": twice(lambda w: w.kafka("kafka:1000")),
    f"{MAPPINGS}::test_create_event_source_self_managed/multiple-duplicate-source": twice(
        lambda w: w.kafka("kafka:1000", "kafka:2000")
    ),
    "TestDynamoDBEventSourceMapping::test_dynamodb_invalid_event_filter[single-string]/exception_event_source_creation": (
        lambda w: w.mapping(
            EventSourceArn=w.source("dynamodb", "table/t/stream/2026-01-01T00:00:00.000"),
            StartingPosition="LATEST",
            FilterCriteria={"Filters": [{"Pattern": "single-string"}]},
        )
    ),
    "TestSQSEventSourceMapping::test_event_source_mapping_default_batch_size/invalid-update-event-source-mapping": (
        lambda w: w.mapping(EventSourceArn=w.source("sqs", unique("q")), BatchSize=11)
    ),
    "TestSQSEventSourceMapping::test_duplicate_event_source_mappings/error": twice(
        lambda w: w.mapping(EventSourceArn=w.queue)
    ),
    "test_esm_with_not_existing_sqs_queue/error": lambda w: w.mapping(EventSourceArn=w.source("sqs", unique("q"))),
    "TestDynamoDBEventSourceMapping::test_duplicate_event_source_mappings/error": twice(
        lambda w: w.mapping(
            EventSourceArn=w.source("dynamodb", "table/twice/stream/2026-01-01T00:00:00.000"),
            StartingPosition="LATEST",
        )
    ),
    "TestKinesisSource::test_duplicate_event_source_mappings/error": twice(
        lambda w: w.mapping(EventSourceArn=w.source("kinesis", "stream/twice"), StartingPosition="LATEST")
    ),
}

CALLS = {
    name: call
    for table in (
        FUNCTIONS, INVOCATION, ALIASES, LAYER_CALLS, POLICIES, TAGGING, SIGNING, CONCURRENCY, EVENT_CONFIGS, URLS,
        MAPPING_CALLS,
    )
    for name, call in table.items()
}  # fmt: skip

# What no call here is answered with, and why.
NOT_HERE = {
    "TestLambdaSizeLimits::test_large_environment_fails_multiple_keys/failured_create_fn_result_multi_key": (
        "the order in which AWS prints several variables is not known; here they are sorted by name"
    ),
    "TestDynamoDBEventSourceMapping::test_esm_with_not_existing_dynamodb_stream/error": (
        "Rolecall has no DynamoDB that could know the stream"
    ),
    "TestKinesisSource::test_esm_with_not_existing_kinesis_stream/error": (
        "Rolecall has no Kinesis that could know the stream"
    ),
}
