/** The window runs under the product's own content security policy, and a violation of it fails a test. */
import { policy } from "../kit/server";
import { expect, test } from "../kit/test";

test("the policy allows no inline or evaluated code, and no connection to the network", () => {
  const directives = new Map(
    policy()
      .split(";")
      .map((each) => each.trim().split(/\s+/))
      .map(([name, ...sources]) => [name, sources]),
  );
  expect(directives.get("default-src")).toEqual(["'none'"]);
  expect(directives.get("script-src")).toEqual(["'self'"]);
  expect(directives.get("style-src")).toEqual(["'self'"]);
  expect(directives.get("connect-src")).toEqual(["ipc:", "http://ipc.localhost"]);
});

test("an inline script, a foreign picture and a request are refused and complained of", async ({ open, complaints }) => {
  const page = await open("working");
  expect(complaints).toEqual([]);
  await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.hit = true";
    document.head.append(script);
    const picture = new Image();
    picture.src = "https://sink.example/a.png";
    document.body.append(picture);
    await fetch("https://sink.example/").catch(() => undefined);
  });
  await expect.poll(() => complaints.filter((each) => each.startsWith("policy violated")).length).toBe(3);
  expect(await page.evaluate(() => "hit" in window)).toBe(false);
  // The complaints were provoked.
  complaints.length = 0;
});
