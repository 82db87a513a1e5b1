// Streamed responses of Node.js functions: the `awslambda` object, and the stream that handlers write to.
//
// A response is one request to the Runtime API with a chunked body on a connection of its own. An error that comes after
// the response has begun is told in the trailers (reference lambda.md 7.1).

'use strict';

const net = require('node:net');
const { Writable } = require('node:stream');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

const BYTES_TYPE = 'application/octet-stream';
const INTEGRATION_TYPE = 'application/vnd.awslambda.http-integration-response';

const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';

const DEFAULT_HIGH_WATER_MARK = 64 * 1024;

/** What a handler writes its response to. */
class ResponseStream extends Writable {
  /** A response to be posted to `target` at `api`, which has `host`, `port` and `address`. */
  constructor(api, target, highWaterMark = DEFAULT_HIGH_WATER_MARK) {
    super({ highWaterMark, decodeStrings: true });
    this.api = api;
    this.target = target;
    this.contentType = BYTES_TYPE;
  }

  /** Says what the response is; only before its first byte. */
  setContentType(contentType) {
    if (this.begun) throw new Error('Cannot set content-type, too late.');
    this.contentType = String(contentType).replace(/[^\x20-\x7e]/g, '?');
  }

  _write(chunk, _encoding, done) {
    this.begin();
    this.send(framed(chunk), done);
  }

  _final(done) {
    this.begin();
    this.finish('0\r\n\r\n').then(() => done(), done);
  }

  _destroy(error, done) {
    // A response that was not ended must not look complete.
    if (this.begun && !this.ended) this.socket.destroy();
    done(error);
  }

  /** Whether anything was sent. */
  get begun() {
    return this.socket !== undefined;
  }

  /** Ends the response with an error; nothing that is still buffered is sent. */
  async fail(errorType, document) {
    if (this.ended || this.lost) return;
    const type = String(errorType).replace(/[^\x20-\x7e]/g, '?');
    const body = Buffer.from(JSON.stringify(document)).toString('base64');
    await this.finish(`0\r\n${ERROR_TYPE}: ${type}\r\n${ERROR_BODY}: ${body}\r\n\r\n`);
  }

  begin() {
    if (this.begun) return;
    const socket = net.connect({ host: this.api.host, port: this.api.port, noDelay: true });
    this.socket = socket;
    this.closed_ = new Promise((resolve) => socket.once('close', resolve));
    // A response that is refused in the middle is the server's affair; what is still written goes nowhere.
    socket.on('error', () => { this.lost = true; });
    socket.on('data', (data) => this.answered(data));
    // While the handler runs, this connection alone must not keep the event loop alive.
    socket.unref();
    const lines = [
      `POST ${this.target} HTTP/1.1`,
      `Host: ${this.api.address}`,
      `Content-Type: ${this.contentType}`,
      'Lambda-Runtime-Function-Response-Mode: streaming',
      'Transfer-Encoding: chunked',
      `Trailer: ${ERROR_TYPE}, ${ERROR_BODY}`,
      'Connection: close',
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const prelude = this._onBeforeFirstWrite;
    if (prelude) prelude((chunk) => this.send(framed(Buffer.from(chunk)), () => {}));
  }

  send(bytes, done) {
    if (this.lost) done();
    else this.socket.write(bytes, () => done());
  }

  /** Sends the end of the body and waits for the answer. */
  async finish(end) {
    this.ended = true;
    this.socket.ref();
    this.send(Buffer.from(end, 'latin1'), () => {});
    await this.closed_;
  }

  /** The server closes the connection after its answer; the answer itself changes nothing. */
  answered() {
    if (this.ended) this.socket.end();
    else this.lost = true;
  }
}

/** One chunk of a chunked body. An empty one would end it, so it is left out. */
function framed(chunk) {
  if (chunk.length === 0) return chunk;
  return Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);
}

/** Responses that begin with their HTTP head: JSON, eight zero bytes, then the body. */
class HttpResponseStream {
  static from(underlyingStream, prelude) {
    underlyingStream.setContentType(INTEGRATION_TYPE);
    const head = JSON.stringify(prelude);
    underlyingStream._onBeforeFirstWrite = (write) => {
      write(head);
      write(Buffer.alloc(8));
    };
    return underlyingStream;
  }
}

function streamifyResponse(handler, options) {
  handler[STREAMING] = 'response';
  if (typeof options?.highWaterMark === 'number') handler[HIGH_WATER_MARK] = options.highWaterMark;
  return handler;
}

/** Gives functions the `awslambda` object, unless they do not want it. */
function prepareAwslambda() {
  if (['1', 'true'].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) return;
  globalThis.awslambda = { ...globalThis.awslambda, streamifyResponse, HttpResponseStream };
}

/** Whether the handler streams its responses. */
function isStreaming(handler) {
  return handler[STREAMING] === 'response';
}

/** A stream for the response of the handler. */
function responseStream(handler, api, target) {
  return new ResponseStream(api, target, handler[HIGH_WATER_MARK]);
}

module.exports = { isStreaming, prepareAwslambda, responseStream };
