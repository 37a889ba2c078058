import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { arch, platform, release } from "node:os";
import { join } from "node:path";
import { makePlan, renderPlan } from "../../components/kinds/planning";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { routerTraits } from "../../components/kinds/traits";
import { routerAsk } from "../../components/reflector/kinds";
import {
  publicConfig,
  publicEnvironment,
  publicPart,
  secretsOfConfig,
  secretsOfEnvironment,
  secretsOfOutputs,
  writeBundle,
} from "../../doctor/bundle";
import { renderLines } from "../../doctor/report";
import { type Plan, planDocument } from "../../plan";
import { reportPage } from "../../report";
import { tools } from "../../toolchain/catalogue";
import { messageOf } from "../../util/errors";
import { checkoutDir } from "../../util/paths";
import { Redactor } from "../../util/redact";
import { type Verification, verify } from "../../verify/run";
import { configFile } from "./config";
import type { Diagnosis, DoctorFlags } from "./doctor";

/** What somebody needs who is to find out what is wrong, without secrets. */
export async function writeSupportBundle(
  flags: DoctorFlags,
  file: string,
  diagnosis: Diagnosis,
): Promise<void> {
  const configText = await readFile(configFile(flags), "utf8").catch(() => "");
  const { outputs } = diagnosis;
  const verified = outputs === undefined ? undefined : await verifiedNow(outputs);
  const { files, redactor } = bundleFiles({
    ...{ stack: flags.stack, diagnosis, configText, env: process.env },
    ...(verified === undefined ? {} : { verified }),
  });
  await writeBundle(file, files, redactor);
}

/** What a bundle is made of, secrets included. */
export interface BundleInput {
  readonly stack: string;
  readonly diagnosis: Diagnosis;
  /** The text of the configuration file; empty where there is none. */
  readonly configText: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What verify found, or why it found nothing. */
  readonly verified?: Verification | { readonly error: string };
}

/** The files of a bundle, by name, and what has cut secrets from them. */
export function bundleFiles(input: BundleInput): {
  readonly files: Readonly<Record<string, string>>;
  readonly redactor: Redactor;
} {
  const { stack, diagnosis, configText, env, verified } = input;
  const { lines, config, outputs, outputsText } = diagnosis;
  const raw: unknown = outputsText === undefined ? {} : JSON.parse(outputsText);
  const redactor = new Redactor([
    ...secretsOfOutputs(raw),
    ...secretsOfConfig(configText),
    ...secretsOfEnvironment(env),
  ]);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const plan = outputs?.plan ?? (config === undefined ? undefined : makePlan(config));
  const safe = redactor.texts(lines);
  const files = {
    "README.txt": readme,
    "config.yaml": publicConfig(configText, redactor),
    "doctor.json": json({ schemaVersion: 1, lines: safe }),
    "doctor.txt": `${renderLines(safe).join("\n")}\n`,
    "environment.json": json(publicEnvironment(env, redactor)),
    "outputs.json": json(publicPart(raw, redactor)),
    "versions.json": json(versions()),
    ...(plan === undefined
      ? {}
      : {
          "plan.json": json(redactor.texts(planDocument(plan))),
          "plan.txt": `${redactor.texts(renderPlan(plan)).join("\n")}\n`,
        }),
    ...(plan === undefined || verified === undefined
      ? {}
      : verifiedFiles(stack, plan, verified, redactor)),
  };
  return { files, redactor };
}

const readme = `A support bundle of Seamless: what doctor and verify said, the plan, the configuration and the stack's outputs.
Secrets are cut: where one was, [secret] stands. Look through the files before you pass them on.
`;

async function verifiedNow(
  outputs: NonNullable<Diagnosis["outputs"]>,
): Promise<NonNullable<BundleInput["verified"]>> {
  try {
    return await verify(outputs, {
      ...{ kinds: coeRuntimes, routerOf: routerAsk, speakers: speakerOf, only: [], waitMs: 0 },
    });
  } catch (thrown) {
    return { error: messageOf(thrown) };
  }
}

/** What verify says, as JSON and as a page; or why there is nothing. */
function verifiedFiles(
  stack: string,
  plan: Plan,
  verified: NonNullable<BundleInput["verified"]>,
  redactor: Redactor,
): Record<string, string> {
  if ("error" in verified) return { "verify.txt": `${redactor.text(verified.error)}\n` };
  const { exitCode } = verified;
  const safe = redactor.texts({ results: verified.results, seen: verified.seen });
  return {
    "report.html": reportPage({
      ...{ stack, plan: redactor.texts(plan), ...safe },
      ...{ at: new Date(), traits: routerTraits },
    }),
    "verify.json": `${JSON.stringify({ schemaVersion: 2, exitCode, ...safe }, null, 2)}\n`,
  };
}

function versions() {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(checkoutDir(), "package.json"), "utf8"),
  );
  return {
    seamless: version,
    node: process.versions.node,
    machine: `${platform()} ${release()} ${arch()}`,
    tools: Object.fromEntries(tools.map((tool) => [tool.name, tool.version])),
  };
}
