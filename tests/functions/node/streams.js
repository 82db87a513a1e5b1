// Streams its response, as it is told.
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const told = event.requestContext ? event.queryStringParameters ?? {} : event;
  if (told.throw) throw new TypeError(told.throw);
  let out = stream;
  if (told.status) {
    const head = { statusCode: Number(told.status), headers: { 'x-own': 'yes' }, cookies: ['a=1'] };
    out = awslambda.HttpResponseStream.from(stream, head);
  } else {
    stream.setContentType('text/plain');
  }
  for (const word of (told.words ?? 'one,two,three').split(',')) {
    out.write(word);
    await sleep(Number(told.pause ?? 0));
  }
  console.log('all words are written');
  if (told.fail) throw new TypeError(told.fail);
  if (told.exit) process.exit(Number(told.exit));
  if (told.sleep) await sleep(Number(told.sleep));
  out.end();
});
