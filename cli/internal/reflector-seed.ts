import { text } from "node:stream/consumers";
import { seedVolume } from "../../components/reflector/container";
import { requiredVariable } from "../../util/step";

/** Puts the first configuration, on standard input, into the reflector's volume, unless it has one. */
export async function run(): Promise<void> {
  const volume = requiredVariable("SEAMLESS_VOLUME");
  const image = requiredVariable("SEAMLESS_IMAGE");
  await seedVolume({}, image, volume, await text(process.stdin));
}
