// A hub of many processes for tests: NATS, a database server, a worker, and edges that can be killed one by one.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SETTINGS } from "./hub";

const START_LIMIT_MS = 60_000;
const PROGRAMS = process.env.CONFAB_BIN_DIR ?? "";
const ROOT = { user: "root", password: "root-of-the-tests" };

/** An edge; it can be killed and started again at the same address. */
export class Edge {
  #process: ChildProcess | undefined;

  constructor(
    readonly url: string,
    readonly run: () => ChildProcess,
  ) {}

  async start(): Promise<void> {
    this.#process = this.run();
    await answers(`${this.url}/health/ready`);
  }

  /** It dies without a word, as when a machine does. */
  async kill(): Promise<void> {
    await ended(this.#process, "SIGKILL");
    this.#process = undefined;
  }

  async stop(): Promise<void> {
    await ended(this.#process, "SIGTERM");
  }
}

export class Cluster {
  readonly #processes: ChildProcess[] = [];

  private constructor(
    readonly home: string,
    readonly edges: Edge[],
  ) {}

  /** Starts everything, with the demo tenant in it. */
  static async start(edges: number): Promise<Cluster> {
    const cluster = new Cluster(mkdtempSync(join(tmpdir(), "confab-cluster-")), []);
    const { home } = cluster;
    const [nats, monitor, database] = [await freePort(), await freePort(), await freePort()];
    const files = join(home, "nats.conf");
    writeFileSync(
      files,
      `listen: 127.0.0.1:${nats}\nhttp: 127.0.0.1:${monitor}\njetstream { store_dir: "${join(home, "nats")}" }\n`,
    );
    const server = process.env.CONFAB_NATS_SERVER ?? "nats-server";
    cluster.#processes.push(started(home, "nats", server, ["-c", files]));
    const surreal = ["start", "--no-banner", "--log", "warn", "--user", ROOT.user, "--pass", ROOT.password];
    surreal.push("--bind", `127.0.0.1:${database}`, `surrealkv://${join(home, "database")}`);
    cluster.#processes.push(started(home, "database", join(PROGRAMS, "confab-surreal-server"), surreal));
    await answers(`http://127.0.0.1:${monitor}/healthz`);
    await answers(`http://127.0.0.1:${database}/health`);

    const settings = {
      ...SETTINGS,
      CONFAB_NATS__URL: `nats://127.0.0.1:${nats}`,
      CONFAB_NATS__REPLICAS: "1",
      CONFAB_STORE__URL: `ws://127.0.0.1:${database}`,
      CONFAB_STORE__USERNAME: ROOT.user,
      CONFAB_STORE__PASSWORD: ROOT.password,
      CONFAB_AUTH__SIGNING_KEY: "a-signing-key-of-the-tests-with-enough-length",
    };
    const confab = join(PROGRAMS, "confab");
    for (const command of ["migrate", "demo-data"]) {
      const made = spawnSync(confab, [command], { env: { ...process.env, ...settings } });
      if (made.status !== 0) throw new Error(`confab ${command}: ${made.stderr}`);
    }
    for (let number = 1; number <= edges; number += 1) {
      const port = await freePort();
      const node = { ...settings, CONFAB_SERVER__NODE_ID: `edge-${number}` };
      const listen = { ...node, CONFAB_SERVER__LISTEN: `127.0.0.1:${port}` };
      const run = () => started(home, `edge-${number}`, confab, ["edge"], listen);
      cluster.edges.push(new Edge(`http://127.0.0.1:${port}`, run));
    }
    await Promise.all(cluster.edges.map((edge) => edge.start()));
    const worker = { ...settings, CONFAB_SERVER__NODE_ID: "worker-1" };
    cluster.#processes.push(started(home, "worker", confab, ["worker"], worker));
    return cluster;
  }

  /** What a process has written. */
  log(name: string): string {
    return readFileSync(join(this.home, `${name}.log`), "utf8");
  }

  async stop(): Promise<void> {
    await Promise.all(this.edges.map((edge) => edge.stop()));
    for (const process of this.#processes.reverse()) await ended(process, "SIGTERM");
    rmSync(this.home, { recursive: true, force: true });
  }
}

function started(
  home: string,
  name: string,
  program: string,
  commands: string[],
  settings: Record<string, string> = {},
): ChildProcess {
  const running = spawn(program, commands, {
    env: { ...process.env, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = join(home, `${name}.log`);
  for (const output of [running.stdout, running.stderr]) {
    output?.on("data", (chunk: Buffer) => appendFileSync(log, chunk));
  }
  return running;
}

async function ended(running: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const end = new Promise((resolve) => running.once("exit", resolve));
  running.kill(signal);
  const late = setTimeout(() => running.kill("SIGKILL"), 15_000);
  await end;
  clearTimeout(late);
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    if (Date.now() > deadline) throw new Error(`nobody answers at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("there is no port");
  return address.port;
}
