import { text } from "node:stream/consumers";
import { containerGobgpd, limitProcesses } from "../../components/reflector/container";
import { widenReflector } from "../../components/reflector/gobgp/change";
import { requiredVariable, say } from "../../util/step";

/**
 * Brings a reflector to the configuration on standard input, and keeps what it accepts beside it until `reflector-narrow`;
 * prints what it has then.
 */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  await limitProcesses({}, container, say);
  const daemon = containerGobgpd({}, container);
  process.stdout.write(`${await widenReflector(daemon, await text(process.stdin), { say })}\n`);
}
