import { text } from "node:stream/consumers";
import { seedVolume } from "../../components/reflector/container";
import { redacted, takePasswords } from "../../components/reflector/passwords";
import { requiredVariable, say } from "../../util/step";
import { stepKind } from "./router";

/** Puts the first configuration, on standard input, into the reflector's volume, unless it has one. */
export async function run(): Promise<void> {
  const volume = requiredVariable("SEAMLESS_VOLUME");
  const image = requiredVariable("SEAMLESS_IMAGE");
  const passwords = takePasswords();
  const kind = stepKind();
  const file = kind.withPasswords(await text(process.stdin), passwords);
  await redacted(passwords, say, () => seedVolume(kind, {}, image, volume, file));
}
