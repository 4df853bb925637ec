// An identity provider for tests and development. It signs anybody in who types an e-mail address, so it listens on this
// computer alone. It prints one line of JSON, {"issuer", "control"}, and ends when its standard input does.

import { createServer } from "node:http";
import { parseArgs } from "node:util";

import { serveControl } from "./control.js";
import { State } from "./state.js";

const { values } = parseArgs({
  options: {
    // 0 is any free port; a development set-up wants the same one each time.
    port: { type: "string", default: "0" },
    audience: { type: "string", default: "brasskey:api" },
    "client-id": { type: "string", default: "brasskey-desktop" },
    "device-client-id": { type: "string", default: "brasskey-device" },
    "loopback-ports": { type: "string", default: "53180,53181,53182" },
    "logout-url": { type: "string", default: "http://127.0.0.1/signed-out" },
  },
});

function listen(server, port) {
  // Longer than a test pauses: a connection that is closed while a request is on its way looks like an outage.
  server.keepAliveTimeout = 600_000;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`));
  });
}

let state;
let isReady = false;
const server = createServer((request, response) => {
  // Its address has to be known before its keys can be made.
  if (!isReady || state.settings.outage) {
    request.socket.destroy();
    return;
  }
  state.handle(request, response);
});
const issuer = await listen(server, Number(values.port));
state = new State({
  issuer,
  audience: values.audience,
  clientId: values["client-id"],
  deviceClientId: values["device-client-id"],
  redirectUris: values["loopback-ports"].split(",").map((port) => `http://127.0.0.1:${port}/callback`),
  logoutUrl: values["logout-url"],
});
await state.rotateKeys();
isReady = true;
const control = await listen(createServer(serveControl(state)), 0);
process.stdout.write(`${JSON.stringify({ issuer, control })}\n`);

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
