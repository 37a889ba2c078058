import { json } from "node:stream/consumers";
import { MarathonClient } from "../../components/dcos/api/marathon";
import { marathonAppInput, tokenVariable } from "../../components/dcos/app-input";
import { runApp } from "../../components/dcos/run-app";

/** Makes an app run on Marathon and waits for it. */
export async function run(): Promise<void> {
  const { url, app } = marathonAppInput.parse(await json(process.stdin));
  const say = (message: string) => process.stderr.write(`${message}\n`);
  const token = process.env[tokenVariable];
  const client = MarathonClient.at({ url, say, ...(token === undefined ? {} : { token }) });
  const result = await runApp(client, app, { say });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
