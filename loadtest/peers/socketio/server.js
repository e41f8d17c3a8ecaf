// A live chat as it is usually built: Socket.IO, its sharded Redis adapter between the processes, and, with
// --postgres, every message in a table before it is shown. It is what Confab is compared with.
import { createServer } from "node:http";
import { parseArgs } from "node:util";

import { createShardedAdapter } from "@socket.io/redis-adapter";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";

const { values: options } = parseArgs({
  options: {
    port: { type: "string" },
    redis: { type: "string" },
    postgres: { type: "string" },
  },
});

const TABLE = `
  CREATE TABLE IF NOT EXISTS message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room text NOT NULL,
    client_id text NOT NULL,
    author text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS message_room ON message (room, id);
`;
const INSERT = {
  name: "insert",
  text: "INSERT INTO message (room, client_id, author, body) VALUES ($1, $2, $3, $4) RETURNING id, created_at",
};

/** Puts messages into the table and answers with what the table adds to them. */
async function openTable(connectionString) {
  const pool = new pg.Pool({ connectionString });
  await pool.query(TABLE);
  return async ({ room, client_id, author, body }) => {
    const { rows } = await pool.query({ ...INSERT, values: [room, client_id, author, body] });
    return rows[0];
  };
}

/** Without a table messages are only shown. */
function withoutTable() {
  return async () => ({ created_at: new Date() });
}

async function connectRedis(url) {
  const publisher = createClient({ url });
  const subscriber = publisher.duplicate();
  for (const client of [publisher, subscriber]) {
    client.on("error", (error) => console.error("redis:", error.message));
  }
  await Promise.all([publisher.connect(), subscriber.connect()]);
  return createShardedAdapter(publisher, subscriber);
}

const store = options.postgres ? await openTable(options.postgres) : withoutTable();
const http = createServer();
const io = new Server(http, {
  adapter: await connectRedis(options.redis),
  transports: ["websocket"],
  serveClient: false,
});

io.on("connection", async (socket) => {
  const { name, rooms } = socket.handshake.auth;
  socket.on("message", async ({ room, client_id, body }, acknowledge) => {
    try {
      const message = { room, client_id, author: name, body };
      const stored = await store(message);
      io.to(room).emit("message", { ...message, ...stored });
      acknowledge({ status: "ok" });
    } catch (error) {
      acknowledge({ status: "error", message: error.message });
    }
  });
  await socket.join(rooms);
  socket.emit("joined", rooms);
});

http.listen(Number(options.port), "127.0.0.1", () => console.log("ready"));
