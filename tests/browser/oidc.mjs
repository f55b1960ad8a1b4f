// An OpenID Connect provider to sign in at: one person, a page with two buttons, and a key made for this run.
import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const client = { id: "aop-browser", secret: "only for this test" };
const base64 = (value) => Buffer.from(value).toString("base64url");

/** `{ issuer, client, person, stop }`. `person` may be changed between sign-ins. */
export async function startProvider() {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const person = { sub: "person-1", email: "grace@example.com", email_verified: true, name: "Grace" };
  const codes = new Map();
  let issuer = "";

  const pages = {
    "/.well-known/openid-configuration": () => json({ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` }),
    "/keys": () => json({ keys: [{ ...publicKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "run" }] }),
    "/authorize": ({ query }) => {
      const code = randomBytes(12).toString("hex");
      codes.set(code, Object.fromEntries(query));
      const back = (more) => `${query.get("redirect_uri")}?state=${query.get("state")}&${more}`;
      return html(`<main><h1>Example login</h1><a href="${back(`code=${code}`)}">Continue as ${person.name}</a> <a href="${back("error=access_denied")}">Refuse</a></main>`);
    },
    "/token": ({ body, headers }) => {
      const asked = codes.get(body.get("code"));
      codes.delete(body.get("code"));
      const basic = `Basic ${Buffer.from(`${client.id}:${encodeURIComponent(client.secret).replaceAll("%20", "+")}`).toString("base64")}`;
      const proof = createHash("sha256").update(body.get("code_verifier") ?? "").digest("base64url");
      const honest = asked !== undefined && headers.authorization === basic && proof === asked.code_challenge && body.get("redirect_uri") === asked.redirect_uri;
      if (!honest) return json({ error: "invalid_grant" }, 400);
      const now = Math.floor(Date.now() / 1000);
      const claims = { ...person, iss: issuer, aud: client.id, nonce: asked.nonce, iat: now, exp: now + 300 };
      const said = `${base64(JSON.stringify({ alg: "RS256", kid: "run" }))}.${base64(JSON.stringify(claims))}`;
      return json({ id_token: `${said}.${createSign("RSA-SHA256").update(said).sign(privateKey, "base64url")}`, token_type: "Bearer", access_token: "unused" });
    },
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url, issuer);
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const page = pages[url.pathname];
      const [status, type, text] = page ? page({ query: url.searchParams, body: new URLSearchParams(Buffer.concat(chunks).toString()), headers: request.headers }) : [404, "text/plain", "nothing"];
      response.writeHead(status, { "content-type": type }).end(text);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${server.address().port}`;
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { issuer, client, person, stop };
}

function json(value, status = 200) {
  return [status, "application/json", JSON.stringify(value)];
}

function html(body) {
  return [200, "text/html; charset=utf-8", `<!doctype html><html lang="en"><title>Example login</title><link rel="icon" href="data:,">${body}</html>`];
}
