// What a Node.js function logs: the console, and errors of its handler, as text or as JSON (reference lambda.md 7.8).

'use strict';

const fs = require('node:fs');
const util = require('node:util');

// A record of several lines is written with carriage returns between them and arrives as one log event.
const LINE_IN_RECORD = '\r';

// The console's methods by level, least first.
const METHODS = {
  TRACE: ['trace'],
  DEBUG: ['debug'],
  INFO: ['log', 'info'],
  WARN: ['warn'],
  ERROR: ['error'],
  FATAL: ['fatal'],
};

const isJson = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';

/** Tells the id of the event that is being worked on. */
let requestId = () => undefined;

/** Synchronous, so that nothing is lost when the process ends in the next moment. */
function writeAll(bytes) {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += fs.writeSync(1, bytes, written);
    } catch (error) {
      // The pipe is full for a moment; any other error means that nobody reads.
      if (error.code !== 'EAGAIN') return;
    }
  }
}

function writeLine(text) {
  writeAll(Buffer.from(`${text.replace(/\n$/, '').replaceAll('\n', LINE_IN_RECORD)}\n`));
}

function writeText(level, values) {
  writeLine(`${new Date().toISOString()}\t${requestId()}\t${level}\t${util.format(...values)}`);
}

/** An error as JSON logs have it, its own properties included. */
function errorMembers(error) {
  const stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : error.stack;
  return { errorType: error.constructor?.name ?? 'UnknownError', errorMessage: error.message, stackTrace };
}

/** One value is the message itself, whatever it is; several are formatted, and the first error is told of as well. */
function writeJson(level, values) {
  const record = { timestamp: new Date().toISOString(), level, requestId: requestId() };
  if (values.length === 1) {
    const expanded = (_key, value) => (value instanceof Error ? { ...errorMembers(value), ...value } : value);
    try {
      writeLine(JSON.stringify({ ...record, message: values[0] }, expanded));
      return;
    } catch {
      // A circular structure, or a number that JSON does not know.
    }
  }
  record.message = util.format(...values);
  const error = values.length > 1 && values.find((value) => value instanceof Error);
  writeLine(JSON.stringify(error ? { ...record, ...errorMembers(error) } : record));
}

/** Puts ours in the place of the console's methods; those below the level say nothing. */
function prepareConsole(currentRequestId) {
  requestId = currentRequestId;
  const write = isJson ? writeJson : writeText;
  const levels = Object.keys(METHODS);
  const least = levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  for (const [level, methods] of Object.entries(METHODS)) {
    const silent = levels.indexOf(level) < least;
    for (const method of methods) {
      console[method] = silent ? () => {} : (...values) => write(level, values);
    }
  }
}

/** The fields that an error document and its log line share. */
function described(error) {
  if (error instanceof Error || util.types.isNativeError(error)) {
    return { errorType: error.name, errorMessage: error.message, stack: String(error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), stack: [] };
}

/** What is logged carries the error's own properties as well. */
function logError(label, error) {
  if (isJson) {
    writeJson('ERROR', [error instanceof Error ? error : new Error(String(error))]);
    return;
  }
  const extra = error instanceof Error ? { ...error } : {};
  const { errorType, errorMessage, stack } = described(error);
  let text;
  try {
    text = JSON.stringify({ errorType, errorMessage, ...extra, name: undefined, stack });
  } catch {
    text = JSON.stringify({ errorType, errorMessage, stack });
  }
  writeText('ERROR', [`${label} \t${text}`]);
}

module.exports = { described, logError, prepareConsole };
