import { text } from "node:stream/consumers";
import { containerGobgpd } from "../../components/reflector/container";
import { reload } from "../../components/reflector/reload";
import { requiredVariable, say } from "./input";

/** Brings a reflector to the configuration on standard input; prints what it has then. */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  const daemon = containerGobgpd({}, container);
  process.stdout.write(`${await reload(daemon, await text(process.stdin), { say })}\n`);
}
