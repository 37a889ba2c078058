import { text } from "node:stream/consumers";
import { containerGobgpd } from "../../components/reflector/container";
import { narrowReflector } from "../../components/reflector/gobgp/change";
import { withPasswords } from "../../components/reflector/gobgp/passwords";
import { redacted, takePasswords } from "../../components/reflector/passwords";
import { requiredVariable, say } from "../../util/step";

/** Brings a reflector to the configuration on standard input and nothing more, once all COEs are as the plan says. */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  const passwords = takePasswords();
  const daemon = containerGobgpd({}, container);
  const planned = withPasswords(await text(process.stdin), passwords);
  const has = await redacted(passwords, say, (tell) =>
    narrowReflector(daemon, planned, { say: tell }),
  );
  process.stdout.write(`${has}\n`);
}
