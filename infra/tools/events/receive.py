"""Asks the running product for events and verifies each with the library of Standard Webhooks.

Usage: TOKEN=... receive.py API OUT. What came is written to OUT, for the other library.
"""

import json
import os
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

API, OUT = sys.argv[1:]
TOKEN = os.environ["TOKEN"]
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
# The first attempt of the first event is at once, the second five seconds later.
PATIENCE = 60

came, lock, refused_ids = [], threading.Lock(), []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        with lock:
            came.append({"headers": {name: self.headers[name] for name in HEADERS}, "body": body})
            is_test = json.loads(body)["type"] == "endpoint.test"
            refused = not is_test and not refused_ids
            if refused:
                refused_ids.append(self.headers["webhook-id"])
        self.send_response(503 if refused else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


def ask(method, path, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data, method=method)
    request.add_header("authorization", f"Bearer {TOKEN}")
    request.add_header("content-type", "application/json")
    request.add_header("idempotency-key", str(time.monotonic_ns()))
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def until(what, holds):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with lock:
            found = holds(list(came))
        if found:
            return found
        time.sleep(0.2)
    sys.exit(f"{what}: not within {PATIENCE} s; {len(came)} came")


def verified(event, secret):
    return Webhook(secret).verify(event["body"], event["headers"])


def of(crm_id):
    return lambda all: [e for e in all if json.loads(e["body"])["data"].get("crm_id") == crm_id]


def contact(crm_id):
    fields = {"name": f"Preverjanje {crm_id}", "company": True}
    ask("PUT", f"/v1/contacts/{crm_id}", {"fields": fields})


receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()

settings = ask("GET", "/v1/settings")
version = settings.pop("version")
ask("PUT", "/v1/settings", settings | {"read_only": False}, if_match=f'"{version}"')
url = f"http://127.0.0.1:{receiver.server_port}/events"
made = ask("POST", "/v1/endpoints", {"url": url, "filter": {"objects": ["contacts"]}})
first, at = made["secret"], f"/v1/endpoints/{made['endpoint']['id']}"
assert ask("POST", f"{at}/test")["state"] == "delivered"

name = f"preverjanje-{time.time_ns()}"
contact(f"{name}-1")
until("the event", of(f"{name}-1"))


def attempts_of_refused(all):
    found = [e for e in all if e["headers"]["webhook-id"] in refused_ids]
    return found if len(found) > 1 else None


attempts = until("the second attempt of what was refused", attempts_of_refused)
assert attempts[0]["body"] == attempts[1]["body"], "an attempt is the same event"
told = json.loads(attempts[0]["body"])["data"]
change = ask("GET", f"/v1/changes?limit=1&cursor={told['cursor']}")["changes"][0]
assert change["record"] == told["record"], "a reading from the event's cursor begins with its change"

second = ask("POST", f"{at}/rotate")["secret"]
contact(f"{name}-2")
rotated = until("the event after the rotation", of(f"{name}-2"))

with lock:
    events = [{**event, "secrets": [first]} for event in came if event not in rotated]
    events += [{**event, "secrets": [first, second]} for event in rotated]
for event in events:
    for secret in event["secrets"]:
        assert verified(event, secret)["type"].split(".")[0] in ("contact", "endpoint")
    for bad, with_secret in [({**event, "body": event["body"] + " "}, first), (event, "whsec_" + "A" * 43 + "=")]:
        try:
            verified(bad, with_secret)
            sys.exit("a changed event, or one of another secret, was taken for a good one")
        except WebhookVerificationError:
            pass
with open(OUT, "w", encoding="utf-8") as out:
    json.dump(events, out)
print(f"{len(events)} events verified with standardwebhooks for Python, {len(rotated)} of them by two secrets")
