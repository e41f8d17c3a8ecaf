"""An agent's client of Confab, written from docs/PROTOCOL.md: logs in, takes a chat, loses its connection, resumes."""

import argparse
import asyncio
import json
import urllib.request
import uuid

import msgpack
import websockets


def call(base, method, path, body, token=None):
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(base + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


class Client:
    def __init__(self, token, subprotocol):
        self.token, self.subprotocol = token, subprotocol
        self.positions = {}  # channel -> (seq, epoch) of the last entry taken
        self.received = asyncio.Queue()  # entries, in order, once
        self.acks = asyncio.Queue()
        self.joined = asyncio.Queue()
        self.socket = self.reader = None

    async def connect(self, base):
        url = base.replace("http", "ws", 1) + "/ws"
        self.socket = await websockets.connect(url, subprotocols=[self.subprotocol])
        await self.say(t="hello", token=self.token, protocol=1, client="python/1")
        welcome = self.read(await self.socket.recv())
        assert welcome["t"] == "welcome", welcome
        self.reader = asyncio.create_task(self.listen())
        for channel in list(self.positions):
            await self.join(channel)
        return welcome

    def drop(self):
        """Cuts the connection without a word."""
        self.reader.cancel()
        self.socket.transport.abort()

    async def join(self, channel):
        seq, epoch = self.positions.setdefault(channel, (0, None))
        frame = {"t": "join", "channel": channel, "after": seq}
        await self.say(**(frame | {"epoch": epoch} if epoch else frame))
        await self.joined.get()

    async def listen(self):
        async for message in self.socket:
            frame = self.read(message)
            kind = frame["t"]
            if kind == "ping":
                await self.say(t="pong", n=frame["n"])
            elif kind == "joined":
                seq, _ = self.positions[frame["channel"]]
                self.positions[frame["channel"]] = (seq, frame["epoch"])
                self.joined.put_nowait(frame)
            elif kind == "entry":
                await self.take(frame)
            elif kind == "ack":
                self.acks.put_nowait(frame)
            elif kind in ("error", "nack", "resync"):
                raise RuntimeError(f"the hub says {frame}")

    async def take(self, frame):
        seq, epoch = self.positions[frame["channel"]]
        if frame["seq"] <= seq:
            return  # a repetition
        if frame["prev"] > seq:
            # Something was missed: ask again from where we are; the reader must not wait for the answer.
            await self.say(t="join", channel=frame["channel"], after=seq, epoch=epoch)
            return
        self.positions[frame["channel"]] = (frame["seq"], epoch)
        self.received.put_nowait(frame["entry"])

    async def send(self, channel, text, client_id=None, known=None):
        client_id = client_id or str(uuid.uuid4())
        frame = {"t": "send", "channel": channel, "client_id": client_id, "text": text}
        await self.say(**(frame if known is None else frame | {"known": known}))
        ack = await self.acks.get()
        assert ack["client_id"] == client_id, ack
        return client_id, ack

    async def entry(self, wanted):
        while True:
            entry = await asyncio.wait_for(self.received.get(), 30)
            if wanted(entry):
                return entry

    async def say(self, **frame):
        binary = self.subprotocol == "confab.msgpack.v1"
        await self.socket.send(msgpack.packb(frame) if binary else json.dumps(frame))

    def read(self, message):
        return msgpack.unpackb(message) if isinstance(message, bytes) else json.loads(message)


async def main(options):
    login = {"tenant": options.tenant, "login": options.login, "password": options.password}
    token = call(options.url, "POST", "/api/auth/login", login)["access_token"]
    client = Client(token, options.subprotocol)
    welcome = await client.connect(options.url)
    await client.join(welcome["feed"])
    await asyncio.to_thread(call, options.url, "PUT", "/api/agent/availability", {"availability": "online"}, token)
    new_chat = await client.entry(lambda entry: entry["body"]["kind"] == "new_chat")
    conversation = new_chat["body"]["conversation_id"]
    channel = f"conv.{conversation}"
    await client.join(channel)
    known, _ = client.positions[channel]
    client_id, first = await client.send(channel, "Hello from Python")

    client.drop()
    await asyncio.sleep(1)
    await client.connect(options.then)
    _, again = await client.send(channel, "Hello from Python", client_id, known)
    assert (again["seq"], again["duplicate"]) == (first["seq"], True), again
    heard = []
    while heard[-1:] != ["Three"]:
        is_customers = lambda entry: entry["author"].get("role") == "customer"
        heard.append((await client.entry(is_customers))["body"]["text"])
    await client.send(channel, "I have " + ", ".join(heard[-3:]))
    await asyncio.to_thread(call, options.then, "POST", f"/api/conversations/{conversation}/close", {}, token)
    await client.entry(lambda entry: entry["body"]["kind"] == "chat_ended")
    assert heard == ["My payment is stuck", "One", "Two", "Three"], heard


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("tenant", "login", "password", "subprotocol", "url", "then"):
        parser.add_argument(f"--{name}", required=True)
    asyncio.run(asyncio.wait_for(main(parser.parse_args()), 60))
