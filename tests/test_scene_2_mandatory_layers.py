"""Scene 2: a user who must use a given layer is denied a function without it, or with another."""

import pytest

from support.account import packed, unique
from support.errors import denied
from support.policy import allow
from support.runtimes import newest_python

CONFIGURE = ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"]


@pytest.fixture(scope="module")
def layers(house):
    """Return the ARN of the layer version that a policy demands, and of another."""
    return house.layer(), house.layer()


def user_with(house, condition: dict):
    """Return a user who may configure functions under this condition, and whatever else that needs."""
    return house.user(
        allow(CONFIGURE, condition=condition),
        allow(["lambda:GetFunction", "lambda:GetLayerVersion"]),
        allow("iam:PassRole", house.basic_role),
    )


def conditions(demanded: str) -> dict[str, dict]:
    """Return the three forms of the condition."""
    return {
        "ForAllValues": {"ForAllValues:StringLike": {"lambda:Layer": [demanded]}},
        "ForAnyValue": {"ForAnyValue:StringLike": {"lambda:Layer": [demanded]}},
        "ForAllValues and Null": {
            "ForAllValues:StringLike": {"lambda:Layer": [demanded]},
            "Null": {"lambda:Layer": "false"},
        },
    }


# What AWS answers to UpdateFunctionConfiguration, by the form of the condition and by the layers of the request.
ALLOWED = {
    "ForAllValues": {"demanded": True, "other": False, "omitted": True, "none": True, "both": False},
    "ForAnyValue": {"demanded": True, "other": False, "omitted": False, "none": False, "both": True},
    "ForAllValues and Null": {"demanded": True, "other": False, "omitted": False, "none": False, "both": False},
}


@pytest.mark.parametrize("form", ALLOWED)
def test_the_layers_of_an_update_decide(house, layers, form):
    demanded, other = layers
    developer = user_with(house, conditions(demanded)[form])
    name = house.function()
    requests = {
        "demanded": {"Layers": [demanded]},
        "other": {"Layers": [other]},
        "omitted": {"Description": "no word of layers"},
        "none": {"Layers": []},
        "both": {"Layers": [demanded, other]},
    }
    for case, is_allowed in ALLOWED[form].items():
        if is_allowed:
            developer.lambda_.update_function_configuration(FunctionName=name, **requests[case])
            house.wait_until_updated(name)
        else:
            with denied("lambda:UpdateFunctionConfiguration", house.function_arn(name)):
                developer.lambda_.update_function_configuration(FunctionName=name, **requests[case])


@pytest.mark.parametrize("form", ALLOWED)
def test_the_layers_of_a_new_function_decide(house, layers, form):
    demanded, other = layers
    developer = user_with(house, conditions(demanded)[form])
    requests = {"demanded": {"Layers": [demanded]}, "other": {"Layers": [other]}, "omitted": {}}
    for case, layer_settings in requests.items():
        name = unique("function")
        creation = {
            "FunctionName": name,
            "Runtime": newest_python(),
            "Handler": "probe.handler",
            "Role": house.basic_role,
            "Code": {"ZipFile": packed("python/probe.py")},
            **layer_settings,
        }
        if ALLOWED[form][case]:
            used = developer.lambda_.create_function(**creation).get("Layers", [])
            assert [layer["Arn"] for layer in used] == layer_settings.get("Layers", [])
        else:
            with denied("lambda:CreateFunction", house.function_arn(name)):
                developer.lambda_.create_function(**creation)


def test_layers_already_attached_do_not_count(house, layers):
    demanded, _ = layers
    developer = user_with(house, conditions(demanded)["ForAllValues and Null"])
    name = house.function(Layers=[demanded])
    with denied("lambda:UpdateFunctionConfiguration", house.function_arn(name)):
        developer.lambda_.update_function_configuration(FunctionName=name, Timeout=5)


def test_any_version_of_a_demanded_layer_will_do(house):
    name = unique("layer")
    first, second = house.layer(name=name), house.layer(name=name)
    pattern = first.rsplit(":", 1)[0] + ":*"
    developer = user_with(house, conditions(pattern)["ForAllValues and Null"])
    function = house.function()
    for version in (first, second):
        developer.lambda_.update_function_configuration(FunctionName=function, Layers=[version])
        house.wait_until_updated(function)


def test_a_layer_also_needs_the_right_to_read_it(house, layers):
    demanded, _ = layers
    developer = house.user(allow(CONFIGURE), allow("iam:PassRole", house.basic_role))
    name = house.function()
    with denied("lambda:GetLayerVersion", demanded):
        developer.lambda_.update_function_configuration(FunctionName=name, Layers=[demanded])
