"""Layers: what they put under /opt, and which belong together."""

from support.account import invoke, unique
from support.errors import refused


def test_a_layer_is_seen_under_opt_and_its_modules_are_imported(house):
    layer = house.layer({"python/from_layer.py": 'VALUE = "imported"\n', "data/note.txt": "read"})
    function = house.function(Layers=[layer])
    assert invoke(house.admin, function, {"do": "use_module", "module": "from_layer"}) == "imported"
    assert invoke(house.admin, function, {"do": "read_file", "path": "/opt/data/note.txt"}) == "read"


def test_a_later_layer_wins(house):
    first = house.layer({"note.txt": "first", "only-first.txt": "kept"})
    second = house.layer({"note.txt": "second"})
    function = house.function(Layers=[first, second])
    assert invoke(house.admin, function, {"do": "read_file", "path": "/opt/note.txt"}) == "second"
    assert invoke(house.admin, function, {"do": "read_file", "path": "/opt/only-first.txt"}) == "kept"


def test_a_deleted_layer_version_keeps_working_where_it_is_used(house):
    layer = house.layer({"note.txt": "still here"})
    function = house.function(Layers=[layer])
    name, version = layer.split(":")[-2:]
    house.admin.lambda_.delete_layer_version(LayerName=name, VersionNumber=int(version))
    assert invoke(house.admin, function, {"do": "read_file", "path": "/opt/note.txt"}) == "still here"
    with refused("InvalidParameterValueException", f"Layer version {layer} does not exist.", 400):
        house.function(Layers=[layer])


def test_versions_of_a_layer_are_numbered_and_listed(house):
    name = unique("layer")
    first, second = house.layer(name=name), house.layer(name=name)
    assert (first.rsplit(":", 1)[1], second.rsplit(":", 1)[1]) == ("1", "2")
    listed = house.admin.lambda_.list_layer_versions(LayerName=name)["LayerVersions"]
    assert [version["Version"] for version in listed] == [2, 1]


def test_two_versions_of_one_layer_do_not_go_together(house):
    name = unique("layer")
    first, second = house.layer(name=name), house.layer(name=name)
    with refused(
        "InvalidParameterValueException",
        "Two different versions of the same layer are not allowed to be referenced in the same function. "
        f"{first} and {second} are versions of the same layer.",
        400,
    ):
        house.function(Layers=[first, second])
