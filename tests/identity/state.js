// What the provider knows: who it is, its keys, its users, the faults that are on, and what the bridge remembers.

import { createHash, generateKeyPair, randomUUID } from "node:crypto";
import { promisify } from "node:util";

import { makeProvider } from "./provider.js";

const makeKeys = promisify(generateKeyPair);

export class State {
  settings = {
    // Every connection is cut.
    outage: false,
    // The authorization response names its issuer (RFC 9207). Kinde does not document that it does.
    namesIssuer: false,
    // How long a refresh token that was used may be used again.
    overlapSeconds: 30,
    accessTokenSeconds: 86400,
    // How often a device may ask, and how long a second of that lasts here.
    deviceInterval: 5,
    deviceSecondMs: 1000,
    // Puts the `iat` and `exp` of access tokens off.
    skewSeconds: 0,
    // Another audience than the one that was asked for.
    wrongAudience: null,
  };

  // E-mail addresses by subject.
  users = new Map();
  // Access tokens that were given out, with whom they are of.
  accessTokens = new Map();
  // The access token of each grant, for as long as it holds.
  grants = new Map();
  // Refresh tokens that were used, with the answer they got.
  rotated = new Map();
  // Device codes, with when they were last asked about.
  deviceCodes = new Map();
  // How often each path was asked for.
  hits = new Map();

  constructor(identity) {
    Object.assign(this, identity);
  }

  handle(request, response) {
    const { pathname } = new URL(request.url, this.issuer);
    this.hits.set(pathname, (this.hits.get(pathname) ?? 0) + 1);
    this.callback(request, response);
  }

  // Signs with a new key from now on; the old one is gone from the published set.
  async rotateKeys() {
    const { privateKey, publicKey } = await makeKeys("rsa", { modulusLength: 2048 });
    this.key = { kid: randomUUID(), privateKey, publicKey };
    this.provider = makeProvider(this);
    this.callback = this.provider.callback();
  }

  // The subject of an e-mail address: the same one each time, in Kinde's form.
  subject(email) {
    const name = email.trim().toLowerCase();
    const subject = `kp_${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
    this.users.set(subject, name);
    return subject;
  }

  profile(subject) {
    const email = this.users.get(subject);
    return { sub: subject, id: subject, email, email_verified: true, preferred_username: email };
  }
}
