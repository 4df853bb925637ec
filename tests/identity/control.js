// The control port: `POST /settings` sets faults, `POST /rotate` makes a new key, `POST /expire-device-codes` ages them,
// `POST /tokens` signs what a test asks for, `POST /users` says who an e-mail address is, `GET /hits` how often each path was
// asked for.

import { createHmac, createSign, generateKeyPairSync } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function serveControl(state) {
  const routes = {
    "GET /hits": () => Object.fromEntries(state.hits),
    "POST /settings": (body) => {
      const unknown = Object.keys(body).find((name) => !(name in state.settings));
      if (unknown) {
        throw new Error(`no such setting: ${unknown}`);
      }
      return Object.assign(state.settings, body);
    },
    "POST /rotate": async () => {
      await state.rotateKeys();
      return { kid: state.key.kid };
    },
    "POST /expire-device-codes": () => {
      for (const code of state.deviceCodes.values()) {
        code.expired = true;
      }
      return {};
    },
    "POST /users": ({ email }) => ({ subject: state.subject(email) }),
    "POST /tokens": (body) => {
      const token = forge(state, body);
      const { exp, sub } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
      state.accessTokens.set(token, { subject: sub, until: exp * 1000 });
      return { token };
    },
  };
  return async (request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    const route = routes[`${request.method} ${request.url}`];
    if (!route) {
      answer(404, {});
      return;
    }
    try {
      const parts = [];
      for await (const part of request) {
        parts.push(part);
      }
      const text = Buffer.concat(parts).toString();
      answer(200, await route(text ? JSON.parse(text) : {}));
    } catch (error) {
      answer(400, { error: error.message });
    }
  };
}

// A token of any content, right but for what is asked: `header` and `claims` replace members (null removes one), `key` is
// "own", "foreign" (another key under our `kid`), "public" (HMAC with our public key) or "none".
function forge(state, { email = "ada@example.com", header = {}, claims = {}, key = "own" }) {
  const now = Math.floor(Date.now() / 1000);
  const usual = {
    iss: state.issuer,
    sub: state.subject(email),
    aud: [state.audience],
    azp: state.clientId,
    scp: ["openid", "email"],
    iat: now,
    exp: now + 3600,
  };
  const signed = `${encode(without({ alg: "RS256", typ: "JWT", kid: state.key.kid, ...header }))}.${encode(without({ ...usual, ...claims }))}`;
  return `${signed}.${signature(state, key, signed)}`;
}

function without(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

function signature(state, key, text) {
  switch (key) {
    case "own":
      return createSign("RSA-SHA256").update(text).sign(state.key.privateKey, "base64url");
    case "foreign": {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      return createSign("RSA-SHA256").update(text).sign(privateKey, "base64url");
    }
    case "public":
      return createHmac("sha256", state.key.publicKey.export({ type: "spki", format: "pem" })).update(text).digest("base64url");
    default:
      return "";
  }
}
