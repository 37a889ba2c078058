import { z } from "zod";
import { labelConflicts, name, range, selector } from "./common";
import { type Conflict, either, fields, optional, text, texts, whole, withRules } from "./fields";
import { hasPorts, isPort, isProtocol, network, protocols } from "./values";

const ports = z
  .array(either(isPort, "1 to 65535, a range such as 8000:8080, or the name of a container's port"))
  .optional();
const protocol = either(isProtocol, `1 to 255, or ${protocols.join(", ")}`).optional();
const nets = z.array(text(range)).optional();

const icmp = withRules(
  fields({ code: whole(0, 255), type: whole(0, 254) }),
  function* ({ code, type }): Iterable<Conflict> {
    if (code !== undefined && type === undefined)
      yield { path: ["code"], found: code, message: "allowed: nothing without type" };
  },
).optional();

const side = fields({
  namespaceSelector: optional(selector),
  nets,
  notNets: nets,
  notPorts: ports,
  notSelector: optional(selector),
  ports,
  selector: optional(selector),
  serviceAccounts: fields({
    names: z.array(z.string()).optional(),
    selector: optional(selector),
  }).optional(),
  services: fields({ name: text(name), namespace: optional(name) }).optional(),
});

type Side = z.output<typeof side>;

const given = (value: unknown) =>
  value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);

function* sideConflicts(one: Side): Iterable<Conflict> {
  yield* noGlobal(one, ["selector"]);
  const { namespaceSelector = "", services } = one;
  if (
    /global\(/.test(namespaceSelector) &&
    !/^[ \t]*global\([ \t]*\)[ \t]*$/.test(namespaceSelector)
  )
    yield {
      path: ["namespaceSelector"],
      found: namespaceSelector,
      message: "allowed: global() alone, or none of it",
    };
  if (services === undefined) return;
  const others = [
    ...(["namespaceSelector", "nets", "notNets", "notSelector"] as const),
    ...(["selector", "serviceAccounts"] as const),
  ];
  for (const field of others)
    if (given(one[field]))
      yield {
        path: [field],
        found: one[field],
        message: "allowed: nothing beside services, which say all of it",
      };
}

/** `global()` selects endpoints without a namespace, and is for namespaceSelector of rules only. */
export function* noGlobal(
  holder: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Iterable<Conflict> {
  for (const field of names) {
    const found = holder[field];
    if (typeof found === "string" && found.includes("global()"))
      yield {
        path: [field],
        found,
        message:
          "allowed: no global(), which is for namespaceSelector of a rule's source or destination",
      };
  }
}

const oneSide = withRules(side, sideConflicts).optional();

const httpPath = withRules(
  fields({ exact: z.string().optional(), prefix: z.string().optional() }),
  function* ({ exact = "", prefix = "" }): Iterable<Conflict> {
    if ((exact === "") === (prefix === ""))
      yield { path: [], found: { exact, prefix }, message: "allowed: either exact or prefix" };
    else if (!/^\/[^?# ]*$/.test(exact + prefix))
      yield {
        path: [exact === "" ? "prefix" : "exact"],
        found: exact + prefix,
        message: "allowed: a path that starts with / and has no ?, # or space",
      };
  },
);

const http = withRules(
  fields({ methods: z.array(z.string()).optional(), paths: z.array(httpPath).optional() }),
  function* ({ methods = [] }): Iterable<Conflict> {
    if (new Set(methods).size < methods.length)
      yield { path: ["methods"], found: methods, message: "allowed: each method once" };
  },
).optional();

const annotated = withRules(fields({ annotations: texts }), ({ annotations }) =>
  labelConflicts(annotations, ["annotations"], true),
).optional();

const shape = fields({
  action: z.enum(["Allow", "Deny", "Log", "Pass"]),
  destination: oneSide,
  http,
  icmp,
  ipVersion: z
    .custom<4 | 6>((value) => value === 4 || value === 6, { error: "allowed: 4 or 6" })
    .optional(),
  metadata: annotated,
  notICMP: icmp,
  notProtocol: protocol,
  protocol,
  source: oneSide,
});

export type RuleShape = z.output<typeof shape>;

/** A rule of a policy or profile. */
export const rule = withRules(shape, function* (one) {
  yield* protocolConflicts(one);
  yield* versionConflicts(one);
  const { services, ...destination } = one.destination ?? {};
  if (services === undefined) return;
  for (const field of ["ports", "notPorts"] as const)
    if (given(destination[field]))
      yield {
        path: ["destination", field],
        found: destination[field],
        message: "allowed: nothing beside services, which say their ports",
      };
});

function* protocolConflicts(one: RuleShape): Iterable<Conflict> {
  const { protocol: found, http: request } = one;
  if (!hasPorts(found))
    for (const end of ["source", "destination"] as const)
      for (const field of ["ports", "notPorts"] as const)
        if (given(one[end]?.[field]))
          yield {
            path: [end, field],
            found: one[end]?.[field],
            message: "allowed: nothing without protocol TCP, UDP or SCTP",
          };
  if (one.icmp !== undefined && found !== "ICMP" && found !== "ICMPv6")
    yield {
      path: ["icmp"],
      found: one.icmp,
      message: "allowed: nothing without protocol ICMP or ICMPv6",
    };
  if (request === undefined) return;
  if (found !== undefined && found !== "TCP")
    yield { path: ["protocol"], found, message: "allowed: TCP or nothing beside http" };
  if (one.action !== "Allow")
    yield { path: ["action"], found: one.action, message: "allowed: Allow beside http" };
}

/** A rule is about one IP version, whoever says which. */
function* versionConflicts(one: RuleShape): Iterable<Conflict> {
  const icmpVersion = { ICMP: 4, ICMPv6: 6 } as const;
  for (const [name, version] of Object.entries(icmpVersion))
    if (
      [one.protocol, one.notProtocol].includes(name) &&
      one.ipVersion !== undefined &&
      one.ipVersion !== version
    )
      yield {
        path: ["ipVersion"],
        found: one.ipVersion,
        message: `allowed: ${version} with ${name}`,
      };
  let first: number | undefined = one.ipVersion;
  for (const end of ["source", "destination"] as const)
    for (const field of ["nets", "notNets"] as const)
      for (const [index, found] of (one[end]?.[field] ?? []).entries()) {
        const path = [end, field, index];
        const parsed = network(found);
        if (parsed === undefined) continue;
        first ??= parsed.version;
        if (parsed.version !== first)
          yield {
            path,
            found,
            message: `allowed: ranges of IPv${first}, as the rest of the rule; make a rule for each version`,
          };
        if (field === "notNets" && parsed.length === 0)
          yield { path, found, message: "allowed: what leaves something; this matches nothing" };
      }
}
