#!/usr/bin/env python3
"""Makes the files beside it from what others publish; README.md says where each source comes from.

    regenerate.py --reference DIR --moto DIR --iam-data DIR

The output is sorted and has one record a line, so that a change at the source is a readable diff here.
"""

import argparse
import importlib.util
import json
import pathlib
import re
import shutil

HERE = pathlib.Path(__file__).parent
SERVICES = ["events", "iam", "lambda", "logs", "organizations", "s3", "sns", "sqs", "sts", "xray"]
WELL_KNOWN_POLICIES = [
    "AdministratorAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "CloudWatchLogsFullAccess",
    "CloudWatchLogsReadOnlyAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
]
# The principals by which AWS services call Lambda (reference lambda.md 3.4). The last three never do, and
# AddPermission takes them all the same.
LAMBDA_CALLERS = """
    alexa-appkit.amazon.com alexa-connectedhome.amazon.com apigateway.amazonaws.com appsync.amazonaws.com
    batchoperations.s3.amazonaws.com bedrock.amazonaws.com bedrock-agentcore.amazonaws.com cloudfront.amazonaws.com
    codecommit.amazonaws.com cognito-idp.amazonaws.com cognito-sync.amazonaws.com config.amazonaws.com
    connect.amazonaws.com edgelambda.amazonaws.com elasticloadbalancing.amazonaws.com events.amazonaws.com
    iot.amazonaws.com iotevents.amazonaws.com lambda.alarms.cloudwatch.amazonaws.com lex.amazonaws.com
    lexv2.amazonaws.com logs.amazonaws.com s3.amazonaws.com secretsmanager.amazonaws.com ses.amazonaws.com
    sns.amazonaws.com vpc-lattice.amazonaws.com
    kinesis.amazonaws.com lambda.amazonaws.com sqs.amazonaws.com
""".split()


def one_record_a_line(records):
    lines = ",\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in records)
    return f"[\n{lines}\n]\n"


def utc(date):
    """The sources write `.000Z` and `+00:00`; AWS answers with plain `Z`."""
    return re.sub(r"(\.\d+)?(Z|\+00:00)$", "Z", date)


def policy(name, path, default, created, updated, deprecated, versions):
    return {
        "name": name,
        "arn": f"arn:aws:iam::aws:policy{path}{name}",
        "path": path,
        "defaultVersion": default,
        "created": utc(created),
        "updated": utc(updated),
        # A deprecated policy cannot be attached any more; one for a service-linked role never could be.
        "attachable": not deprecated and not path.startswith("/aws-service-role/"),
        "deprecated": deprecated,
        "versions": versions,
    }


def version(id, created, document):
    return {"id": id, "created": utc(created), "document": document}


def managed_policies(reference, moto):
    for p in json.loads((reference / "lambda-managed-policies.json").read_text())["policies"]:
        history = [version(h["versionId"], h["createDate"], h["document"]) for h in p.get("history", [])]
        if p["defaultVersionId"] not in [v["id"] for v in history]:
            history.append(version(p["defaultVersionId"], p["updateDate"], p["document"]))
        yield policy(
            p["name"], p["path"], p["defaultVersionId"], p["createDate"], p["updateDate"],
            p["status"] == "deprecated", history,
        )
    for name in WELL_KNOWN_POLICIES:
        p = moto[name]
        # AWS's own documents begin with the version; the source sorts its keys.
        document = {k: p["Document"][k] for k in sorted(p["Document"], reverse=True)}
        yield policy(
            name, p["Path"], p["DefaultVersionId"], p["CreateDate"], p["UpdateDate"], False,
            [version(p["DefaultVersionId"], p["UpdateDate"], document)],
        )


def lambda_operations(reference):
    for o in json.loads((reference / "lambda-actions.json").read_text())["operations"]:
        yield {
            "operation": o["operation"],
            "action": o["action"],
            "accessLevel": o["accessLevel"],
            "resourceRule": o["resourceRule"],
            "resourceTypes": o["resourceTypes"],
            "conditionKeys": [key.removesuffix("(?)") for key in o["conditionKeys"]],
            "additionalActions": [
                {
                    "action": a["action"],
                    "resource": a["resource"],
                    "when": when(a),
                    "passedToService": passed_to_service(a),
                    "fatal": a.get("fatal", True),
                }
                for a in o["additionalActions"]
            ],
            "usableInFunctionResourcePolicy": o["usableInFunctionResourcePolicy"],
            "usableInLayerPolicy": o["usableInLayerPolicy"],
        }


def when(additional):
    """The bare condition; the reference adds remarks to it."""
    if "function resource" in additional["when"]:
        return "the resource is a function"
    return "always" if additional.get("fatal") is False else additional["when"].split(" (")[0]


def passed_to_service(additional):
    value = additional.get("context", {}).get("iam:PassedToService")
    return value and value.split(" ")[0]


def actions(iam_data):
    for service in SERVICES:
        arns = {
            t["key"]: t for t in json.loads((iam_data / "resourceTypes" / f"{service}.json").read_text()).values()
        }
        by_name = json.loads((iam_data / "actions" / f"{service}.json").read_text())
        for a in sorted(by_name.values(), key=lambda a: a["name"].lower()):
            yield {
                "action": f"{service}:{a['name']}",
                "accessLevel": a["accessLevel"],
                "resourceTypes": [
                    {
                        "name": t["name"],
                        "required": t["required"],
                        "arn": arns[t["name"]]["arn"],
                        "conditionKeys": sorted({*t["conditionKeys"], *arns[t["name"]].get("conditionKeys", [])}),
                    }
                    for t in a["resourceTypes"]
                ],
                "conditionKeys": sorted(a["conditionKeys"]),
            }


def principals_named_by(policies):
    """Every service that a managed policy of AWS lets a role be passed to or a service-linked role be made for."""
    found = set()

    def walk(node, key):
        if isinstance(node, dict):
            for k, v in node.items():
                walk(v, k)
        elif isinstance(node, list):
            for v in node:
                walk(v, key)
        elif key.lower() in ("iam:passedtoservice", "iam:awsservicename"):
            if re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", node):
                found.add(node)

    for p in policies.values():
        walk(p["Document"], "")
    return found


def service_principals(moto):
    everything = sorted({*LAMBDA_CALLERS, *principals_named_by(moto)})
    head = "# Generated by regenerate.py: the service principals that are known. README.md says from where.\n"
    return head + "".join(f"{name}\n" for name in everything)


def load_moto(directory):
    path = directory / "moto" / "iam" / "aws_managed_policies.py"
    spec = importlib.util.spec_from_file_location("aws_managed_policies", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return json.loads(module.aws_managed_policies_data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for source in ["reference", "moto", "iam-data"]:
        parser.add_argument(f"--{source}", type=pathlib.Path, required=True)
    args = parser.parse_args()
    moto = load_moto(args.moto)
    policies = sorted(managed_policies(args.reference, moto), key=lambda p: p["name"])
    (HERE / "managed-policies.json").write_text(one_record_a_line(policies))
    (HERE / "lambda-actions.json").write_text(one_record_a_line(lambda_operations(args.reference)))
    (HERE / "actions.json").write_text(one_record_a_line(actions(args.iam_data / "data")))
    (HERE / "service-principals.txt").write_text(service_principals(moto))
    shutil.copyfile(args.iam_data / "LICENSE.txt", HERE / "LICENSE.iam-data")


if __name__ == "__main__":
    main()
