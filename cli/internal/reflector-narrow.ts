import { text } from "node:stream/consumers";
import { containerGobgpd } from "../../components/reflector/container";
import { narrowReflector } from "../../components/reflector/gobgp/change";
import { requiredVariable, say } from "../../util/step";

/** Brings a reflector to the configuration on standard input and nothing more, once all COEs are as the plan says. */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  const daemon = containerGobgpd({}, container);
  process.stdout.write(`${await narrowReflector(daemon, await text(process.stdin), { say })}\n`);
}
