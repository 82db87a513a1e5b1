// One story told through the AWS SDK for JavaScript v3: prints what it observes, as JSON. The Rust client tells the same.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { ENDPOINT, SDK, NAME, ROLE, ZIP, RUNTIME, DENIED_KEY_ID, DENIED_SECRET } = process.env;
const sdk = createRequire(`${SDK}/package.json`)("@aws-sdk/client-lambda");
const text = (bytes) => new TextDecoder().decode(bytes);

function client(credentials) {
  return new sdk.LambdaClient({ endpoint: ENDPOINT, region: "us-east-1", credentials, maxAttempts: 1 });
}

const lambda = client({ accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY });
const denied = client({ accessKeyId: DENIED_KEY_ID, secretAccessKey: DENIED_SECRET });

async function refusal(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return [error.name, error.$metadata.httpStatusCode, error.message];
  }
}

const FunctionName = NAME;
const seen = {};

seen.missing = await refusal(lambda.send(new sdk.GetFunctionCommand({ FunctionName })));
const created = await lambda.send(
  new sdk.CreateFunctionCommand({
    FunctionName,
    Role: ROLE,
    Runtime: RUNTIME,
    Handler: "probe.handler",
    Code: { ZipFile: readFileSync(ZIP) },
    Timeout: 10,
    Tags: { team: "red" },
  }),
);
seen.created = [created.State, created.Runtime, created.Timeout, created.CodeSize > 0];
await sdk.waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { FunctionName });
const alias = (Name, FunctionVersion) => lambda.send(new sdk.CreateAliasCommand({ FunctionName, Name, FunctionVersion }));
seen.missingVersion = await refusal(alias("live", "7"));
seen.invalid = await refusal(alias("2024", "$LATEST"));
seen.published = (await lambda.send(new sdk.PublishVersionCommand({ FunctionName }))).Version;
await sdk.waitUntilFunctionActiveV2(
  { client: lambda, maxWaitTime: 30, minDelay: 1, maxDelay: 1 },
  { FunctionName, Qualifier: "1" },
);
await alias("live", "1");
seen.conflict = await refusal(alias("live", "1"));
const invoked = await lambda.send(
  new sdk.InvokeCommand({ FunctionName, Qualifier: "live", Payload: JSON.stringify({ a: 1 }), LogType: "Tail" }),
);
seen.invoked = [invoked.StatusCode, invoked.ExecutedVersion, JSON.parse(text(invoked.Payload)), Boolean(invoked.LogResult)];
const failed = await lambda.send(new sdk.InvokeCommand({ FunctionName, Payload: JSON.stringify({ do: "nothing-known" }) }));
seen.failed = failed.FunctionError;
const streaming = await lambda.send(
  new sdk.InvokeWithResponseStreamCommand({ FunctionName, Payload: JSON.stringify({ b: 2 }) }),
);
let streamed = "";
let completed = 0;
for await (const event of streaming.EventStream) {
  if (event.PayloadChunk) streamed += text(event.PayloadChunk.Payload);
  if (event.InvokeComplete) completed += 1;
}
seen.streamed = [JSON.parse(streamed), completed];
const permission = await lambda.send(
  new sdk.AddPermissionCommand({
    FunctionName,
    StatementId: "s3",
    Action: "lambda:InvokeFunction",
    Principal: "s3.amazonaws.com",
    SourceAccount: "111122223333",
    SourceArn: "arn:aws:s3:::photos",
  }),
);
seen.permission = JSON.parse(permission.Statement).Condition;
seen.policy = JSON.parse((await lambda.send(new sdk.GetPolicyCommand({ FunctionName }))).Policy).Statement.length;
seen.tags = (await lambda.send(new sdk.ListTagsCommand({ Resource: created.FunctionArn }))).Tags;
const reserved = await lambda.send(
  new sdk.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 3 }),
);
seen.reserved = reserved.ReservedConcurrentExecutions;
const names = [];
for await (const page of sdk.paginateListFunctions({ client: lambda, pageSize: 1 }, {})) {
  names.push(...page.Functions.map((found) => found.FunctionName));
}
seen.listed = names.includes(NAME);
seen.denied = await refusal(denied.send(new sdk.InvokeCommand({ FunctionName })));
await lambda.send(new sdk.DeleteFunctionCommand({ FunctionName }));
seen.deleted = (await refusal(lambda.send(new sdk.GetFunctionCommand({ FunctionName }))))[0];

console.log(JSON.stringify(seen));
