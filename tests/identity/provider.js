// oidc-provider with Kinde's routes, clients, scopes and claims. What its options cannot say is in bridge.js.

import Provider, { interactionPolicy } from "oidc-provider";

import { bridge } from "./bridge.js";
import { page } from "./pages.js";

const SCOPES = "openid email profile offline";
// Kinde gives a token for no audience when none was asked for.
export const NO_AUDIENCE = "urn:kinde:no-audience";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

export function makeProvider(state) {
  const { settings, audience } = state;
  const native = { application_type: "native", token_endpoint_auth_method: "none", scope: SCOPES };
  const provider = new Provider(state.issuer, {
    clients: [
      {
        ...native,
        client_id: state.clientId,
        client_name: "Brasskey",
        redirect_uris: state.redirectUris,
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
      {
        ...native,
        client_id: state.deviceClientId,
        client_name: "Brasskey",
        redirect_uris: [],
        grant_types: [DEVICE_GRANT, "refresh_token"],
        response_types: [],
      },
    ],
    jwks: { keys: [{ ...state.key.privateKey.export({ format: "jwk" }), kid: state.key.kid, use: "sig", alg: "RS256" }] },
    cookies: { keys: [state.key.kid] },
    scopes: SCOPES.split(" "),
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
    pkce: { required: () => true },
    routes: {
      authorization: "/oauth2/auth",
      token: "/oauth2/token",
      userinfo: "/oauth2/v2/user_profile",
      jwks: "/.well-known/jwks",
      device_authorization: "/oauth2/device/auth",
      code_verification: "/device",
      revocation: "/oauth2/revoke",
      introspection: "/oauth2/introspect",
      end_session: "/oauth2/logout",
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      introspection: { enabled: true },
      deviceFlow: {
        enabled: true,
        // Eight letters without a dash.
        charset: "base-20",
        mask: "********",
        userCodeInputSource: (ctx, form, _out, error) => {
          const said = error?.name === "AbortedError" ? "Declined. You may close this page." : "Enter the code of your device.";
          ctx.body = page(said, form, '<button type="submit" form="op.deviceInputForm">Continue</button>');
        },
        userCodeConfirmSource: (ctx, form, _client, _info, code) => {
          const buttons = `<button type="submit" form="op.deviceConfirmForm">Continue</button>
            <button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Decline</button>`;
          ctx.body = page(`Is this the code of your device? ${code}`, form, buttons);
        },
        successSource: (ctx) => {
          ctx.body = page("Your device is signed in. You may close this page.");
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => NO_AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: SCOPES,
          audience: resource,
          accessTokenTTL: settings.accessTokenSeconds,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    formats: {
      customizers: {
        jwt: (_ctx, _token, jwt) => {
          const { scope, client_id: client, aud, iat, exp, ...rest } = jwt.payload;
          const named = settings.wrongAudience ?? aud;
          jwt.header = { typ: "JWT" };
          jwt.payload = {
            ...rest,
            aud: named === NO_AUDIENCE ? [] : [named],
            azp: client,
            scp: scope ? scope.split(" ") : [],
            iat: iat + settings.skewSeconds,
            exp: exp + settings.skewSeconds,
            org_code: "org_development",
            permissions: [],
            feature_flags: {},
          };
        },
      },
    },
    // `offline` is the scope that gives a refresh token; it is rotated on every use.
    issueRefreshToken: (_ctx, client, source) => client.grantTypeAllowed("refresh_token") && source.scopes.has("offline"),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: () => settings.accessTokenSeconds,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Grant: 1296000,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 1296000,
      Session: 1296000,
    },
    findAccount: (_ctx, subject) =>
      state.users.has(subject) ? { accountId: subject, claims: () => state.profile(subject) } : undefined,
    interactions: { policy: withoutConsent(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope(SCOPES);
      for (const resource of [audience, NO_AUDIENCE, ...Object.keys(ctx.oidc.resourceServers ?? {})]) {
        grant.addResourceScope(resource, SCOPES);
      }
      await grant.save();
      return grant;
    },
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = page(`${out.error}: ${out.error_description ?? ""}`);
    },
  });
  provider.use(bridge(state, provider));
  return provider;
}

// Our own application asks for nothing that a person would have to agree to.
function withoutConsent() {
  const policy = interactionPolicy.base();
  policy.remove("consent");
  return policy;
}
