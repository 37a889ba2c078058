import { type CoeDraft, type Fields, isFields } from "./draft";
import type { KindFacts } from "./kinds";
import type { Path, Problem } from "./problems";

/** What is said of packages and apps of DC/OS: who has any, and whether there is room for them. */
export function packages(path: Path, coe: CoeDraft, kind: KindFacts, problems: Problem[]): void {
  const here = [...path, "packages"];
  for (const name of Object.keys(coe.packages)) {
    if (kind.packages.length === 0)
      problems.push({
        path: [...here, name],
        message: `a ${coe.kind} engine has no packages: leave it out`,
      });
  }
  const { etcd } = coe.packages;
  if (etcd !== undefined && kind.packages.includes("etcd"))
    members([...here, "etcd", "size"], etcd, coe, kind, problems);
  const service = coe.packages["marathon-user"]?.options;
  named([...here, "marathon-user", "options"], service, problems);
  balancers(path, coe, kind, problems);
}

/** A majority has to be there to go on (Raft), and members have ports of their own: one for each private agent. */
function members(
  path: Path,
  { size }: Fields,
  coe: CoeDraft,
  { defaultRole }: KindFacts,
  problems: Problem[],
): void {
  const agents = Object.values(coe.nodes).filter(
    (node) => (node.role ?? defaultRole) === "private",
  );
  const wanted = typeof size === "number" ? size : 3;
  if (wanted < 3 || wanted % 2 === 0)
    problems.push({ path, message: `found ${wanted}; allowed: an odd number from 3` });
  else if (wanted > agents.length)
    problems.push({
      path,
      message: `found ${size === undefined ? `none, which means ${wanted}` : wanted} with ${agents.length} private agents; each member needs one of its own: plan ${wanted} or more`,
    });
}

/** Apps, names and the load balancer find the second Marathon by its name. */
function named(path: Path, options: unknown, problems: Problem[]): void {
  const service = isFields(options) ? options.service : undefined;
  const name = isFields(service) ? service.name : undefined;
  if (name === undefined || name === "marathon-user") return;
  problems.push({
    path: [...path, "service", "name"],
    message: `found ${JSON.stringify(name)}; allowed: marathon-user, by which it is found`,
  });
}

/** A range of load balancers needs some that have addresses of it. */
function balancers(
  path: Path,
  coe: CoeDraft,
  { balancers, defaultRole }: KindFacts,
  problems: Problem[],
): void {
  if (balancers === undefined || coe.loadBalancerCidr === undefined) return;
  const here = [...path, "loadBalancerCidr"];
  if (coe.packages[balancers.package] === undefined)
    problems.push({
      path: here,
      message: `found ${coe.loadBalancerCidr} without a load balancer; needed: packages.${balancers.package}`,
    });
  const roles = Object.values(coe.nodes).map(({ role }) => role ?? defaultRole);
  if (!roles.includes(balancers.role))
    problems.push({
      path: here,
      message: `found ${coe.loadBalancerCidr} and no node with role ${balancers.role}, which is where ${balancers.package} runs; needed: such a node`,
    });
}
