import { text } from "node:stream/consumers";
import { seedVolume } from "../../components/reflector/container";
import { withPasswords } from "../../components/reflector/gobgp/passwords";
import { redacted, takePasswords } from "../../components/reflector/passwords";
import { requiredVariable, say } from "../../util/step";

/** Puts the first configuration, on standard input, into the reflector's volume, unless it has one. */
export async function run(): Promise<void> {
  const volume = requiredVariable("SEAMLESS_VOLUME");
  const image = requiredVariable("SEAMLESS_IMAGE");
  const passwords = takePasswords();
  const file = withPasswords(await text(process.stdin), passwords);
  await redacted(passwords, say, () => seedVolume({}, image, volume, file));
}
