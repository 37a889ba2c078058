import { z } from "zod";
import { range, selector, v3 } from "./common";
import { type Conflict, choice, fields, flag, optional, text, withRules } from "./fields";
import { network, overlaps } from "./values";

const modes = ["Always", "CrossSubnet", "Never"] as const;

const spec = fields({
  allowedUses: z.array(z.enum(["LoadBalancer", "Tunnel", "Workload"])).optional(),
  assignmentMode: z.enum(["Automatic", "Manual"]).optional(),
  blockSize: z.int().optional(),
  cidr: text(range),
  disableBGPExport: flag,
  disabled: flag,
  ipip: z
    .custom<undefined>((found) => found === undefined, {
      error: "allowed: nothing; v3 has ipipMode for it",
    })
    .optional(),
  ipipMode: choice(modes),
  "nat-outgoing": z.literal(false).optional(),
  natOutgoing: flag,
  namespaceSelector: optional(selector),
  nodeSelector: optional(selector),
  vxlanMode: choice(modes),
});

type PoolSpec = z.output<typeof spec>;

export const pool = v3(
  "IPPool",
  withRules(spec, function* (one) {
    yield* sizes(one);
    yield* encapsulation(one);
    yield* uses(one);
    yield* selectors(one);
  }),
);

const linkLocal = ["169.254.0.0/16", "fe80::/10"];

/** Blocks are of 1 to 4096 addresses, and fit the range if anything is to be taken from it ("Change IP pool block size"). */
function* sizes({ cidr, blockSize, disabled }: PoolSpec): Iterable<Conflict> {
  const found = network(cidr);
  if (found === undefined) return;
  for (const local of linkLocal) {
    const taken = network(local);
    if (taken !== undefined && overlaps(found, taken))
      yield {
        path: ["cidr"],
        found: cidr,
        message: `allowed: what does not overlap ${local}, the addresses of a link`,
      };
  }
  const [least, most, usual] = found.version === 4 ? [20, 32, 26] : [116, 128, 122];
  const size = blockSize === undefined || blockSize === 0 ? usual : blockSize;
  if (size < least || size > most)
    yield {
      path: ["blockSize"],
      found: blockSize,
      message: `allowed: ${least} to ${most} for IPv${found.version}`,
    };
  else if (disabled !== true && found.length > size)
    yield {
      path: ["cidr"],
      found: cidr,
      message: `allowed: a range that holds a block of /${size}; set blockSize to ${found.length} or more, or plan a larger range`,
    };
}

const on = (mode: string | undefined) => mode === "Always" || mode === "CrossSubnet";

function* encapsulation({ cidr, ipipMode, vxlanMode, allowedUses }: PoolSpec): Iterable<Conflict> {
  const ipip = { path: ["ipipMode"], found: ipipMode };
  if (on(ipipMode) && on(vxlanMode))
    yield { ...ipip, message: `allowed: Never beside vxlanMode ${vxlanMode}` };
  if (on(ipipMode) && network(cidr)?.version === 6)
    yield { ...ipip, message: "allowed: Never for IPv6; vxlanMode does both versions" };
  if (!allowedUses?.includes("LoadBalancer")) return;
  if (on(ipipMode)) yield { ...ipip, message: "allowed: Never for load balancers" };
  if (on(vxlanMode))
    yield { path: ["vxlanMode"], found: vxlanMode, message: "allowed: Never for load balancers" };
}

function* uses(one: PoolSpec): Iterable<Conflict> {
  const { allowedUses = [], disableBGPExport, nodeSelector } = one;
  if (!allowedUses.includes("LoadBalancer")) return;
  if (allowedUses.some((use) => use !== "LoadBalancer"))
    yield {
      path: ["allowedUses"],
      found: allowedUses,
      message: "allowed: LoadBalancer alone, or the others; use a pool for each",
    };
  if (disableBGPExport === true)
    yield { path: ["disableBGPExport"], found: true, message: "allowed: false for load balancers" };
  if (nodeSelector !== undefined && nodeSelector !== "" && nodeSelector !== "all()")
    yield {
      path: ["nodeSelector"],
      found: nodeSelector,
      message: "allowed: all() for load balancers",
    };
}

function* selectors(one: PoolSpec): Iterable<Conflict> {
  const { allowedUses = [], namespaceSelector = "", nodeSelector = "" } = one;
  // Without a word the uses are containers and tunnels.
  if (namespaceSelector !== "" && (allowedUses.length === 0 || allowedUses.includes("Tunnel")))
    yield {
      path: ["namespaceSelector"],
      found: namespaceSelector,
      message: "allowed: nothing where tunnels use the pool; set allowedUses: [Workload]",
    };
  for (const [field, found] of Object.entries({ namespaceSelector, nodeSelector }))
    if (found.includes("global("))
      yield { path: [field], found, message: "allowed: no global(); all() selects everything" };
}
