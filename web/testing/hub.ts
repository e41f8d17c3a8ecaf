// A real hub for tests: the binary that `CONFAB_BIN_DIR` names, with a demo tenant, in a directory of its own.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;

/** Password of everybody in the demo tenant. */
export const DEMO_PASSWORD = "confab-demo";

/** Settings of every hub of the tests, as variables. */
export const SETTINGS = {
  CONFAB_SERVER__ALLOWED_ORIGINS: "*",
  // Whole suites come from one address.
  CONFAB_LIMITS__REQUESTS_PER_SECOND_PER_ADDRESS: "1000",
  CONFAB_LIMITS__REQUESTS_PER_SECOND_PER_USER: "1000",
  CONFAB_LIMITS__MESSAGES_PER_SECOND_PER_USER: "1000",
  CONFAB_LIMITS__STARTS_PER_MINUTE_PER_ADDRESS: "100000",
  CONFAB_LIMITS__LOGINS_PER_MINUTE_PER_ADDRESS: "1000",
};

/** Whether there is a hub to start. */
export const hasHub = process.env.CONFAB_BIN_DIR !== undefined;

const PROGRAM = join(process.env.CONFAB_BIN_DIR ?? "", "confab");

export class Hub {
  #process: ChildProcess | undefined;

  private constructor(
    readonly data: string,
    public url: string,
    readonly settings: Record<string, string>,
  ) {}

  /** With further settings, as variables `CONFAB_SECTION__FIELD`. */
  static async start(settings: Record<string, string> = {}): Promise<Hub> {
    const hub = new Hub(mkdtempSync(join(tmpdir(), "confab-web-")), "", settings);
    hub.url = await hub.#run("127.0.0.1:0");
    return hub;
  }

  /** The process dies without a word, as when a machine does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Starts again, at the same address, with the same data. */
  async restart(): Promise<void> {
    await this.#run(new URL(this.url).host);
  }

  /** Makes an admin, as whoever runs the hub does: while it stands still. One who is there already stays. */
  async makeAdmin(login: string, name: string): Promise<void> {
    await this.kill();
    const person = ["--tenant", "demo", "--login", login, "--name", name, "--role", "admin"];
    const made = spawnSync(PROGRAM, ["user", "create", "--data", this.data, ...person], {
      input: `${DEMO_PASSWORD}\n`,
    });
    await this.restart();
    const isThere = String(made.stderr).includes("exists already");
    if (made.status !== 0 && !isThere) throw new Error(`no admin was made: ${made.stderr}`);
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    rmSync(this.data, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    const late = setTimeout(() => running.kill("SIGKILL"), STOP_LIMIT_MS);
    await ended;
    clearTimeout(late);
  }

  async #run(address: string): Promise<string> {
    const running = spawn(PROGRAM, ["all", "--demo", "--data", this.data, "--listen", address], {
      env: {
        ...process.env,
        ...SETTINGS,
        ...this.settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = running;
    let output = "";
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the hub did not start:\n${output}`)), START_LIMIT_MS);
      const hear = (chunk: Buffer) => {
        output = (output + String(chunk)).slice(-20_000);
        const url = / chat --url (http:\/\/\S+)/.exec(output)?.[1];
        if (url) {
          clearTimeout(late);
          resolve(url);
        }
      };
      running.stdout?.on("data", hear);
      running.stderr?.on("data", hear);
      running.once("exit", (code) => {
        clearTimeout(late);
        reject(new Error(`the hub ended with ${code}:\n${output}`));
      });
    });
  }
}
