// A shop's page on an origin of its own, with styles of its own that are not the widget's business.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The page's policy allows scripts, connections and pictures of the hub, and nothing that is written into the page. */
function policy(hub: string): string {
  const socket = hub.replace(/^http/, "ws");
  return `default-src 'self'; script-src ${hub}; style-src 'self'; connect-src ${hub} ${socket}; img-src ${hub}; base-uri 'none'`;
}

const STYLE = `
  * { letter-spacing: 3px !important; font-family: cursive !important; }
  button { background: hotpink !important; display: block !important; width: 100% !important; }
  div { border: 4px dashed lime; position: static; }
  body { font-size: 30px; line-height: 3; min-height: 1500px; }
`;

export class Shop {
  private constructor(readonly server: Server) {}

  /** Serves a page that names the widget of `hub`, with these attributes of the tag. */
  static async start(hub: string): Promise<Shop> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://shop");
      if (url.pathname === "/style.css") {
        response.writeHead(200, { "content-type": "text/css" });
        response.end(STYLE);
        return;
      }
      if (url.pathname !== "/") {
        response.writeHead(404);
        response.end();
        return;
      }
      const attributes = [...url.searchParams].map(([name, value]) => ` data-${name}="${value}"`).join("");
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy(hub) });
      response.end(`<!doctype html><html lang="${url.searchParams.get("locale") ?? "en"}"><head><title>Shop</title>
        <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"></head>
        <body><main><h1>A shop</h1><p>Things to buy.</p></main>
        <script async src="${hub}/widget.js" data-tenant-id="demo"${attributes}></script></body></html>`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Shop(server);
  }

  /** The page's address; another host name than the hub's, so that it is another site. */
  url(attributes: Record<string, string> = {}): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://localhost:${port}/?${new URLSearchParams(attributes)}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
