// The pages that a person sees: plain, and plainly for development.

const escape = (text) =>
  String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

export function page(said, ...parts) {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Development sign-in</title>
  <style>
    :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
    body { max-width: 24rem; margin: 4rem auto; padding: 0 1rem }
    input, button { font: inherit; padding: .5rem; margin: .25rem 0 }
    input { width: 100%; box-sizing: border-box }
  </style>
</head>
<body>
  <h1>Development sign-in</h1>
  <p>${escape(said)}</p>
  ${parts.join("\n  ")}
</body>
</html>`;
}

export function signInPage(action, hint) {
  return page(
    "This page stands in for the identity provider on a developer's computer. Any address signs in; there is no password.",
    `<form method="post" action="${escape(action)}">
    <label for="email">E-mail</label>
    <input id="email" name="email" type="email" required autofocus value="${escape(hint ?? "")}">
    <button type="submit">Sign in</button>
    <button type="submit" name="cancel" value="yes" formnovalidate>Cancel</button>
  </form>`,
  );
}
