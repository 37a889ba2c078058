import { json } from "node:stream/consumers";
import { MarathonClient } from "../api/marathon";
import { DcosSession } from "../api/session";
import { accessOf, marathonAppInput } from "../app-input";
import { runApp } from "../run-app";

/** Makes an app run on Marathon and waits for it. */
export async function run(): Promise<void> {
  const input = marathonAppInput.parse(await json(process.stdin));
  const say = (message: string) => process.stderr.write(`${message}\n`);
  const session = new DcosSession(accessOf(input, process.env), { say });
  const client = new MarathonClient(session, `/service/${input.service}`);
  const result = await runApp(client, input.app, { say });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
