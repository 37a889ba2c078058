import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type ResourceTransformation, runtime } from "@pulumi/pulumi";
import { load } from "js-yaml";
import { z } from "zod";
import { cacheDir } from "../../util/paths";
import { takeHooks } from "./hooks";
import { runProgram } from "./program";

const project = resolve(__dirname, "..", "..");

const stackFile = z.object({ config: z.record(z.string(), z.unknown()) });

export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly inputs: unknown;
}

const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

/** Without what follows from this machine, its folders and its boot, or says only that the lab's software is another. */
function general(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(process.execPath, "<node>")
    .replaceAll(project, "<checkout>")
    .replaceAll(cacheDir(), "<cache>")
    .replaceAll(homedir(), "<home>")
    .replaceAll(bootId, "<boot>")
    // Made anew by every run; the resource ignores its changes.
    .replace(/"private\.key":"[^"]*"/g, '"private.key":"<random>"')
    .replace(/"(generation|files|images)":"[^"]*"/g, '"$1":"<digest>"')
    .replace(/\\"(generation|files|images)\\":\\"[^"]*\\"/g, '\\"$1\\":\\"<digest>\\"');
  return JSON.parse(text);
}

/**
 * What the program registers with a pretended engine for a stack, sorted by type and name.
 * @param file with the stack's configuration, from the project's folder
 */
export async function registrationsOf(stack: string, file: string): Promise<Registered[]> {
  const { config } = stackFile.parse(load(readFileSync(join(project, file), "utf8")));
  const settings = Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]);
  const secrets = Object.keys(config).filter((key) => /:(tokens|passwords|keys)$/.test(key));
  const inputs = new Map<string, unknown>();
  await runtime.setMocks(
    {
      newResource(args) {
        inputs.set(`${args.type} ${args.name}`, args.inputs);
        const printed = args.type === "command:local:Command" ? { stdout: "{}" } : {};
        return { id: `${args.name}-id`, state: { ...args.inputs, ...printed } };
      },
      call: (args) => args.inputs,
    },
    "seamless",
    stack,
  );
  takeHooks();
  runtime.setAllConfig(Object.fromEntries(settings), secrets);
  const names = new Map<unknown, string>();
  const found: Omit<Registered, "inputs">[] = [];
  const note: ResourceTransformation = ({ resource, type, name, opts }) => {
    names.set(resource, name);
    if (!type.startsWith("pulumi:")) found.push({ type, name, parent: names.get(opts.parent) });
    return undefined;
  };
  await runtime.runInPulumiStack(async () => {
    runtime.registerStackTransformation(note);
    await runProgram();
  });
  await runtime.disconnect();
  return found
    .map((one) => ({ ...one, inputs: general(inputs.get(`${one.type} ${one.name}`)) }))
    .sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
}
