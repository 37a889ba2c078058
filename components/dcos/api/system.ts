import { z } from "zod";
import { SeamlessError } from "../../../util/errors";
import { AccessRefused, type Answer, type DcosSession, excerpt } from "./session";

const versionReply = z.looseObject({ version: z.string() });

const unitsReply = z.looseObject({
  units: z
    .array(z.looseObject({ id: z.string(), health: z.number() }))
    .nullish()
    .transform((units) => units ?? []),
});

/** A systemd unit of DC/OS's own, on whatever nodes have it. */
export interface SystemUnit {
  /** `dcos-calico-felix.service`. */
  readonly id: string;
  /** 0 where it is well on all of them. */
  readonly health: number;
}

const advice = "url has to be the cluster's own, for instance https://dcos.example.com";

/** The version of DC/OS, as Admin Router serves it to everybody: `2.2.1`. */
export async function versionOf(session: DcosSession): Promise<string> {
  const answer = await session.send({ method: "GET", path: "/dcos-metadata/dcos-version.json" });
  refuse(answer);
  return session.read(answer, versionReply, "DC/OS's Admin Router", advice).version;
}

/** The units that DC/OS's diagnostics looks at (DC/OS: "Monitoring", `/system/health/v1/units`). */
export async function unitsOf(session: DcosSession): Promise<readonly SystemUnit[]> {
  const answer = await session.send({ method: "GET", path: "/system/health/v1/units" });
  refuse(answer);
  return session.read(answer, unitsReply, "DC/OS's diagnostics", advice).units;
}

/** Whether Admin Router turns away who shows no token. */
export async function asksForToken(session: DcosSession): Promise<boolean> {
  try {
    await session.anonymous().send({ method: "GET", path: "/mesos/version" });
    return false;
  } catch (thrown) {
    if (thrown instanceof AccessRefused) return true;
    throw thrown;
  }
}

function refuse({ status, what, text }: Answer): void {
  if (status < 300) return;
  throw new SeamlessError(`${what}: HTTP ${status}: ${excerpt(text)}; ${advice}`);
}
