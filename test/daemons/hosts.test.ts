import { makePlan, parseConfig } from "../../components/kinds/planning";
import { applyToHost, removeFromHost } from "../../components/linux/apply";
import { hostFindings } from "../../components/linux/findings";
import { lookAtHost } from "../../components/linux/look";
import { gobgp } from "../../components/reflector/gobgp";
import { bird } from "../../components/speakers/bird";
import { renderBirdNode } from "../../components/speakers/bird/conf";
import type { Plan } from "../../plan";
import { judgeBird } from "../helpers/bird";
import { type Coe, coes, HostPair, refusal } from "../helpers/host-pair";
import { untilWithin } from "../helpers/until";

/** Two COEs with one host each: by COE, the host's name, its address and its range. */
const members = {
  east: { host: "one", address: "172.16.18.51", range: "10.65.1.0/24" },
  west: { host: "two", address: "172.16.18.52", range: "10.66.2.0/24" },
} as const;
const podCidrs = { east: "10.65.0.0/16", west: "10.66.0.0/16" } as const;

const passwords = { east: "of-the-east", west: "of-the-west" };

const planOf = (east: object = {}): Plan =>
  makePlan(
    parseConfig(
      {
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
      },
      { secrets: { bgpPasswords: passwords } },
    ),
  );

const plan = planOf();
const pair = new HostPair(members, plan, passwords);
const { hosts, said, options } = pair;
const hostOf = (coe: Coe) => pair.hostOf(coe);
const inputOf = (coe: Coe, of = plan) => pair.inputOf(coe, of);
const apply = (coe: Coe, input = inputOf(coe)) => pair.apply(coe, input);
const on = (coe: Coe, ...argv: string[]) => pair.on(coe, ...argv);
const probeOf = (coe: Coe) => pair.probeOf(coe);

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

const bothWays = async () => [
  await pair.clientSeen("east", "west"),
  await pair.clientSeen("west", "east"),
];

beforeAll(() => pair.up(), 600_000);

afterAll(() => pair.down(), 60_000);

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
  await pair.startProbes();
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
  const results = await pair.verified(gobgp.container.api);
  const bad = results.filter(({ status }) => status === "fail" || status === "unknown");
  expect(bad.map((one) => `${one.id}: ${one.status}: ${JSON.stringify(one)}`)).toEqual([]);
  expect(results.filter(({ status }) => status === "pass").length).toBeGreaterThan(20);
}, 120_000);

test("a host with another password has no session, and with its own one has it again", async () => {
  const state = async () =>
    /^ +BGP state: +(\S+)/m.exec(await on("east", "birdcl", "show", "protocols", "all"))?.[1];
  expect(await state()).toBe("Established");
  const others = { ...options, passwords: { ...passwords, east: "of-nobody" } };
  await applyToHost(hostOf("east"), inputOf("east"), others);
  await until("west to have no route to east", () => routes("west"), [joined.west[1]]);
  expect(await state()).not.toBe("Established");
  // The kernel has thrown away what was signed with another one (RFC 2385).
  const dropped = async () =>
    /^TcpExtTCPMD5Failure +[1-9]/m.test(await on("east", "nstat", "-asz"));
  await until("a packet to be dropped for its signature", dropped, true);
  await apply("east");
  await until("routes on both hosts", bothRoutes, joined);
}, 240_000);

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
