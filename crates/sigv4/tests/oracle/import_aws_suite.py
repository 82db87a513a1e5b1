#!/usr/bin/env python3
"""Turns AWS's signing test suite into aws-suite.json.

    import_aws_suite.py FOLDER

FOLDER is `aws-signing-test-suite/v4` of the crate `aws-sigv4` 1.6.4 (Apache-2.0, from awslabs/aws-c-auth 0.9.0).
"""

import json
import pathlib
import sys

SKIPPED = {
    # The session token is added after signing. Nothing but AWS IoT takes that; S3 and STS refuse it, and so do we.
    "post-sts-header-after",
    # Comes without its credentials. What it shows is a unit test of the canonical path.
    "double-encode-path",
}


def request(text):
    head, _, body = text.partition("\n\n")
    first, *lines = head.splitlines()
    method, target = first.removesuffix(" HTTP/1.1").split(" ", 1)
    path, _, query = target.partition("?")
    headers = []
    for line in lines:
        if line.startswith(" "):
            headers[-1][1] += "\n" + line
        elif line:
            headers.append(list(line.split(":", 1)))
    return {"method": method, "path": path, "query": query, "headers": headers, "body": body.removesuffix("\n")}


def cases(folder):
    for case in sorted(folder.iterdir()):
        if case.name in SKIPPED:
            continue
        context = json.loads((case / "context.json").read_text()) if (case / "context.json").exists() else {}
        for carrier in ["header", "query"]:
            signed = case / f"{carrier}-signed-request.txt"
            if signed.exists():
                canonical = case / f"{carrier}-canonical-request.txt"
                yield {
                    "name": f"{case.name} ({carrier})",
                    "normalize": context.get("normalize", True),
                    "canonical": canonical.read_text() if canonical.exists() else None,
                    **request(signed.read_text()),
                }


def main():
    lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases(pathlib.Path(sys.argv[1])))
    pathlib.Path(__file__).with_name("aws-suite.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
