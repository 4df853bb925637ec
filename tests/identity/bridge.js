// Where oidc-provider and Kinde differ, this makes the one answer as the other does. Each part names its difference.

import qrcode from "qrcode-generator";

import { page, signInPage } from "./pages.js";

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const DEVICE_PREFIX = "kinde_dc_";

export function bridge(state, provider) {
  const routes = {
    "GET /oauth2/auth": authorize,
    "POST /oauth2/token": token,
    "POST /oauth2/device/auth": deviceAuthorization,
    "GET /oauth2/v2/user_profile": userProfile,
    "GET /logout": logout,
  };
  return async (ctx, next) => {
    const interaction = /^\/interaction\/[\w-]+$/.test(ctx.path);
    if (interaction) {
      await signIn(state, provider, ctx);
      return;
    }
    const route = routes[`${ctx.method} ${ctx.path}`];
    await (route ? route(state, ctx, next, provider) : next());
    nameIssuer(state, ctx);
  };
}

// The form of the sign-in page, and what it sends.
async function signIn(state, provider, ctx) {
  const { params } = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method !== "POST") {
    ctx.type = "html";
    ctx.body = signInPage(ctx.path, params.login_hint);
    return;
  }
  const form = await readForm(ctx);
  const email = form.get("email") ?? "";
  const cancelled = form.has("cancel");
  if (!cancelled && !/^[^@\s]+@[^@\s]+$/.test(email)) {
    ctx.status = 400;
    ctx.type = "html";
    ctx.body = signInPage(ctx.path, email);
    return;
  }
  const result = cancelled
    ? { error: "access_denied", error_description: "The person cancelled." }
    : { login: { accountId: state.subject(email) } };
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
}

// Kinde takes `audience`, oidc-provider `resource`; `offline_access` gives nothing and no error; a redirect URI has to be one
// that is registered, port included; `prompt=create` is Kinde's way to the registration page.
async function authorize(state, ctx, next) {
  const query = asKinde(new URLSearchParams(ctx.querystring));
  if (query.get("prompt") === "create") {
    query.set("prompt", "login");
  }
  const redirect = query.get("redirect_uri");
  if (redirect !== null && !state.redirectUris.includes(redirect)) {
    ctx.status = 400;
    ctx.type = "html";
    ctx.body = page("invalid_request: the callback URL is not registered.");
    return;
  }
  ctx.querystring = query.toString();
  await next();
}

function asKinde(parameters) {
  const audience = parameters.get("audience");
  parameters.delete("audience");
  if (audience !== null) {
    parameters.set("resource", audience);
  }
  const scope = parameters.get("scope");
  if (scope !== null) {
    parameters.set("scope", scope.split(" ").filter((word) => word !== "offline_access").join(" "));
  }
  return parameters;
}

// The authorization response names its issuer only when that is switched on.
function nameIssuer(state, ctx) {
  const location = ctx.response.get("Location") ?? "";
  if (!state.settings.namesIssuer && state.redirectUris.some((uri) => location.startsWith(uri))) {
    const url = new URL(location);
    url.searchParams.delete("iss");
    ctx.set("Location", url.href);
  }
}

async function token(state, ctx, next) {
  const form = await readForm(ctx);
  const grantType = form.get("grant_type");
  if (grantType === DEVICE_GRANT && !mayAsk(state, ctx, form)) {
    return;
  }
  const presented = form.get("refresh_token");
  const earlier = grantType === "refresh_token" && state.rotated.get(presented);
  // A refresh token that was just used gets the same answer for a while.
  if (earlier && Date.now() - earlier.at < state.settings.overlapSeconds * 1000) {
    ctx.body = earlier.answer;
    return;
  }
  passOn(ctx, form);
  await next();
  if (ctx.status === 200) {
    remember(state, ctx, grantType, presented);
  }
}

// A refresh gives the same access token for as long as that one holds.
function remember(state, ctx, grantType, presented) {
  const now = Date.now();
  const grant = ctx.oidc.entities.Grant.jti;
  const held = state.grants.get(grant);
  if (grantType === "refresh_token" && held && held.until > now) {
    ctx.body = { ...ctx.body, access_token: held.token, expires_in: Math.floor((held.until - now) / 1000) };
  } else {
    state.grants.set(grant, { token: ctx.body.access_token, until: now + ctx.body.expires_in * 1000 });
  }
  const subject = ctx.oidc.entities.Account.accountId;
  state.accessTokens.set(ctx.body.access_token, { subject, until: state.grants.get(grant).until });
  if (grantType === "refresh_token") {
    state.rotated.set(presented, { answer: ctx.body, at: now });
  }
}

// A device's code has a prefix, an interval, a picture, and `slow_down` for who asks too often.
async function deviceAuthorization(state, ctx, next) {
  passOn(ctx, asKinde(await readForm(ctx)));
  await next();
  if (ctx.status !== 200) {
    return;
  }
  const { settings } = state;
  const code = DEVICE_PREFIX + ctx.body.device_code;
  state.deviceCodes.set(code, { interval: settings.deviceInterval, askedAt: null, expired: false });
  const picture = qrcode(0, "M");
  picture.addData(ctx.body.verification_uri_complete);
  picture.make();
  ctx.body = { ...ctx.body, device_code: code, interval: settings.deviceInterval, qr_code: picture.createDataURL(4) };
}

// Whether a device may ask now; where not, it is answered here.
function mayAsk(state, ctx, form) {
  const code = form.get("device_code") ?? "";
  const known = state.deviceCodes.get(code);
  const refuse = (error) => {
    ctx.status = 400;
    ctx.body = { error };
    return false;
  };
  if (known?.expired) {
    return refuse("expired_token");
  }
  if (known) {
    const now = Date.now();
    const tooSoon = known.askedAt !== null && now - known.askedAt < known.interval * state.settings.deviceSecondMs;
    known.askedAt = now;
    if (tooSoon) {
      known.interval += 5;
      return refuse("slow_down");
    }
  }
  form.set("device_code", code.replace(DEVICE_PREFIX, ""));
  return true;
}

// An access token for our audience opens the user's profile, too.
async function userProfile(state, ctx) {
  const presented = ctx.get("authorization").replace(/^Bearer /, "");
  const known = state.accessTokens.get(presented);
  if (!known || known.until <= Date.now()) {
    ctx.status = 401;
    ctx.body = { error: "invalid_token" };
    return;
  }
  ctx.body = state.profile(known.subject);
}

// `/logout?redirect=` ends the session and leads back to a registered address.
async function logout(state, ctx, _next, provider) {
  const redirect = ctx.query.redirect ?? state.logoutUrl;
  if (redirect !== state.logoutUrl) {
    ctx.status = 400;
    ctx.type = "html";
    ctx.body = page("The logout URL is not registered.");
    return;
  }
  const session = await provider.Session.get(ctx);
  if (session.accountId) {
    await session.destroy();
  }
  ctx.cookies.set("_session", null);
  ctx.redirect(redirect);
}

async function readForm(ctx) {
  const parts = [];
  for await (const part of ctx.req) {
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString());
}

// Gives oidc-provider a form that was read here.
function passOn(ctx, form) {
  ctx.req.body = form.toString();
}
