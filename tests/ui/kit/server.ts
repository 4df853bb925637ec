/** Serves the built window under the product's own content security policy, read from the file that the product is built with. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const PRODUCT = new URL("../../../src-tauri/tauri.conf.json", import.meta.url);
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
};

/** The policy as the product sends it. */
export function policy(): string {
  const { app } = JSON.parse(readFileSync(PRODUCT, "utf8")) as { app: { security: { csp: string } } };
  return app.security.csp;
}

function answer(path: string): { type: string; body: Buffer } | null {
  const file = join(DIST, normalize(path === "/" ? "/index.html" : path));
  if (!file.startsWith(DIST)) return null;
  try {
    return { type: TYPES[extname(file)] ?? "application/octet-stream", body: readFileSync(file) };
  } catch {
    return null;
  }
}

/** Starts at a free port of this computer. */
export async function serve(): Promise<{ origin: string; server: Server }> {
  const csp = policy();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (pathname === "/favicon.ico") {
      // Browsers ask for it by themselves; the product's web view has none to show.
      response.writeHead(204).end();
      return;
    }
    const found = answer(pathname);
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": found.type,
      "content-security-policy": csp,
      "x-content-type-options": "nosniff",
      "cache-control": "max-age=3600",
    });
    response.end(found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { origin: `http://127.0.0.1:${address.port}`, server };
}
