"""Scene 8: a layer version is used by another account only after AddLayerVersionPermission."""

import pytest

from support.account import invoke
from support.errors import denied

ACTION = "lambda:GetLayerVersion"
NO_RESOURCE_POLICY = f"because no resource-based policy allows the {ACTION} action"


@pytest.fixture
def layer(house):
    """Return the ARN of a layer version with a module in it."""
    return house.layer({"python/shared_module.py": 'VALUE = "from the layer"\n'})


def permit(house, layer: str, principal: str) -> None:
    """Let an account use the layer version."""
    name, version = layer.split(":")[-2:]
    house.admin.lambda_.add_layer_version_permission(
        LayerName=name, VersionNumber=int(version), StatementId="share", Action=ACTION, Principal=principal
    )


def forbid(house, layer: str) -> None:
    """Take the permission away."""
    name, version = layer.split(":")[-2:]
    house.admin.lambda_.remove_layer_version_permission(LayerName=name, VersionNumber=int(version), StatementId="share")


def test_another_account_uses_a_layer_version_after_the_permission(house, other_account, layer):
    with denied(ACTION, layer, NO_RESOURCE_POLICY, caller=other_account.admin.arn):
        other_account.function(Layers=[layer])
    permit(house, layer, other_account.id)
    function = other_account.function(Layers=[layer])
    assert invoke(other_account.admin, function, {"do": "use_module", "module": "shared_module"}) == "from the layer"


def test_the_permission_is_for_one_version(house, other_account, layer):
    permit(house, layer, other_account.id)
    second = house.layer(name=layer.split(":")[-2])
    with denied(ACTION, second, NO_RESOURCE_POLICY):
        other_account.admin.lambda_.get_layer_version_by_arn(Arn=second)
    other_account.admin.lambda_.get_layer_version_by_arn(Arn=layer)


def test_a_revoked_permission_stops_new_uses_and_not_old_ones(house, other_account, layer):
    permit(house, layer, other_account.id)
    function = other_account.function(Layers=[layer])
    forbid(house, layer)
    with denied(ACTION, layer, NO_RESOURCE_POLICY):
        other_account.function(Layers=[layer])
    assert invoke(other_account.admin, function, {"do": "use_module", "module": "shared_module"}) == "from the layer"


def test_a_permission_for_everybody_opens_the_version(house, other_account, layer):
    permit(house, layer, "*")
    other_account.admin.lambda_.get_layer_version_by_arn(Arn=layer)
