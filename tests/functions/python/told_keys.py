"""Prints the keys that a notification of S3 tells of."""

from urllib.parse import unquote_plus


def handler(event, context):
    """Print one line for each record."""
    for record in event["Records"]:
        print("told of " + unquote_plus(record["s3"]["object"]["key"]))
