import { text } from "node:stream/consumers";
import { containerGobgpd } from "../../components/reflector/container";
import { lookAtReflector } from "../../components/reflector/look";
import { requiredVariable } from "./input";

/** Ends well unless something stands in the way of the reflector's configuration, which is on standard input. */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  const planned = await text(process.stdin);
  const seen = await lookAtReflector({ container, planned }, containerGobgpd({}, container));
  process.stdout.write(`${seen}\n`);
}
