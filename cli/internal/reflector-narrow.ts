import { text } from "node:stream/consumers";
import { narrowReflector } from "../../components/reflector/change";
import { containerDaemon } from "../../components/reflector/container";
import { redacted, takePasswords } from "../../components/reflector/passwords";
import { requiredVariable, say } from "../../util/step";
import { stepKind } from "./router";

/** Brings a reflector to the configuration on standard input and nothing more, once all COEs are as the plan says. */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  const passwords = takePasswords();
  const kind = stepKind();
  const daemon = containerDaemon(kind, {}, container);
  const planned = kind.withPasswords(await text(process.stdin), passwords);
  const has = await redacted(passwords, say, (tell) =>
    narrowReflector(daemon, planned, { say: tell }),
  );
  process.stdout.write(`${has}\n`);
}
