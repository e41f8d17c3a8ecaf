"""Verifies a webhook as its receiver would, written from docs/EVENTS.md and standardwebhooks.com; standard library only."""

import base64
import hashlib
import hmac
import json
import sys

VECTOR = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": "1614265330",
    "body": '{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def verifies(secret, id, timestamp, body, signature):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(signed).decode()
    return any(hmac.compare_digest(expected, given) for given in signature.split(" "))


if __name__ == "__main__":
    assert verifies(**VECTOR), "the published vector does not verify"
    assert not verifies(**VECTOR | {"timestamp": "1614265331"}), "a changed time verifies"
    requests = json.load(sys.stdin)
    assert requests, "nothing to verify"
    for request in requests:
        assert verifies(**request), f"{request['id']} does not verify"
        assert not verifies(**request | {"body": request["body"] + " "}), "a changed body verifies"
    print(f"{len(requests)} verified")
