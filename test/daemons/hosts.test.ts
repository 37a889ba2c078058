import { remoteHost } from "../../components/ask/host";
import { type ProbeInput, startProbes } from "../../components/hosts/probe";
import { hostsProbe } from "../../components/hosts/verify";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { applyToHost, removeFromHost } from "../../components/linux/apply";
import { hostFindings } from "../../components/linux/findings";
import type { HostInput } from "../../components/linux/input";
import { lookAtHost } from "../../components/linux/look";
import { hostInputOf } from "../../components/linux/planned";
import { gobgp } from "../../components/reflector/gobgp";
import { routerAsk } from "../../components/reflector/kinds";
import { bird } from "../../components/speakers/bird";
import { renderBirdNode } from "../../components/speakers/bird/conf";
import type { Plan } from "../../plan";
import type { ReflectorShell, SshShell } from "../../plan/access";
import { messageOf } from "../../util/errors";
import { verify } from "../../verify/run";
import { judgeBird } from "../helpers/bird";
import { busyboxTag, PlainHosts } from "../helpers/plain-hosts";
import { untilWithin } from "../helpers/until";

/** Two COEs with one host each: by COE, the host's name, its address and its range. */
const members = {
  east: { host: "one", address: "172.16.18.51", range: "10.65.1.0/24" },
  west: { host: "two", address: "172.16.18.52", range: "10.66.2.0/24" },
} as const;
type Coe = keyof typeof members;
const coes: readonly Coe[] = ["east", "west"];
const podCidrs = { east: "10.65.0.0/16", west: "10.66.0.0/16" } as const;

const planOf = (east: object = {}): Plan =>
  makePlan(
    parseConfig({
      network: { supernet: "10.64.0.0/10", nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
      coes: Object.fromEntries(
        coes.map((coe) => {
          const { host, address, range } = members[coe];
          const own = {
            kind: "hosts",
            policy: "open",
            podCidr: podCidrs[coe],
            access: { ssh: {} },
          };
          const nodes = { [host]: { address, podCidr: range } };
          return [coe, { ...own, nodes, ...(coe === "east" ? east : {}) }];
        }),
      ),
    }),
  );

const plan = planOf();
const hosts = new PlainHosts(plan);
const said: string[] = [];
const options = { passwords: {}, say: (line: string) => void said.push(line) };
let shells: Readonly<Record<Coe, SshShell>>;

const inputOf = (coe: Coe, of = plan): HostInput => {
  const own = of.coes[coe];
  const node = own?.nodes[members[coe].host];
  if (own === undefined || node === undefined) throw new Error("not in the plan");
  return hostInputOf(of, own, node, shells[coe], "docker");
};
const hostOf = (coe: Coe) => remoteHost(`${coe}/${members[coe].host}`, shells[coe]);
const apply = (coe: Coe, input = inputOf(coe)) => applyToHost(hostOf(coe), input, options);
const refusal = (act: Promise<unknown>) => act.then(() => "done", messageOf);
const on = (coe: Coe, ...argv: string[]) => hosts.on(members[coe].host, ...argv);
const probeOf = (coe: Coe) => {
  const own = plan.coes[coe];
  if (own === undefined) throw new Error("not in the plan");
  return hostsProbe(own, { nodes: { [members[coe].host]: shells[coe] } }, "");
};

/** Routes of BIRD in the kernel of a host. */
const routes = async (coe: Coe) =>
  (await on(coe, "ip", "-o", "route", "show", "proto", "bird"))
    .split("\n")
    .map((line) => line.replace(/ metric .*/, "").trim())
    .sort();
const bothRoutes = async () => ({ east: await routes("east"), west: await routes("west") });
const joined = {
  east: ["10.66.2.0/24 via 172.16.18.52 dev eth0", "blackhole 10.65.1.0/24"],
  west: ["10.65.1.0/24 via 172.16.18.51 dev eth0", "blackhole 10.66.2.0/24"],
};

const until = untilWithin(100_000);

/** What the server of one COE says to the container of the other one: the client's address as it has come. */
async function clientSeen(from: Coe, to: Coe): Promise<string> {
  const [client, server] = [
    await (await probeOf(from)).workloads(),
    await (await probeOf(to)).workloads(),
  ];
  const [mine, theirs] = [client, server].map((found) => (found.ok ? found.value[0] : undefined));
  if (mine === undefined || theirs === undefined) return "no container";
  const got = await (await probeOf(from)).fetch(mine, `http://${theirs.address}:8080/`);
  if (!got.ok) return got.silent === true ? "dropped" : got.error;
  const { client: address }: { client: string } = JSON.parse(got.value);
  return address === mine.address ? "its own address" : address;
}
const bothWays = async () => [await clientSeen("east", "west"), await clientSeen("west", "east")];

beforeAll(async () => {
  await hosts.up();
  shells = {
    east: await hosts.shell("one", members.east.address),
    west: await hosts.shell("two", members.west.address),
  };
}, 600_000);

afterAll(() => hosts.down(), 60_000);

beforeEach(() => said.splice(0));

test("BIRD takes a file with both families, a password and TTL security", async () => {
  const accepts = [{ prefix: "10.64.0.0/10", min: 16, max: 32 }];
  const session = { far: "rr", asn: 64511, localAsn: 64511, password: "hidden" };
  const four = { ...session, address: "172.16.18.32", local: "172.16.18.51", accepts };
  const six = { ...session, address: "fd00::1", local: "fd00::51", port: 1790, accepts: [] };
  const text = renderBirdNode({
    routerId: "172.16.18.51",
    ranges: ["10.65.1.0/24", "fd00:65:1::/80"],
    sessions: [{ ...four, ttlSecurity: true }, six],
  });
  expect(await judgeBird(text)).toBeUndefined();
});

test("a host with another key than known_hosts says is not spoken to", async () => {
  const { address } = members.east;
  // The host key of nobody.
  const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcVqjk4qcB7cV0m8V0yPdbmAMZW5rGZ2wrGeL8qDk1u";
  const asked = (knownHosts: readonly string[]) =>
    refusal(lookAtHost(remoteHost("east/one", { ...shells.east, knownHosts })));
  expect(await asked([`${address} ${other}`])).toBe(
    `east/one: ${address} has another host key than known_hosts says: somebody else may answer there; look at the key on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and write it into ssh.knownHosts when it is right`,
  );
  expect(await asked([])).toBe(
    `east/one: the host key of ${address} is not known; write it into ssh.knownHosts (ssh-keyscan prints it; compare it with ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the host)`,
  );
});

test("a host where somebody else listens at port 179 stays as it is", async () => {
  await on("east", "/usr/sbin/sshd", "-p", "179", "-o", "PidFile=/run/taker");
  expect(await refusal(apply("east"))).toBe(`east/one cannot be joined as it is; nothing was changed
blocks  bgp/port: sshd listens at TCP port 179
        effect  BIRD could not listen there, and two speakers would write routes into one kernel
        to do   stop it on this host, or leave the host out of the plan`);
  expect(await on("east", "sh", "-c", "command -v bird; ls /etc/seamless")).toContain(
    "No such file",
  );
  await on("east", "sh", "-c", 'kill "$(cat /run/taker)"');
});

test("hosts join: packages, network, rules, BIRD; and each learns the other's range", async () => {
  expect(await Promise.all(coes.map((coe) => apply(coe)))).toEqual([
    "east/one: 10.65.1.0/24 by BIRD 2.0.12",
    "west/two: 10.66.2.0/24 by BIRD 2.0.12",
  ]);
  expect([...said].sort()).toEqual([
    "east/one: installed bird2, nftables",
    "west/two: installed bird2, nftables",
  ]);
  await until("the routes of both", bothRoutes, joined);
  // A second time there is nothing to do.
  said.splice(0);
  expect(await apply("east")).toBe("east/one: 10.65.1.0/24 by BIRD 2.0.12");
  expect(said).toEqual([]);
  expect(await bothRoutes()).toEqual(joined);
}, 240_000);

test("containers reach each other by their own addresses, and so do answers", async () => {
  for (const coe of coes) {
    await hosts.give(members[coe].host);
    const input: ProbeInput = {
      hosts: [{ name: `${coe}/${members[coe].host}`, shell: shells[coe] }],
      image: busyboxTag,
    };
    await startProbes(input);
  }
  await until("answers both ways", bothWays, ["its own address", "its own address"]);
}, 90_000);

test("hosts tell their ranges, containers, and sessions by themselves", async () => {
  const probe = await probeOf("east");
  expect(await probe.blocks()).toMatchObject({
    ok: true,
    value: [
      {
        cidr: "10.65.1.0/24",
        owners: ["east/one"],
        addresses: [{ address: "10.65.1.2", holder: "one/seamless-probe", node: "east/one" }],
      },
    ],
  });
  expect(await probe.containers()).toMatchObject({
    value: [{ name: "one/seamless-probe", node: "east/one", address: "10.65.1.2" }],
  });
  expect(await probe.nodes()).toMatchObject({ value: [{ name: "one", address: "172.16.18.51" }] });
  const state = await bird.read((argv) => probe.besideSpeaker("one", argv));
  expect(state).toMatchObject({
    ok: true,
    value: {
      routerId: "172.16.18.51",
      sessions: [
        {
          ...{ name: "node_172_16_18_32", address: "172.16.18.32", asn: 64511 },
          state: "Established",
          imported: [{ prefix: "10.66.2.0/24", via: "172.16.18.52" }],
          exported: ["10.65.1.0/24"],
        },
      ],
    },
  });
  expect(await probe.objects(plan)).toMatchObject({ ok: true, value: [] });
});

test("verify finds what the model and the hosts say", async () => {
  const rr: ReflectorShell = {
    via: "docker",
    ...{ dockerHost: hosts.docker.host, container: "rr", api: gobgp.container.api },
  };
  const access = {
    reflectors: { rr },
    coes: {
      east: { nodes: { one: shells.east } },
      west: { nodes: { two: shells.west } },
    },
  };
  const outputs = { plan, access, probes: [...coes], printed: {} };
  const { results } = await verify(outputs, {
    ...{ kinds: coeRuntimes, routerOf: routerAsk, speakers: speakerOf, only: [], waitMs: 20_000 },
  });
  const bad = results.filter(({ status }) => status === "fail" || status === "unknown");
  expect(bad.map((one) => `${one.id}: ${one.status}: ${JSON.stringify(one)}`)).toEqual([]);
  expect(results.filter(({ status }) => status === "pass").length).toBeGreaterThan(20);
}, 120_000);

test("Docker restarts, and containers are reached as before", async () => {
  await on("east", "systemctl", "restart", "docker");
  await until("answers both ways", bothWays, ["its own address", "its own address"]);
  expect(await on("east", "iptables", "-S", "DOCKER-USER")).toContain(
    '-A DOCKER-USER -d 10.65.1.0/24 -m comment --comment "seamless: containers of the plan" -j ACCEPT',
  );
}, 90_000);

test("BIRD is killed: packets go on, and its session comes back", async () => {
  await until("the routes of both", bothRoutes, joined);
  const look = "ip route show 10.66.2.0/24 proto bird | grep -q via || echo gone";
  const watched = on("east", "sh", "-c", `for i in $(seq 60); do ${look}; sleep 0.1; done`);
  await on("east", "systemctl", "kill", "--signal", "KILL", "bird");
  await until(
    "the session to be back",
    async () =>
      (await on("east", "birdcl", "show", "protocols", "node_172_16_18_32")).includes(
        "Established",
      ),
    true,
  );
  await until("the routes of both", bothRoutes, joined);
  expect(await watched).toBe("");
});

test("a host reboots, and is as before", async () => {
  await hosts.docker.docker("restart", "one");
  await until("the routes of both", bothRoutes, joined);
  await until("answers both ways", bothWays, ["its own address", "its own address"]);
  const faults = async () => {
    const found = await (await probeOf("east")).objects(plan);
    return found.ok ? found.value : found.error;
  };
  await until("the host to have what the plan says", faults, []);
}, 120_000);

test("a file that BIRD refuses changes nothing", async () => {
  const before = await on("east", "cat", "/etc/bird/bird.conf");
  const input = inputOf("east");
  const spoiled = {
    ...input,
    bird: (input.bird ?? "").replace("hold time 90;", "hold time soon;"),
  };
  expect(await refusal(apply("east", spoiled))).toMatch(
    /^east\/one keeps its configuration: \/etc\/bird\/bird.conf.seamless-next:\d+:\d+ syntax error/,
  );
  expect(await on("east", "cat", "/etc/bird/bird.conf")).toBe(before);
  expect(await on("east", "sh", "-c", "ls /etc/bird")).not.toContain("seamless-next");
  expect(await routes("east")).toEqual(joined.east);
});

test("a file that BIRD does not come to is put back", async () => {
  const input = inputOf("east");
  // Another name of its filter than the constants are about.
  const other = {
    ...input,
    bird: (input.bird ?? "").replace("import filter from_172_16_18_32;", "import all;"),
  };
  expect(
    await refusal(applyToHost(hostOf("east"), other, { ...options, settleMs: 1_000 })),
  ).toMatch(
    /^east\/one is back at its configuration of before: gave up after 1 s waiting for BIRD of east\/one to have what its file says: .*accepted but not planned/,
  );
  expect(said).toEqual(["east/one: going back to the configuration of before"]);
  const probe = await probeOf("east");
  expect(await probe.objects(plan)).toMatchObject({ ok: true, value: [] });
});

test("policies let in whom they name, and nobody else", async () => {
  await apply("east", inputOf("east", planOf({ policy: "closed", natOutgoing: true })));
  expect(await on("east", "nft", "list", "table", "inet", "seamless")).toContain("masquerade");
  expect(await bothWays()).toEqual(["its own address", "dropped"]);
  await apply("east", inputOf("east", planOf({ policy: "cross-coe", allowFrom: ["west"] })));
  expect(await bothWays()).toEqual(["its own address", "its own address"]);
  await apply("east", inputOf("east", planOf({ policy: "closed" })));
  // Whoever loads all rules anew, such as a firewall's own service.
  await on("east", "nft", "flush", "ruleset");
  const closed = planOf({ policy: "closed" });
  const faults = await (await probeOf("east")).objects(closed);
  expect(
    faults.ok ? faults.value.map(({ object, found }) => `${object}: ${found}`) : faults,
  ).toEqual([
    "table inet seamless on east/one: none",
    // Docker's own chains are gone, too.
    "chain FORWARD on east/one: no such rule",
  ]);
  await on("east", "systemctl", "restart", "docker");
  await until("the policy to hold again", bothWays, ["its own address", "dropped"]);
  await apply("east");
}, 240_000);

test("what is on a host is found before it joins", async () => {
  await on("east", "docker", "network", "create", "--subnet", "10.66.9.0/24", "theirs");
  await on("east", "ip", "route", "add", "10.66.3.0/24", "dev", "eth0");
  const findings = hostFindings(inputOf("east"), await lookAtHost(hostOf("east")));
  expect(findings.map(({ level, id, found }) => `${level} ${id}: ${found}`)).toEqual([
    "blocks range/theirs: Docker's network theirs has 10.66.9.0/24, which overlaps 10.66.0.0/16 of the plan",
    "blocks range/eth0: a route to 10.66.3.0/24 by eth0, in 10.66.0.0/16 of the plan",
  ]);
  await on("east", "docker", "network", "rm", "theirs");
  await on("east", "ip", "route", "del", "10.66.3.0/24");
});

test("a host that leaves is as it was", async () => {
  await on("east", "docker", "rm", "--force", "seamless-probe");
  await removeFromHost(hostOf("east"), inputOf("east"), options.say);
  expect(said).toEqual([]);
  const left = await (await probeOf("east")).left(plan, {});
  expect(left).toMatchObject({ ok: true, value: { faults: [], compared: [] } });
  expect(await on("east", "ip", "route", "show", "proto", "bird")).toBe("");
  expect(await on("east", "docker", "network", "ls", "--format", "{{.Name}}")).toBe(
    "bridge\nhost\nnone",
  );
  expect(
    await on("east", "sh", "-c", "command -v bird nft; ls /etc/bird /etc/seamless"),
  ).not.toContain("/usr/sbin/bird");
  await until("the other's routes", () => routes("west"), ["blackhole 10.66.2.0/24"]);
}, 120_000);
