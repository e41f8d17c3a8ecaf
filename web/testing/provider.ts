// An identity provider on this machine: discovery, keys, and a log-in page that lets in whoever it is told to.
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export const CLIENT_ID = "confab-desk";

export class Provider {
  /** Who logs in next; nobody is refused. */
  person: { login: string; name: string; groups: string[] } | null = null;
  /** What else is changed in the next answer, as somebody who forges it would. */
  forged: Record<string, string> = {};

  private constructor(
    readonly issuer: string,
    readonly server: Server,
    readonly key: KeyObject,
  ) {}

  static async start(): Promise<Provider> {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const keys = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k-1", alg: "ES256", use: "sig" }] };
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", provider.issuer);
      const json = (body: object) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      };
      if (pathname === "/.well-known/openid-configuration") {
        const { issuer } = provider;
        json({ issuer, jwks_uri: `${issuer}/keys`, authorization_endpoint: `${issuer}/login` });
      } else if (pathname === "/keys") json(keys);
      else if (pathname === "/login") {
        response.writeHead(302, { location: provider.#answer(searchParams) });
        response.end();
      } else {
        response.writeHead(404);
        response.end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const provider = new Provider(`http://127.0.0.1:${port}`, server, privateKey);
    return provider;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Back to where they came from, with a token or a refusal. */
  #answer(question: URLSearchParams): string {
    const state = question.get("state") ?? "";
    const said: Record<string, string> = this.person
      ? { id_token: this.#token(question.get("nonce") ?? ""), state }
      : { error: "access_denied", error_description: "Nobody is let in today", state };
    return `${question.get("redirect_uri")}#${new URLSearchParams({ ...said, ...this.forged })}`;
  }

  #token(nonce: string): string {
    const now = Math.floor(Date.now() / 1000);
    const { login, name, groups } = this.person ?? { login: "", name: "", groups: [] };
    const claims = {
      iss: this.issuer,
      aud: CLIENT_ID,
      sub: login,
      name,
      groups,
      nonce,
      iat: now,
      exp: now + 300,
    };
    const parts = [{ alg: "ES256", kid: "k-1" }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    const content = parts.join(".");
    const signature = sign("sha256", Buffer.from(content), { key: this.key, dsaEncoding: "ieee-p1363" });
    return `${content}.${signature.toString("base64url")}`;
  }
}
