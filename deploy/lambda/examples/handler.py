"""A function that reads its secrets from the clef-agent extension."""

import json
import os
import urllib.request
from urllib.parse import urlsplit

AGENT = f"http://127.0.0.1:{os.environ.get('CLEF_AGENT_PORT', '7779')}"
# The agent refuses what comes through a proxy, so none is used, whatever HTTP_PROXY says.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def token():
    path = os.environ.get("CLEF_AGENT_TOKEN_FILE")
    if path is None:
        return os.environ["CLEF_AGENT_TOKEN"]
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def secret(name):
    """The value now. Asked for again each time, so that a rotated or revoked one is not kept."""
    request = urllib.request.Request(
        f"{AGENT}/v1/secrets/{name}", headers={"Authorization": f"Bearer {token()}"}
    )
    with DIRECT.open(request, timeout=5) as answer:
        return json.load(answer)["value"]


def handler(event, context):
    database = urlsplit(secret("DB_URL"))
    return {"database": database.hostname, "user": database.username}
