import { text } from "node:stream/consumers";
import { widenReflector } from "../../components/reflector/change";
import { containerDaemon, limitProcesses } from "../../components/reflector/container";
import { redacted, takePasswords } from "../../components/reflector/passwords";
import { requiredVariable, say } from "../../util/step";
import { stepKind } from "./router";

/**
 * Brings a reflector to the configuration on standard input, and keeps what it accepts beside it until `reflector-narrow`;
 * prints what it has then.
 */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  const passwords = takePasswords();
  await limitProcesses({}, container, say);
  const kind = stepKind();
  const daemon = containerDaemon(kind, {}, container);
  const planned = kind.withPasswords(await text(process.stdin), passwords);
  const has = await redacted(passwords, say, (tell) =>
    widenReflector(daemon, planned, { say: tell }),
  );
  process.stdout.write(`${has}\n`);
}
