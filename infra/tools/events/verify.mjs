// Verifies the events that receive.py kept with the library of Standard Webhooks for JavaScript.
// Usage: verify.mjs FILE
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const events = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const { headers, body, secrets } of events) {
  for (const secret of secrets) {
    new Webhook(secret).verify(body, headers);
  }
  try {
    new Webhook(secrets[0]).verify(`${body} `, headers);
  } catch {
    continue;
  }
  throw new Error("a changed event was taken for a good one");
}
console.log(`${events.length} events verified with standardwebhooks for JavaScript`);
