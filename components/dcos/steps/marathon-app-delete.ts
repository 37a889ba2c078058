import { json } from "node:stream/consumers";
import { MarathonClient } from "../api/marathon";
import { DcosSession, Unreachable } from "../api/session";
import { accessOf, marathonAppInput } from "../app-input";
import { deleteApp } from "../run-app";

const patienceMs = 15_000;

/** Removes an app from Marathon. A Marathon that does not answer is taken to be gone with the cluster. */
export async function run(): Promise<void> {
  const input = marathonAppInput.parse(await json(process.stdin));
  const { app, service } = input;
  const say = (message: string) => process.stderr.write(`${message}\n`);
  const session = new DcosSession(accessOf(input, process.env), { say, patienceMs });
  try {
    await deleteApp(new MarathonClient(session, `/service/${service}`), app.id, { say });
  } catch (thrown) {
    if (!(thrown instanceof Unreachable)) throw thrown;
    say(`${app.id} is left as it is, if it is still there: ${thrown.message}`);
  }
}
