"""Greets whoever is named in the event, or says which object S3 told of."""


def handler(event, context):
    if "Records" in event:
        print("S3 put", event["Records"][0]["s3"]["object"]["key"])
    else:
        print("greeting", event.get("name", "world"))
    return {"hello": event.get("name", "world"), "arn": context.invoked_function_arn}
