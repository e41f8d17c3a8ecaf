// Speaks the JSON subprotocol with the hub that served this page, and shows every frame in both directions.
"use strict";

const PROTOCOL = 1;
const KEPT_EVENTS = 500;
const TYPING_EVERY_MS = 3000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10000;

const byId = (id) => document.getElementById(id);
const channels = new Map(); // channel -> {epoch, seq}
const unsent = new Map(); // client id -> {channel, text, known, tried}
let token = null;
let socket = null;
let welcomed = false;
let retryMs = FIRST_RETRY_MS;
let references = 0;
let typedAt = 0;
let typingEnds = null;

function show(text) {
  byId("state").textContent = text;
}

function append(list, text, kind) {
  const item = document.createElement("li");
  item.textContent = text;
  if (kind) item.className = kind;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(item);
  while (list.children.length > KEPT_EVENTS) list.firstChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
  return item;
}

function log(arrow, frame) {
  const hidden = frame.token ? { ...frame, token: "…" } : frame;
  append(byId("events"), `${new Date().toISOString().slice(11, 23)} ${arrow} ${JSON.stringify(hidden)}`);
}

async function request(method, path, body) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = response.status === 204 ? {} : await response.json();
  log(`${method} ${path} ${response.status}`, redacted(answer));
  if (!response.ok) throw new Error(answer.detail || response.statusText);
  return answer;
}

function redacted(answer) {
  const copy = { ...answer };
  for (const field of ["token", "access_token", "refresh_token"]) if (copy[field]) copy[field] = "…";
  return copy;
}

function send(frame) {
  if (!socket || socket.readyState !== WebSocket.OPEN) return false;
  log("→", frame);
  socket.send(JSON.stringify(frame));
  return true;
}

function connect() {
  if (socket) socket.close(1000);
  show("Connecting …");
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opened = new WebSocket(`${scheme}://${location.host}/ws`, "confab.json.v1");
  socket = opened;
  welcomed = false;
  opened.onopen = () => send({ t: "hello", token, protocol: PROTOCOL, client: "confab-test-page" });
  opened.onmessage = (event) => {
    const frame = JSON.parse(event.data);
    log("←", frame);
    receive(frame);
  };
  opened.onclose = (event) => {
    log("closed", { code: event.code, reason: event.reason });
    if (socket !== opened) return;
    const final = [4401, 4410].includes(event.code); // the token is at fault
    show(final ? `Closed: ${event.reason || event.code}.` : `Lost (${event.reason || event.code}); trying again.`);
    if (final) return;
    setTimeout(() => socket === opened && connect(), retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };
}

function join(channel) {
  const place = channels.get(channel);
  if (!place) channels.set(channel, null);
  const resume = place ? { after: place.seq, epoch: place.epoch } : { after: 0 };
  send({ t: "join", ref: ++references, channel, ...resume });
}

function receive(frame) {
  switch (frame.t) {
    case "welcome":
      welcomed = true;
      retryMs = FIRST_RETRY_MS;
      show(`Connected to ${frame.node} as ${frame.name} (${frame.role}).`);
      for (const channel of new Set([frame.feed, frame.desk, ...channels.keys()])) if (channel) join(channel);
      break;
    case "joined": {
      const place = channels.get(frame.channel);
      channels.set(frame.channel, { epoch: frame.epoch, seq: place ? place.seq : 0 });
      resend(frame.channel);
      break;
    }
    case "resync":
      channels.set(frame.channel, null);
      reload(frame.channel);
      break;
    case "entry":
      entry(frame);
      break;
    case "event":
      ephemeral(frame.event);
      break;
    case "ack":
      unsent.get(frame.client_id)?.item.remove();
      unsent.delete(frame.client_id);
      break;
    case "nack":
      unsent.get(frame.client_id)?.item.classList.add("failed");
      unsent.delete(frame.client_id);
      show(`Not sent: ${frame.message}`);
      break;
    case "ping":
      send({ t: "pong", n: frame.n });
      break;
    case "draining":
      setTimeout(connect, frame.reconnect_after_ms);
      break;
    case "error":
      show(`${frame.code}: ${frame.message}`);
      break;
  }
}

function entry(frame) {
  const place = channels.get(frame.channel);
  if (place && frame.seq <= place.seq) return;
  if (place && frame.prev > place.seq && place.seq > 0) return join(frame.channel);
  channels.set(frame.channel, { epoch: place ? place.epoch : null, seq: frame.seq });
  const { body, author, at } = frame.entry;
  const time = new Date(at).toLocaleTimeString();
  if (body.kind === "TEXT") append(byId("messages"), `${time} ${author.name}: ${body.text}`);
  else if (body.kind === "NOTE") append(byId("messages"), `${time} ${author.name} (note): ${body.text}`);
  else if (body.kind === "SYSTEM") append(byId("messages"), `${time} ${body.text}`, "system");
  else if (body.kind === "new_chat") {
    show(`${body.conversation.agent.name} has the conversation of ${body.conversation.customer.name}.`);
    follow(`conv.${body.conversation_id}`);
  }
  if (body.kind === "TEXT" || body.kind === "NOTE") {
    send({ t: "receipt", channel: frame.channel.replace(/\.notes$/, ""), delivered: frame.seq, read: frame.seq });
  }
}

function ephemeral(event) {
  const note = byId("typing");
  clearTimeout(typingEnds);
  if (event.kind === "TYPING_START") {
    note.textContent = `${event.member.name} is typing …`;
    typingEnds = setTimeout(() => (note.textContent = ""), event.expires_ms);
  } else if (event.kind === "TYPING_STOP") {
    note.textContent = "";
  } else if (event.kind === "queue_position") {
    const wait = event.estimated_wait_seconds;
    show(`Number ${event.position} in the queue${wait === undefined ? "" : `, about ${wait} s`}.`);
  }
}

function follow(channel) {
  byId("join").elements.channel.value = channel;
  if (!channels.get(channel)) join(channel);
}

// The log no longer has what was missed: read the history, then follow from its end.
async function reload(channel) {
  const id = channel.split(".")[1];
  if (!channel.startsWith("conv.") || channel.endsWith(".notes")) {
    send({ t: "join", ref: ++references, channel });
    return;
  }
  const page = await request("GET", `/api/conversations/${id}/messages`);
  byId("messages").replaceChildren();
  const last = page.items.filter((item) => !item.note && item.epoch === page.epoch).pop();
  for (const item of page.items) entry({ channel, seq: item.seq, prev: 0, entry: item.entry });
  channels.set(channel, last ? { epoch: page.epoch, seq: last.seq } : null);
  send({ t: "join", ref: ++references, channel, ...(last ? { after: last.seq, epoch: page.epoch } : {}) });
}

function resend(channel) {
  for (const [client_id, message] of unsent) {
    if (message.channel !== channel) continue;
    send({ t: "send", channel, client_id, text: message.text, known: message.known });
  }
}

function handle(id, work) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await work(Object.fromEntries(new FormData(event.target)), event.submitter?.name, event.target);
    } catch (error) {
      show(error.message);
    }
  });
}

handle("start", async (fields) => {
  token = null;
  if (!fields.name) delete fields.name;
  const started = await request("POST", "/api/chat/start", { ...fields, client_id: crypto.randomUUID() });
  token = started.token;
  channels.clear();
  channels.set(started.channel, null);
  byId("join").elements.channel.value = started.channel;
  byId("desk").hidden = true;
  connect();
});

handle("login", async (fields) => {
  token = null;
  const login = await request("POST", "/api/auth/login", fields);
  token = login.access_token;
  channels.clear();
  byId("desk").hidden = login.user.role === "customer";
  connect();
  renewLater(login);
});

function renewLater(login) {
  const ahead = Math.max(login.expires_at - Date.now() - 60000, 5000);
  setTimeout(async () => {
    if (token !== login.access_token) return;
    try {
      const next = await request("POST", "/api/auth/renew", { refresh_token: login.refresh_token });
      token = next.access_token;
      send({ t: "renew", token });
      renewLater(next);
    } catch (error) {
      show(error.message);
    }
  }, ahead);
}

handle("desk", async (_, button) => {
  if (button === "queue") {
    const queue = await request("GET", "/api/agent/queue");
    show(`${queue.length} waiting.`);
    if (queue.entries.length) byId("join").elements.channel.value = `conv.${queue.entries[0].conversation_id}`;
  } else {
    await request("PUT", "/api/agent/availability", { availability: button });
  }
});

handle("join", async ({ channel }, button) => {
  const id = channel.split(".")[1];
  if (button === "leave") {
    send({ t: "leave", ref: ++references, channel });
    channels.delete(channel);
  } else if (button === "accept") {
    await request("POST", `/api/agent/conversations/${id}/accept`);
    follow(channel);
  } else if (button === "close") {
    await request("POST", `/api/conversations/${id}/close`);
  } else {
    join(channel);
  }
});

handle("send", ({ text }, _, form) => {
  const channel = byId("join").elements.channel.value;
  const client_id = crypto.randomUUID();
  const known = channels.get(channel)?.seq ?? 0;
  const item = append(byId("messages"), `sending: ${text}`, "system");
  unsent.set(client_id, { channel, text, known, item });
  if (welcomed) send({ t: "send", channel, client_id, text });
  form.reset();
  typedAt = 0;
});

byId("send").elements.text.addEventListener("input", () => {
  if (Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  send({ t: "TYPING_START", channel: byId("join").elements.channel.value });
});

byId("join").elements.drop.addEventListener("click", () => socket?.close(4000, "dropped by hand"));
byId("clear").addEventListener("click", () => byId("events").replaceChildren());
