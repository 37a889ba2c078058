import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { dialectNames } from "../../../components/reflector/external/model";
import { renderExternal } from "../../../components/reflector/external/render";
import { endsAt } from "../../../plan/sessions";
import type { Plan } from "../../../plan/types";
import { eos } from "../../helpers/dialects/arista";
import { iosXe, nxOs } from "../../helpers/dialects/cisco";
import { junos } from "../../helpers/dialects/juniper";
import { type Parsed, parseWith } from "../../helpers/dialects/parse";
import type { Command, Grammar } from "../../helpers/dialects/types";

const grammars: Readonly<Record<string, Grammar>> = { eos, "ios-xe": iosXe, junos, "nx-os": nxOs };

interface Setup {
  readonly dialect: string;
  /** Whether some nodes are in another AS. Default: they are not. */
  readonly outside?: true;
  readonly password?: true;
  /** AS of a second router, which is ours. Default: there is none. */
  readonly second?: number;
}

function planOf({ dialect, outside, password, second }: Setup): Plan {
  const kubernetes = {
    kind: "kubernetes",
    podCidr: "192.168.0.0/17",
    serviceCidr: "10.96.0.0/16",
    announceServices: true,
    policy: "open",
    access: { kubeconfig: "~/.kube/config" },
    nodes: {
      one: { address: "172.16.18.34" },
      two: { address: "172.16.18.35", ...(outside ? { asn: 64_600 } : {}) },
    },
  };
  return makePlan(
    parseConfig(
      {
        network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
        reflectors: {
          tor: { kind: "external", dialect, address: "172.16.18.32", clusterId: "0.0.0.9" },
          ...(second === undefined
            ? {}
            : { rr: { kind: "frr", address: "172.16.18.31", asn: second } }),
        },
        coes: { kubernetes },
      },
      password ? { secrets: { bgpPasswords: { kubernetes: "secret" } } } : {},
    ),
  );
}

function rendered(setup: Setup): { readonly plan: Plan; readonly text: string } {
  const plan = planOf(setup);
  const { tor } = plan.reflectors;
  if (tor === undefined) throw new Error("no router in the plan");
  return { plan, text: renderExternal(plan, tor) };
}

interface Facts {
  readonly asn: string;
  readonly clusterId: string;
  readonly neighbors: Readonly<Record<string, Neighbour>>;
}

interface Neighbour {
  readonly asn: string;
  readonly client: boolean;
  readonly password: boolean;
  readonly accepts: readonly string[];
}

/** What a text says, by the grammar of its maker. */
function factsOf(dialect: string, lines: readonly Parsed[]): Facts {
  return dialect === "junos" ? junosFacts(lines) : ciscoFacts(lines);
}

/** Commands of neighbours are one line each, or below the neighbour's own. */
function ciscoFacts(lines: readonly Parsed[]): Facts {
  const one = (command: string) => lines.find((line) => line.command.endsWith(command))?.args[0];
  const about = (address: string) =>
    lines.flatMap(({ command, args, above }) => {
      const own = above.find((line) => line.command === "neighbor <address>")?.args[0];
      if (own === address) return [{ command, args }];
      return command.startsWith("neighbor <address> ") && args[0] === address
        ? [{ command: command.slice("neighbor <address> ".length), args: args.slice(1) }]
        : [];
    });
  const addresses = lines.flatMap(({ command, args }) =>
    command.startsWith("neighbor <address>") ? (args[0] ?? []) : [],
  );
  const neighbors = [...new Set(addresses)].map((address): [string, Neighbour] => {
    const own = about(address);
    const has = (command: string) => own.find((line) => line.command.startsWith(command));
    const map = own.find((line) => line.command.startsWith("route-map"))?.args[0] ?? "";
    return [
      address,
      {
        asn: has("remote-as")?.args[0] ?? "",
        client: has("route-reflector-client") !== undefined,
        password: has("password") !== undefined,
        accepts: listed(lines, map).sort(),
      },
    ];
  });
  return {
    asn: one("router bgp <asn>") ?? "",
    clusterId: one("cluster-id <ipv4>") ?? "",
    neighbors: Object.fromEntries(neighbors),
  };
}

/** The prefixes that a route map permits. */
function listed(lines: readonly Parsed[], map: string): string[] {
  const lists = lines.flatMap(({ command, args, above }) =>
    command === "match ip address prefix-list <name>" && above[0]?.args[0] === map ? args : [],
  );
  return lines.flatMap(({ command, args: [name = "", , prefix = "", ge = "", le = ""] }) => {
    if (!command.startsWith("ip prefix-list") || !lists.includes(name)) return [];
    const length = prefix.split("/")[1] ?? "";
    const least = ge || length;
    return [`${prefix} ${least}..${le || (ge === "" ? length : "32")}`];
  });
}

function junosFacts(lines: readonly Parsed[]): Facts {
  const argsOf = (end: string) => lines.filter(({ command }) => command.endsWith(end));
  const asn = argsOf("autonomous-system <asn>")[0]?.args[0] ?? "";
  const internal = argsOf("type (internal|external)").length > 0;
  const sessions = lines.filter(({ command }) => command.includes("> neighbor <address> "));
  const addresses = [...new Set(sessions.map(({ args }) => args[1] ?? ""))];
  const neighbors = addresses.map((address): [string, Neighbour] => {
    const own = sessions.filter(({ args }) => args[1] === address);
    const value = (end: string) => own.find(({ command }) => command.endsWith(end))?.args[2];
    const group = own[0]?.args[0];
    const clusters = argsOf("cluster <ipv4>").filter(({ args }) => args[0] === group);
    const filters = lines.filter(
      ({ command, args }) => command.includes("route-filter") && args[0] === value("import <name>"),
    );
    return [
      address,
      {
        asn: value("peer-as <asn>") ?? asn,
        client: clusters.length > 0 && internal,
        password: value("authentication-key <quoted>") !== undefined,
        accepts: filters
          .map(({ args: [, , prefix = "", lengths] }) => {
            const length = prefix.split("/")[1];
            const [, least, most] = /^\/(\d+)-\/(\d+)$/.exec(lengths ?? "") ?? [];
            return `${prefix} ${least ?? length}..${most ?? length}`;
          })
          .sort(),
      },
    ];
  });
  return {
    asn,
    clusterId: argsOf("cluster <ipv4>")[0]?.args[1] ?? "",
    neighbors: Object.fromEntries(neighbors),
  };
}

/** The same by the plan. */
function planned(plan: Plan): Facts {
  const { tor } = plan.reflectors;
  return {
    asn: String(tor?.asn),
    clusterId: tor?.clusterId ?? "",
    neighbors: Object.fromEntries(
      endsAt(plan.sessions, "tor").map(({ session, own, far }) => [
        far.address,
        {
          asn: String(far.asn),
          client: own.role === "reflector",
          password: session.password !== undefined,
          accepts: (plan.fences[far.id]?.prefixes ?? [])
            .map(({ cidr, minLength, maxLength }) => `${cidr} ${minLength}..${maxLength}`)
            .sort(),
        },
      ]),
    ),
  };
}

const setups: readonly Omit<Setup, "dialect">[] = [
  {},
  { outside: true },
  { password: true },
  { second: 64_512 },
];
const cases = Object.keys(grammars).flatMap((dialect) =>
  setups.map((setup): [string, string, Setup] => [
    dialect,
    Object.keys(setup).join() || "one AS",
    { dialect, ...setup },
  ]),
);

test.each(cases)(
  "%s, %s: each line is a command of its maker, and they say what the plan says",
  (dialect, _, setup) => {
    const grammar = grammars[dialect];
    if (grammar === undefined) throw new Error(dialect);
    const { plan, text } = rendered(setup);
    const parsed = parseWith(grammar, text);
    expect(parsed.length).toBeGreaterThan(15);
    expect(factsOf(dialect, parsed)).toEqual(planned(plan));
  },
);

/** Commands that no setup of this file needs. */
const unused = ["ipv6", "maximum", "prefix-limit"];

test.each(Object.entries(grammars))(
  "%s: each command of the grammar is rendered by some plan",
  (dialect, grammar) => {
    const used = new Set(
      setups.flatMap((setup) =>
        parseWith(grammar, rendered({ dialect, ...setup }).text).map(({ command }) => command),
      ),
    );
    const all = (commands: readonly Command[]): string[] =>
      commands.flatMap(({ command, below = [] }) => [command, ...all(below)]);
    expect(
      all(grammar.commands).filter(
        (command) => !used.has(command) && !unused.some((word) => command.includes(word)),
      ),
    ).toEqual([]);
  },
);

test.each([
  [
    "ios-xe",
    " neighbor 172.16.18.34 remote-as",
    " neighbor 172.16.18.34 remote",
    "no such command",
  ],
  [
    "ios-xe",
    "  neighbor 172.16.18.34 activate",
    "neighbor 172.16.18.34 activate",
    "no such command",
  ],
  ["ios-xe", " ge 26 le 26", " ge 26 le 266", "no such command"],
  ["nx-os", "    remote-as 64511", "  remote-as 64511", "no such command"],
  ["nx-os", "      route-reflector-client", "     route-reflector-client", "5 blanks"],
  ["eos", "seq 10 permit", "permit", "no such command"],
  ["junos", "prefix-length-range /26-/26", "prefix-length-range /26", "no such command"],
  ["junos", "hold-time 90", "holdtime 90", "no such command"],
])("the grammar of %s refuses what is wrong: %s", (dialect, right, wrong, why) => {
  const grammar = grammars[dialect];
  const { text } = rendered({ dialect });
  expect(text).toContain(right);
  if (grammar === undefined) throw new Error(dialect);
  expect(() => parseWith(grammar, text.replace(right, wrong))).toThrow(why);
});

test("passwords are in no file, their names are", () => {
  for (const dialect of dialectNames) {
    const { text } = rendered({ dialect, password: true });
    expect(text).toContain("seamless:bgpPasswords.kubernetes");
    expect(text).not.toContain("secret");
  }
});

test("IOS XE cannot replace a neighbour's AS: two nodes of another AS are refused, and one is not", () => {
  const nodes = (asn: number) => ({
    one: { address: "172.16.18.34", asn },
    two: { address: "172.16.18.35", asn: 64_600 },
  });
  const config = (asn: number) => {
    const plan = {
      network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: { tor: { kind: "external", dialect: "ios-xe", address: "172.16.18.32" } },
      coes: {
        kubernetes: {
          kind: "kubernetes",
          podCidr: "192.168.0.0/17",
          policy: "open",
          access: { kubeconfig: "~/.kube/config" },
          nodes: nodes(asn),
        },
      },
    };
    return makePlan(parseConfig(plan));
  };
  expect(() => config(64_601)).not.toThrow();
  expect(() => config(64_600)).toThrow(/kubernetes\/one.*64600/s);
});
