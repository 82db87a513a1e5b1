// A CommonJS handler that tells what it sees, prints, and fails when it is told to.
exports.handler = async (event, context) => {
  if (event.fail) {
    throw new RangeError(event.fail);
  }
  console.log(`said by node: ${event.text}`);
  return { event, name: context.functionName, requestId: context.awsRequestId, node: process.versions.node };
};
