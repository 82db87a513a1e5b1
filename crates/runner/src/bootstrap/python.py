"""Connects a Python function to the Lambda Runtime API.

It speaks HTTP over a plain socket and imports little, because every import here delays every cold start. Error
documents and log lines are those of AWS's own runtime (reference lambda.md 7.5 and 7.8).
"""

import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback

VERSION_PATH = "/2018-06-01/runtime"

# A record of several lines is written with carriage returns between them and arrives as one log event.
LINE_IN_RECORD = "\r"


class Api:
    """A keep-alive connection to the Runtime API."""

    def __init__(self, address):
        self.address = address
        host, _, port = address.partition(":")
        self.peer = (host, int(port))
        self.file = None

    def call(self, method, path, body=b"", headers=()):
        """Sends one request; returns status, headers in lower case, and body."""
        lines = ["%s %s%s HTTP/1.1" % (method, VERSION_PATH, path), "Host: " + self.address]
        lines += ["Content-Length: %d" % len(body), "Content-Type: application/json"]
        lines += ["%s: %s" % header for header in headers]
        request = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + body
        if self.file is None:
            self.connect()
        try:
            self.socket.sendall(request)
            return self.answer()
        except BrokenPipeError:
            # The server refused an oversized body before it had read all of it; its answer may be there to read.
            return self.answer()

    def connect(self):
        self.socket = socket.create_connection(self.peer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def answer(self):
        try:
            status = int(self.file.readline().split(b" ", 2)[1])
            headers = {}
            while True:
                line = self.file.readline().strip()
                if not line:
                    break
                name, _, value = line.partition(b":")
                headers[name.strip().lower().decode("latin-1")] = value.strip().decode("utf-8", "replace")
            body = self.file.read(int(headers.get("content-length", 0)))
        except (OSError, IndexError, ValueError):
            self.file = None
            raise
        if headers.get("connection", "").lower() == "close":
            self.file = None
        return status, headers, body

    def report(self, path, error):
        """Posts an error document."""
        body = json.dumps(error).encode()
        try:
            self.call("POST", path, body, [("Lambda-Runtime-Function-Error-Type", error["errorType"])])
        except (OSError, IndexError, ValueError):
            self.file = None


class Fault(Exception):
    """An error of the runtime's own, with AWS's type for it."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.trace = list(trace)


class CognitoIdentity:
    """The caller's Cognito identity."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, identity):
        self.cognito_identity_id = identity.get("cognitoIdentityId")
        self.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")


class Client:
    """The mobile application that called."""

    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, client):
        for name in self.__slots__:
            setattr(self, name, client.get(name))


class ClientContext:
    """What the calling application said about itself."""

    __slots__ = ("custom", "env", "client")

    def __init__(self, context):
        self.custom = context.get("custom")
        self.env = context.get("env")
        client = context.get("client")
        self.client = Client(client) if client else None


class LambdaContext:
    """The second argument of every handler."""

    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        client_context = parsed(headers.get("lambda-runtime-client-context"))
        self.client_context = ClientContext(client_context) if client_context else None
        self.identity = CognitoIdentity(parsed(headers.get("lambda-runtime-cognito-identity")) or {})
        self._deadline_ms = int(headers.get("lambda-runtime-deadline-ms", 0))

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        fields = ("%s=%s" % (name, value) for name, value in vars(self).items() if not name.startswith("_"))
        return "LambdaContext([%s])" % ",".join(fields)


def parsed(text):
    if not text:
        return None
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", "Unable to parse a context header: %s" % error) from None
    return document if isinstance(document, dict) else None


class RequestIdFilter(logging.Filter):
    """Gives every log record the id of the running request."""

    request_id = ""

    def filter(self, record):
        record.aws_request_id = self.request_id
        return True


# What every log record has; whatever else it has was given by the function and belongs into the JSON.
USUAL_FIELDS = set(vars(logging.makeLogRecord({}))) | {"aws_request_id", "message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes log records as JSON objects with AWS's members in AWS's order."""

    def format(self, record):
        kind, error, trace = record.exc_info or (None, None, None)
        level = min(50, max(0, record.levelno)) // 10 * 10
        document = {
            "timestamp": "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)), record.msecs),
            "level": logging.getLevelName(level),
            "message": record.getMessage(),
            "logger": record.name,
            "stackTrace": traceback.format_tb(trace) if kind else None,
            "errorType": kind.__name__ if kind else None,
            "errorMessage": str(error) if kind else None,
            "requestId": record.aws_request_id,
            "location": "%s:%s:%d" % (record.pathname, record.funcName, record.lineno) if kind else None,
        }
        for name, value in vars(record).items():
            if name not in USUAL_FIELDS:
                document.setdefault(name, value)
        document = {name: value for name, value in document.items() if value is not None}
        return json.dumps(document, ensure_ascii=False)


class RecordHandler(logging.Handler):
    """Writes each log record as one log event."""

    def emit(self, record):
        try:
            write_record(self.format(record))
        except Exception:
            self.handleError(record)


def write_record(text):
    sys.stdout.write(text.rstrip("\n").replace("\n", LINE_IN_RECORD) + "\n")
    sys.stdout.flush()


def writes_json():
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


def text_formatter():
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    return formatter


def prepare_logging():
    handler = RecordHandler()
    request_ids = RequestIdFilter()
    handler.setFormatter(JsonFormatter() if writes_json() else text_formatter())
    handler.addFilter(request_ids)
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    # Python has no level below DEBUG, and calls the last one CRITICAL as well.
    level = getattr(logging, {"TRACE": "DEBUG"}.get(level, level), None)
    if isinstance(level, int):
        root.setLevel(level)
    return request_ids


def log_error(error):
    """Writes an error document as AWS does: as JSON, or as one event indented with no-break spaces."""
    if writes_json():
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        write_record(json.dumps({"timestamp": moment, "level": "ERROR", **error}, ensure_ascii=False))
        return
    text = "[ERROR] %s: %s" % (error["errorType"], error["errorMessage"])
    if error.get("stackTrace"):
        text += "\nTraceback (most recent call last):"
        for entry in error["stackTrace"]:
            for line in entry.splitlines():
                stripped = line.lstrip(" ")
                text += "\n" + "\u00a0" * (len(line) - len(stripped)) + stripped
    write_record(text)


def error_document(error, request_id, own_frames):
    """The document of an exception, without the runtime's own frames."""
    if isinstance(error, Fault):
        name, trace = error.error_type, error.trace
    else:
        name = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[own_frames:]
        trace = traceback.format_list([(frame.filename, frame.lineno, frame.name, frame.line) for frame in frames])
    return {"errorMessage": str(error), "errorType": name, "requestId": request_id, "stackTrace": trace}


def load_handler(name):
    """Imports the module of `directory/module.function` and returns the function."""
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (name, error)) from None
    module_name = module_name.replace("/", ".")
    if module_name in sys.builtin_module_names:
        message = "Cannot use built-in module %s as a handler module" % module_name
        raise Fault("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error)) from None
    except SyntaxError as error:
        place = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)
        message = "Syntax error in module '%s': %s" % (module_name, error)
        raise Fault("Runtime.UserCodeSyntaxError", message, [place]) from None
    function = getattr(module, function_name, None)
    if function is None:
        message = "Handler '%s' missing on module '%s'" % (function_name, module_name)
        raise Fault("Runtime.HandlerNotFound", message)
    return function


def own_import_frames(error):
    """How many frames lead from here into the function's module: ours and the import system's."""
    frames = traceback.extract_tb(error.__traceback__)
    for index, frame in enumerate(frames):
        if index > 0 and not frame.filename.startswith("<frozen importlib") and "/importlib/" not in frame.filename:
            if frame.filename != __file__:
                return index
    return len(frames)


def marshalled(result):
    """The result as JSON text; decimals are numbers, as DynamoDB's client gives them."""

    def fallback(value):
        decimal = sys.modules.get("decimal")
        if decimal is not None and isinstance(value, decimal.Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)

    try:
        return json.dumps(result, default=fallback, ensure_ascii=sys.version_info < (3, 12)).encode("utf-8")
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error) from None


def unmarshalled(body):
    try:
        return json.loads(body)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error) from None


def handle(handler, headers, body):
    return marshalled(handler(unmarshalled(body), LambdaContext(headers)))


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            # The function closed or replaced it.
            pass


def prepare_path():
    """The function's code first, then its layers, then Python's own library, then the SDK."""
    runtime = os.path.dirname(os.path.abspath(__file__))
    opt = os.environ.pop("_ROLECALL_OPT", "/opt")
    sdk = os.environ.pop("_ROLECALL_SDK_PYTHON", None)
    version = "python%d.%d" % sys.version_info[:2]
    first = [os.environ["LAMBDA_TASK_ROOT"], "%s/python/lib/%s/site-packages" % (opt, version), opt + "/python"]
    library = [path for path in sys.path if os.path.abspath(path) != runtime]
    sys.path[:] = first + library + [runtime] + ([sdk] if sdk else [])


def prepare_builtins():
    """`exit` and its like, which Python itself defines only when it looks for the host's packages."""
    import site

    site.setquit()
    site.setcopyright()
    site.sethelper()


def main():
    prepare_path()
    prepare_builtins()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    request_ids = prepare_logging()
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        document = error_document(error, "", own_import_frames(error))
        log_error(document)
        flush()
        api.report("/init/error", document)
        sys.exit(1)
    while True:
        serve_one(api, handler, request_ids)


def serve_one(api, handler, request_ids):
    status, headers, body = api.call("GET", "/invocation/next")
    if status != 200:
        raise RuntimeError("the Runtime API answered %d: %s" % (status, body.decode("utf-8", "replace")))
    request_id = headers["lambda-runtime-aws-request-id"]
    request_ids.request_id = request_id
    trace_id = headers.get("lambda-runtime-trace-id")
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        result = handle(handler, headers, body)
    except Exception as error:
        # Two frames are ours: this one and `handle`.
        document = error_document(error, request_id, 2)
        log_error(document)
        flush()
        api.report("/invocation/%s/error" % request_id, document)
        return
    flush()
    try:
        api.call("POST", "/invocation/%s/response" % request_id, result)
    except (OSError, IndexError, ValueError):
        # A response that is too large is refused in the middle; the server knows, and the next call connects anew.
        api.file = None


main()
