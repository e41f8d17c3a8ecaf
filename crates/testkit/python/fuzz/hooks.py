"""What Schemathesis needs to get beyond "not found": somebody's token, and ids of things that are there.

Who they are comes from the environment: FUZZ_URL, FUZZ_LOGIN. Everything else is made over the API itself.
"""

import itertools
import os
import re
import threading

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation

URL = os.environ["FUZZ_URL"]
LOGIN = os.environ["FUZZ_LOGIN"]
TENANT, PASSWORD = "demo", "confab-demo"
# Requests after which things are made anew: meanwhile they were closed, deleted, merged.
FRESH_EVERY = 40
TIMEOUT = 20

KINDS = [
    (re.compile(r"^/api/(conversations|chat/sessions|agent/conversations)/\{id\}"), "conversation"),
    (re.compile(r"^/api/tickets/\{id\}"), "ticket"),
    (re.compile(r"^/api/articles/\{id\}"), "article"),
    (re.compile(r"^/api/canned-messages/\{id\}"), "canned"),
    (re.compile(r"^/api/admin/webhooks/\{id\}"), "webhook"),
    (re.compile(r"^/api/admin/users/\{id\}"), "user"),
    (re.compile(r"^/api/admin/support/agents/\{id\}"), "agent"),
    (re.compile(r"^/api/(admin/customers|customer)/\{id\}"), "customer"),
]


def call(method, path, token=None, **arguments):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, URL + path, headers=headers, timeout=TIMEOUT, **arguments)


def log_in(login):
    body = {"tenant": TENANT, "login": login, "password": PASSWORD}
    answer = call("POST", "/api/auth/login", json=body)
    answer.raise_for_status()
    return answer.json()["access_token"]


class Things:
    """Ids of things that are there, made anew now and then."""

    def __init__(self):
        self.token = log_in(LOGIN)
        # A token of its own for making things: the one under test may be shut out by what is tested.
        self.maker = log_in("adam")
        self.lock = threading.Lock()
        self.counter = itertools.count()
        self.ids = {}

    def id_of(self, kind):
        with self.lock:
            number = next(self.counter)
            if number % FRESH_EVERY == 0:
                self.make(number)
            return self.ids.get(kind)

    def make(self, number):
        self.ids = {"agent": "sam"}
        words = {"issue_type": "PAYMENT", "message": "My payment is stuck", "name": "Fuzz"}
        # A customer under test finds conversations of their own.
        own = self.token if LOGIN == "mohan" else None
        started = call("POST", "/api/chat/start", own, json=words if own else words | {"tenant": TENANT})
        if started.status_code == 202:
            started = started.json()
            self.ids["conversation"] = started["conversation_id"]
            self.ids["customer"] = started["customer_id"]
            self.keep("ticket", "GET", f"/api/conversations/{started['conversation_id']}", None, "ticket_id")
        article = {"title": f"Refunds {number}", "body": "Five days.", "published": True}
        self.keep("article", "POST", "/api/articles", article)
        canned = {"code": f"fuzz{number}", "title": "Hello", "text": "Hello!", "scope": {"kind": "tenant"}}
        self.keep("canned", "POST", "/api/canned-messages", canned)
        self.keep("webhook", "POST", "/api/admin/webhooks", {"url": "https://hooks.example.org/x", "events": []})
        self.keep("user", "POST", "/api/admin/users", {"login": f"fuzz-{LOGIN}-{number}", "name": "Fuzz", "role": "agent"})

    def keep(self, kind, method, path, body, field="id"):
        answer = call(method, path, self.maker, json=body)
        if answer.ok:
            self.ids[kind] = answer.json()[field]


THINGS = Things()


@schemathesis.auth()
class Token:
    def get(self, case, context):
        return THINGS.token

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Puts the id of a thing that is there where a valid one was made up."""
    if not case.path_parameters or "id" not in case.path_parameters:
        return
    if case.meta is not None and case.meta.is_negative_at(ParameterLocation.PATH):
        return
    for pattern, kind in KINDS:
        if pattern.match(case.operation.path):
            found = THINGS.id_of(kind)
            if found is not None:
                case.path_parameters["id"] = found
            return
