import { text } from "node:stream/consumers";
import { seedVolume } from "../../components/reflector/container";
import { gobgpTag } from "../../components/reflector/image";
import { requiredVariable } from "./input";

/** Puts the first configuration, on standard input, into the reflector's volume. */
export async function run(): Promise<void> {
  const volume = requiredVariable("SEAMLESS_VOLUME");
  await seedVolume(process.env.DOCKER_HOST, gobgpTag, volume, await text(process.stdin));
}
