"""A Python runtime for Lambda, as small as it can be: runs the handler of a file (Runtime API)."""

import importlib.util
import json
import os
import sys
import urllib.request

sys.dont_write_bytecode = True
API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"

spec = importlib.util.spec_from_file_location("function", sys.argv[1])
function = importlib.util.module_from_spec(spec)
spec.loader.exec_module(function)

while True:
    with urllib.request.urlopen(f"{API}/invocation/next") as answer:
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(answer)
    try:
        path, result = "response", function.handler(event, None)
    except Exception as error:  # what a handler throws is the platform's to know
        path, result = "error", {"errorMessage": str(error), "errorType": type(error).__name__}
    body = json.dumps(result).encode()
    urllib.request.urlopen(urllib.request.Request(f"{API}/invocation/{request_id}/{path}", body)).close()
