// Connects a Node.js function to the Lambda Runtime API.
//
// It speaks HTTP over a plain socket, which is cheaper than the http module and can be left out of the event loop
// while a handler runs. Error documents and log lines are those of AWS's own runtime (reference lambda.md 7.5, 7.8).

'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');
const { described, logError, prepareConsole } = require('./logging.cjs');
const { isStreaming, prepareAwslambda, responseStream } = require('./streaming.cjs');

const VERSION_PATH = '/2018-06-01/runtime';

/** A keep-alive connection to the Runtime API; one request at a time. */
class Api {
  constructor(address) {
    this.address = address;
    const colon = address.lastIndexOf(':');
    this.host = address.slice(0, colon);
    this.port = Number(address.slice(colon + 1));
  }

  /** Sends one request; resolves to status, headers in lower case, and body. */
  call(method, target, body = Buffer.alloc(0), headers = {}) {
    const lines = [`${method} ${VERSION_PATH}${target} HTTP/1.1`, `Host: ${this.address}`];
    lines.push(`Content-Length: ${body.length}`, 'Content-Type: application/json');
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject, received: Buffer.alloc(0) };
      const socket = this.connected();
      socket.ref();
      socket.write(body.length ? Buffer.concat([head, body]) : head);
    });
  }

  connected() {
    if (this.socket) return this.socket;
    const socket = net.connect({ host: this.host, port: this.port, noDelay: true });
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (error) => this.lost(socket, error));
    socket.on('close', () => this.lost(socket, new Error('the Runtime API closed the connection')));
    this.socket = socket;
    return socket;
  }

  lost(socket, error) {
    if (this.socket === socket) this.socket = undefined;
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting) waiting.reject(error);
  }

  receive(chunk) {
    const { waiting } = this;
    if (!waiting) return;
    waiting.received = waiting.received.length ? Buffer.concat([waiting.received, chunk]) : chunk;
    const end = waiting.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    waiting.head ??= parseHead(waiting.received.subarray(0, end).toString('utf8'));
    const body = waiting.received.subarray(end + 4);
    if (body.length < Number(waiting.head.headers['content-length'] ?? 0)) return;
    this.waiting = undefined;
    // While the handler runs, this connection alone must not keep the event loop alive.
    this.socket.unref();
    waiting.resolve({ ...waiting.head, body });
  }
}

function parseHead(text) {
  const [first, ...lines] = text.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(first.split(' ')[1]), headers };
}

/** An error of the runtime's own, with AWS's type for it. */
class Fault extends Error {
  constructor(errorType, message) {
    super(message);
    this.name = errorType;
  }
}

function errorDocument(error) {
  const { errorType, errorMessage, stack } = described(error);
  return { errorType, errorMessage, trace: stack };
}

let currentRequest;
let currentStream;

/** Finds and loads the module of `directory/module.function`, CommonJS or ES. */
async function loadModule(root, name) {
  const base = path.resolve(root, name);
  const require = createRequire(path.join(root, 'index.js'));
  for (const extension of ['.js', '.mjs', '.cjs', '']) {
    const file = base + extension;
    if (!fs.statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    if (extension === '.mjs') return import(pathToFileURL(file));
    try {
      return require(file);
    } catch (error) {
      if (error?.code !== 'ERR_REQUIRE_ESM' && error?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
      return import(pathToFileURL(file));
    }
  }
  // A directory with an index, or a package.
  return require(fs.existsSync(base) ? base : name);
}

async function loadHandler(root, name) {
  const match = /^([^.]*)\.(.*)$/.exec(path.basename(name));
  if (!match || name.includes('..')) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const [, file, property] = match;
  let loaded;
  try {
    loaded = await loadModule(root, path.join(path.dirname(name), file));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Fault('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
  const find = (from) => property.split('.').reduce((value, key) => value?.[key], from);
  const handler = find(loaded) ?? find(loaded?.default);
  if (handler === undefined) {
    throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler;
}

function parsed(text) {
  return text ? JSON.parse(text) : undefined;
}

function makeContext(headers, finish) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const { env } = process;
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed(headers['lambda-runtime-client-context']),
    identity: parsed(headers['lambda-runtime-cognito-identity']),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
  const callback = (error, result) => {
    const outcome = error === undefined || error === null ? { result } : { error };
    if (context.callbackWaitsForEmptyEventLoop) finish.whenIdle(outcome);
    else finish.now(outcome);
  };
  context.done = (error, result) => {
    context.callbackWaitsForEmptyEventLoop = false;
    callback(error, result);
  };
  context.succeed = (result) => context.done(null, result);
  context.fail = (error) => context.done(error ?? 'handled');
  return { context, callback };
}

/** Runs the handler; resolves to `{ result }` or `{ error }`, once. */
function handle(handler, headers, body) {
  return new Promise((resolve) => {
    let last = { result: undefined };
    // The first outcome given to a callback counts, and an event loop without work ends the wait for any.
    const idle = () => resolve(last);
    const now = (outcome) => {
      process.removeListener('beforeExit', idle);
      resolve(outcome);
    };
    let given = false;
    const whenIdle = (outcome) => {
      if (!given) last = outcome;
      given = true;
    };
    process.once('beforeExit', idle);
    try {
      const { context, callback } = makeContext(headers, { now, whenIdle });
      const returned = handler(JSON.parse(body.toString('utf8')), context, callback);
      if (typeof returned?.then === 'function') {
        returned.then((result) => now({ result }), (error) => now({ error }));
      }
    } catch (error) {
      now({ error });
    }
  });
}

/** Runs a handler that streams; resolves to `{}` when its response has ended, or to `{ error }`, once. */
function handleStreaming(handler, headers, body, response) {
  return new Promise((resolve) => {
    // An event loop without work ends the wait for a handler that will never end its response.
    const idle = () => resolve({});
    const settle = (outcome) => {
      process.removeListener('beforeExit', idle);
      resolve(outcome);
    };
    process.once('beforeExit', idle);
    const closed = new Promise((done) => response.once('close', done));
    try {
      const { context } = makeContext(headers, { now: settle, whenIdle: settle });
      const returned = Promise.resolve(handler(JSON.parse(body.toString('utf8')), response, context));
      returned.then(() => closed).then(() => settle({}), (error) => settle({ error }));
    } catch (error) {
      settle({ error });
    }
  });
}

function marshalled(result) {
  try {
    return Buffer.from(JSON.stringify(result === undefined ? null : result) ?? 'null');
  } catch (error) {
    throw new Fault('Runtime.MarshalError', `Unable to stringify response body: ${error.message}`);
  }
}

async function report(api, target, error) {
  const document = errorDocument(error);
  const body = Buffer.from(JSON.stringify(document));
  const type = String(document.errorType).replace(/[^\x20-\x7e]/g, '?');
  await api.call('POST', target, body, { 'Lambda-Runtime-Function-Error-Type': type });
}

/** Errors that no handler caught end the process, as they do in AWS's runtime. */
function prepareLastResort(api) {
  const end = (label, code) => async (error) => {
    logError(label, error);
    const target = currentRequest ? `/invocation/${currentRequest.id}/error` : '/init/error';
    try {
      if (currentStream?.begun) await currentStream.fail(described(error).errorType, errorDocument(error));
      else await report(new Api(api.address), target, error);
    } finally {
      process.exit(code);
    }
  };
  process.on('uncaughtException', end('Uncaught Exception', 129));
  const rejected = end('Unhandled Promise Rejection', 128);
  process.on('unhandledRejection', (reason) => {
    const error = new Fault('Runtime.UnhandledPromiseRejection', String(reason));
    if (reason instanceof Error) error.stack = `${error.name}: ${error.message}\n${reason.stack}`;
    rejected(error);
  });
}

async function serveOne(api, handler) {
  const { status, headers, body } = await api.call('GET', '/invocation/next');
  if (status !== 200) throw new Error(`the Runtime API answered ${status}: ${body}`);
  currentRequest = { id: headers['lambda-runtime-aws-request-id'] };
  const trace = headers['lambda-runtime-trace-id'];
  if (trace) process.env._X_AMZN_TRACE_ID = trace;
  else delete process.env._X_AMZN_TRACE_ID;
  const target = `/invocation/${currentRequest.id}`;
  if (isStreaming(handler)) {
    await stream(api, handler, headers, body, target);
    return;
  }
  const outcome = await handle(handler, headers, body);
  try {
    if ('error' in outcome) throw outcome.error;
    const response = marshalled(outcome.result);
    // A response that is too large is refused in the middle; the server knows, and the next call connects anew.
    await api.call('POST', `${target}/response`, response).catch(() => {});
  } catch (error) {
    logError('Invoke Error', error);
    await report(api, `${target}/error`, error);
  }
}

/** Runs a handler that streams and sees to the end of its response. */
async function stream(api, handler, headers, body, target) {
  const response = responseStream(handler, api, `${VERSION_PATH}${target}/response`);
  // Whether anybody listens for errors of the stream is the handler's affair; they end no process.
  response.on('error', () => {});
  currentStream = response;
  const outcome = await handleStreaming(handler, headers, body, response);
  if ('error' in outcome) {
    logError('Invoke Error', outcome.error);
    const { errorType } = described(outcome.error);
    if (response.begun) await response.fail(errorType, errorDocument(outcome.error));
    else await report(api, `${target}/error`, outcome.error);
  } else if (!response.destroyed) {
    await new Promise((done) => response.end(done));
  } else if (!response.begun) {
    const error = response.errored ?? new Error('The response stream was destroyed before anything was written.');
    await report(api, `${target}/error`, error);
  }
  currentStream = undefined;
}

async function main() {
  const root = process.env.LAMBDA_TASK_ROOT;
  delete process.env._ROLECALL_OPT;
  delete process.env._ROLECALL_SDK_PYTHON;
  const api = new Api(process.env.AWS_LAMBDA_RUNTIME_API);
  prepareConsole(() => currentRequest?.id);
  prepareAwslambda();
  let handler;
  try {
    handler = await loadHandler(root, process.env._HANDLER);
  } catch (error) {
    logError('Uncaught Exception', error);
    await report(api, '/init/error', error);
    process.exit(1);
  }
  prepareLastResort(api);
  for (;;) await serveOne(api, handler);
}

main().catch((error) => {
  logError('Uncaught Exception', error);
  process.exit(1);
});
