import { endsAt } from "../../plan/sessions";
import type { Plan } from "../../plan/types";
import { containerDaemon, type Reached } from "./container";
import { foundFile } from "./contract";
import { routerKind } from "./kinds";

/** By address of a neighbour, the digest of its password. */
export type Passwords = Readonly<Record<string, string>>;

/**
 * Names of passwords that a reflector has and one behind it has not yet: the update that was to change them has stopped between
 * the two.
 * @param passwords by name of a reflector
 */
export function halfChanged(
  plan: Plan,
  reflector: string,
  behind: readonly string[],
  passwords: Readonly<Record<string, Passwords>>,
): ReadonlySet<string> {
  const digests = (name: string) =>
    endsAt(plan.sessions, name).flatMap(({ session, far }) => {
      const digest = passwords[name]?.[far.address];
      const { password } = session;
      return password === undefined || digest === undefined ? [] : [{ password, digest }];
    });
  const others = behind.flatMap(digests);
  return new Set(
    digests(reflector)
      .filter(({ password, digest }) =>
        others.some((other) => other.password === password && other.digest !== digest),
      )
      .map(({ password }) => password),
  );
}

/** The passwords in the file of a reflector; none where it has no file. @throws Error when its Docker does not answer */
export async function passwordsAt(reached: Reached | undefined): Promise<Passwords> {
  if (reached === undefined || !("container" in reached)) return {};
  const { container, kind, ...access } = reached;
  const daemon = containerDaemon(routerKind(kind), access, container);
  const neighbors = foundFile(daemon.kind, await daemon.read())?.neighbors ?? {};
  return Object.fromEntries(
    Object.entries(neighbors).flatMap(([address, { password }]) =>
      password === undefined ? [] : [[address, password]],
    ),
  );
}
