import { json } from "node:stream/consumers";
import { MarathonClient } from "../../components/dcos/api/marathon";
import { Unreachable } from "../../components/dcos/api/session";
import { marathonAppInput, tokenVariable } from "../../components/dcos/app-input";
import { deleteApp } from "../../components/dcos/run-app";

const patienceMs = 15_000;

/** Removes an app from Marathon. A Marathon that does not answer is taken to be gone with the cluster. */
export async function run(): Promise<void> {
  const { url, app } = marathonAppInput.parse(await json(process.stdin));
  const say = (message: string) => process.stderr.write(`${message}\n`);
  const token = process.env[tokenVariable];
  const options = { url, say, patienceMs, ...(token === undefined ? {} : { token }) };
  try {
    await deleteApp(MarathonClient.at(options), app.id, { say });
  } catch (thrown) {
    if (!(thrown instanceof Unreachable)) throw thrown;
    say(`${app.id} is left as it is, if it is still there: ${thrown.message}`);
  }
}
