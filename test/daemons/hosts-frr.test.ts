import { makePlan, parseConfig } from "../../components/kinds/planning";
import { applyToHost, removeFromHost } from "../../components/linux/apply";
import type { HostInput } from "../../components/linux/input";
import { lookAtHost } from "../../components/linux/look";
import { bird } from "../../components/reflector/bird";
import { frr } from "../../components/speakers/frr";
import { renderFrrNode } from "../../components/speakers/frr/conf";
import type { Plan } from "../../plan";
import { judgeFrrNode } from "../helpers/frr";
import { type Coe, coes, HostPair, refusal } from "../helpers/host-pair";
import { untilWithin } from "../helpers/until";

/*
 * Plain hosts with FRR in place of BIRD: real sshd, apt, systemd, Docker, and Debian's FRR behind a reflector of BIRD, in both
 * families, with a password and TTL security.
 */

const members = {
  east: { host: "one", address: "172.16.18.51", address6: "fd00:18::51" },
  west: { host: "two", address: "172.16.18.52", address6: "fd00:18::52" },
} as const;
const spaces = {
  east: ["10.65.0.0/16", "fd00:65::/48"],
  west: ["10.66.0.0/16", "fd00:66::/48"],
} as const;
const ranges = {
  east: ["10.65.1.0/24", "fd00:65:0:1::/64"],
  west: ["10.66.2.0/24", "fd00:66:0:2::/64"],
} as const;

const password = "of-the-east";
const passwords = { east: password };

const planOf = (west: object = {}, more: object = {}, network: object = {}): Plan =>
  makePlan(
    parseConfig(
      {
        network: {
          nodes: ["172.16.18.0/24", "fd00:18::/64"],
          asn: 64511,
          ttlSecurity: true,
          ...network,
        },
        reflectors: { rr: { kind: "bird", address: "172.16.18.32", address6: "fd00:18::32" } },
        coes: {
          ...Object.fromEntries(
            coes.map((coe) => {
              const { host, address, address6 } = members[coe];
              const own = { kind: "hosts", speaker: "frr", policy: "open", access: { ssh: {} } };
              const nodes = { [host]: { address, address6, podCidr: ranges[coe] } };
              const changed = coe === "west" ? west : {};
              return [coe, { ...own, podCidr: spaces[coe], nodes, ...changed }];
            }),
          ),
          ...more,
        },
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
const sh = (coe: Coe, text: string) => on(coe, "sh", "-c", text);
const probeOf = (coe: Coe, of = plan) => pair.probeOf(coe, of);
/** The same with another frr.conf. */
const changed = (coe: Coe, change: (conf: string) => string): HostInput => {
  const input = inputOf(coe);
  if (input.frr === undefined) throw new Error("no FRR");
  return { ...input, frr: { ...input.frr, conf: change(input.frr.conf) } };
};
const faultsOf = async (coe: Coe, of = plan) => {
  const found = await (await probeOf(coe, of)).objects(of);
  return found.ok ? found.value.map(({ object, found }) => `${object}: ${found}`) : found.error;
};

/** Routes of FRR in the kernel of a host. */
const routes = async (coe: Coe) =>
  (await sh(coe, "ip -o route show proto bgp; ip -6 -o route show proto bgp"))
    .split("\n")
    .map((line) => line.replace(/^(\S+) (?:nhid \d+ )?(via \S+ dev eth0).*/, "$1 $2"))
    .sort();
const bothRoutes = async () => ({ east: await routes("east"), west: await routes("west") });
const joined = {
  east: ["10.66.2.0/24 via 172.16.18.52 dev eth0", "fd00:66:0:2::/64 via fd00:18::52 dev eth0"],
  west: ["10.65.1.0/24 via 172.16.18.51 dev eth0", "fd00:65:0:1::/64 via fd00:18::51 dev eth0"],
};

const until = untilWithin(60_000);

/** What the server of one COE says to the container of the other one, in each family. */
const clientsSeen = async (from: Coe, to: Coe) => [
  await pair.clientSeen(from, to, 4),
  await pair.clientSeen(from, to, 6),
];

/** By neighbour, seconds for which a host has its session. */
const uptimes = async (coe: Coe) => {
  const state = await frr.read((argv) =>
    probeOf(coe).then((one) => one.besideSpeaker(members[coe].host, argv)),
  );
  if (!state.ok) throw new Error(state.error);
  return state.value.sessions.map(({ address, uptimeSeconds = -1 }) => ({
    address,
    uptimeSeconds,
  }));
};

beforeAll(() => pair.up(), 600_000);

afterAll(() => pair.down(), 60_000);

beforeEach(() => said.splice(0));

test("FRR takes files with sessions of every sort, and refuses others", async () => {
  const own = { far: "rr", asn: 64511, localAsn: 64511, timers: { hold: 90, keepalive: 30 } };
  const at = (address: string, local: string, hops: string, length: number) => ({
    ...{ ...own, address, local },
    accepts: [{ prefix: hops, min: length, max: length }],
    nextHops: [{ prefix: hops, min: length - 8, max: length + 8 }],
  });
  const bfd = { interval: 300, multiplier: 3 };
  const four = at("172.16.18.32", "172.16.18.51", "10.64.0.0/16", 24);
  const six = at("fd00::1", "fd00::51", "fd00:64::/32", 64);
  const text = renderFrrNode({
    ...{ routerId: "172.16.18.51", asn: 64511, addresses: ["172.16.18.51", "fd00::51"] },
    ranges: ["10.65.1.0/24", "fd00:65:1::/80"],
    sessions: [
      {
        ...four,
        password: "hidden",
        ttlSecurity: true,
        port: 1790,
        bfd: { ...bfd, graceful: true },
      },
      { ...four, address: "172.16.18.33", asn: 64600, ttlSecurity: true },
      { ...six, asn: 64600, multihop: true },
      { ...six, address: "fd00::2", accepts: [], bfd: { ...bfd, graceful: false } },
    ],
  });
  expect(await judgeFrrNode(text)).toBeUndefined();
  expect(await judgeFrrNode(text.replace("timers 30 90", "tmers 30 90"))).toMatch(
    /^vtysh: line \d+: % Unknown command\[\d+\]: {2}neighbor 172.16.18.32 tmers 30 90$/,
  );
  expect(await judgeFrrNode(text.replace(" ge 24 le 24", " ge 24 le 20"))).toContain(
    "ip prefix-list from-172.16.18.32 seq 1 permit 10.64.0.0/16 ge 24 le 20",
  );
});

test("a host where somebody else listens at port 179 stays as it is", async () => {
  await on("east", "/usr/sbin/sshd", "-p", "179", "-o", "PidFile=/run/taker");
  expect(await refusal(apply("east"))).toBe(`east/one cannot be joined as it is; nothing was changed
blocks  bgp/port: sshd listens at TCP port 179
        effect  FRR could not listen there, and two speakers would write routes into one kernel
        to do   stop it on this host, or leave the host out of the plan`);
  expect(await sh("east", "command -v vtysh; ls /etc/frr /etc/seamless")).not.toContain("vtysh");
  await sh("east", 'kill "$(cat /run/taker)"');
});

test("hosts join: packages, network, rules, FRR; and each learns the other's ranges", async () => {
  expect(await Promise.all(coes.map((coe) => apply(coe)))).toEqual([
    "east/one: 10.65.1.0/24, fd00:65:0:1::/64 by FRR 8.4.4",
    "west/two: 10.66.2.0/24, fd00:66:0:2::/64 by FRR 8.4.4",
  ]);
  expect([...said].sort()).toEqual([
    "east/one: installed frr, nftables",
    "west/two: installed frr, nftables",
  ]);
  await until("the routes of both", bothRoutes, joined);
}, 240_000);

test("nothing listens on the network but BGP, and no password is told", async () => {
  const listening = (await sh("east", "ss -Hltnp"))
    .split("\n")
    .filter((line) => /watchfrr|zebra|bgpd|staticd/.test(line))
    .map((line) => line.split(/\s+/)[3])
    .sort();
  expect(listening).toEqual(["172.16.18.51:179", "[fd00:18::51]:179"]);
  const told =
    "journalctl --no-pager; cat /proc/[0-9]*/cmdline; cat /proc/[0-9]*/environ; ls /var/log/frr";
  expect(await sh("east", told)).not.toContain(password);
  expect(await sh("east", "stat -c '%a %U %G' /etc/frr/frr.conf")).toBe("640 root frr");
  // Who looks at the host does not learn it, either.
  expect(JSON.stringify(await lookAtHost(hostOf("east")))).not.toContain(password);
});

test("a second update has nothing to do, and a wider plan touches no session", async () => {
  const before = await uptimes("east");
  expect(before.map(({ address }) => address)).toEqual(["172.16.18.32", "fd00:18::32"]);
  const wider = planOf(
    {},
    {
      third: {
        ...{ kind: "kubernetes", policy: "open", access: { kubeconfig: "/no" } },
        ...{ podCidr: "10.67.0.0/16", nodes: { three: { address: "172.16.18.53" } } },
      },
    },
  );
  // FRR writes the file anew when somebody asks it to, without our comment.
  await on("east", "vtysh", "-c", "write memory");
  expect(await sh("east", "head -n 1 /etc/frr/frr.conf")).toBe("frr version 8.4.4");
  await apply("east");
  expect(said).toEqual([]);
  expect(await sh("east", "head -n 1 /etc/frr/frr.conf")).toContain("! Made by seamless.");
  await apply("east", inputOf("east", wider));
  const conf = "vtysh -c 'show running-config' | grep ' 10.67.0.0/16'";
  expect(await sh("east", conf)).toBe(
    [
      "ip prefix-list from-172.16.18.32 seq 7 permit 10.67.0.0/16 ge 26 le 26",
      "ip prefix-list from-172.16.18.32 seq 12 permit 10.67.0.0/16 ge 32",
    ].join("\n"),
  );
  await apply("east");
  expect(await sh("east", `${conf} || echo none`)).toBe("none");
  const after = await uptimes("east");
  for (const [index, { uptimeSeconds }] of before.entries())
    expect(after[index]?.uptimeSeconds).toBeGreaterThanOrEqual(uptimeSeconds);
  expect(await bothRoutes()).toEqual(joined);
});

test("containers reach each other by their own addresses in both families", async () => {
  await pair.startProbes();
  const own = ["its own address", "its own address"];
  await until("answers from west", () => clientsSeen("east", "west"), own);
  await until("answers from east", () => clientsSeen("west", "east"), own);
}, 90_000);

test("verify finds what the model and the hosts say", async () => {
  const results = await pair.verified(bird.container.api);
  const bad = results.filter(({ status }) => status === "fail" || status === "unknown");
  expect(bad.map((one) => `${one.id}: ${one.status}: ${JSON.stringify(one)}`)).toEqual([]);
  expect(results.filter(({ status }) => status === "pass").length).toBeGreaterThan(20);
}, 120_000);

/** Whom bfdd of a host watches on the segment. */
const watchedBy = async (coe: Coe) => {
  const all: { peer: string; multihop: boolean }[] = JSON.parse(
    await sh(coe, "vtysh -c 'show bfd peers json'"),
  );
  return all.map(({ peer, multihop }) => `${peer}${multihop ? " far away" : ""}`).sort();
};

test("bfdd runs for as long as the plan has BFD, and the session of an end that watches alone stays up", async () => {
  const watching = planOf({}, {}, { bfd: true });
  await apply("east", inputOf("east", watching));
  await until("both to be watched", () => watchedBy("east"), ["172.16.18.32", "fd00:18::32"]);
  await until("the routes of both", bothRoutes, joined);
  expect(await faultsOf("east", watching)).toEqual([]);
  expect(await faultsOf("east")).toEqual(
    ["172.16.18.32", "fd00:18::32"].map(
      (address) =>
        `frr.conf on east/one: neighbour ${address} has AS 64511, a password, TTL security, BFD instead of AS 64511, a password, TTL security`,
    ),
  );
  await apply("east");
  expect(await sh("east", "pidof bfdd || echo none")).toBe("none");
  await until("the routes of both", bothRoutes, joined);
}, 120_000);

test("bgpd is killed, and its sessions come back by themselves", async () => {
  await sh("east", "kill -KILL $(cat /run/frr/bgpd.pid)");
  await until(
    "the sessions to be back",
    async () =>
      (await uptimes("east").catch(() => [])).map(({ uptimeSeconds }) => uptimeSeconds >= 0),
    [true, true],
  );
  // Before that the reflector has what east announced before, and forgets it if east is gone once more.
  const restarting = async () =>
    (
      await hosts.docker.docker(
        ...["exec", "rr", ...bird.client(undefined), "show", "protocols", "all"],
      )
    ).includes("graceful restart active");
  await until("the reflector to have all of east again", restarting, false);
  await until("the routes of both", bothRoutes, joined);
});

test("a bgpd that stays away is named, and so is a filter that somebody has opened", async () => {
  await sh("east", "chmod -x /usr/lib/frr/bgpd; kill -KILL $(cat /run/frr/bgpd.pid)");
  expect(await faultsOf("east")).toEqual([
    expect.stringMatching(/^FRR on east\/one: .*bgpd is not running/s),
  ]);
  // Packets go on meanwhile.
  expect(await routes("east")).toEqual(joined.east);
  expect(await clientsSeen("east", "west")).toEqual(["its own address", "its own address"]);
  const other = changed("east", (conf) => conf.replace(" ge 24 le 24", " ge 24 le 25"));
  expect(await refusal(apply("east", other))).toBe(
    "east/one keeps its configuration: no bgpd that can be run in /usr/lib/frr, /usr/libexec/frr or /usr/sbin; install the package frr once more",
  );
  await sh("east", "chmod +x /usr/lib/frr/bgpd");
  await until("the host to have what the plan says", () => faultsOf("east"), []);
  const at = ["-c", "configure terminal"];
  await on("east", "vtysh", ...at, "-c", "ip prefix-list from-172.16.18.32 permit any");
  await on("east", "vtysh", ...at, "-c", "ip prefix-list own permit 10.99.0.0/16");
  expect(await faultsOf("east")).toEqual([
    "frr.conf on east/one: not accepted from 172.16.18.32/32: 10.65.0.0/16 24..24 by 172.16.18.0/24",
    "frr.conf on east/one: not accepted from 172.16.18.32/32: 10.66.0.0/16 24..24 by 172.16.18.0/24",
    "frr.conf on east/one: accepted but not planned from 172.16.18.32/32: 0.0.0.0/0 0..32 by 172.16.18.0/24",
    "frr.conf on east/one: not announced to 172.16.18.32: permit 1 permit 10.65.1.0/24",
    "frr.conf on east/one: announced but not planned to 172.16.18.32: permit 1 permit 10.65.1.0/24, permit 10.99.0.0/16",
  ]);
  await apply("east");
  expect(await faultsOf("east")).toEqual([]);
});

test("a file that FRR refuses changes nothing", async () => {
  const before = await sh("east", "cat /etc/frr/frr.conf; vtysh -c 'show running-config'");
  const words = changed("east", (conf) => conf.replace("timers 30 90", "tmers 30 90"));
  expect(await refusal(apply("east", words))).toMatch(
    /^east\/one keeps its configuration: line \d+: % Unknown command\[\d+\]: neighbor 172.16.18.32 tmers 30 90$/,
  );
  const sense = changed("east", (conf) => conf.replace(" ge 24 le 24", " ge 24 le 20"));
  expect(await refusal(apply("east", sense))).toMatch(
    /^east\/one keeps its configuration: .* on config line \d+: ip prefix-list from-172.16.18.32 seq 1 permit 10.65.0.0\/16 ge 24 le 20$/,
  );
  expect(await sh("east", "cat /etc/frr/frr.conf; vtysh -c 'show running-config'")).toBe(before);
  expect(await sh("east", "ls /etc/frr")).not.toContain("seamless");
});

test("a file that FRR does not come to is put back", async () => {
  const before = await sh("east", "cat /etc/frr/frr.conf");
  const input = inputOf("east");
  if (input.frr === undefined) throw new Error("no FRR");
  // Nobody speaks then.
  const other = {
    ...input,
    frr: { ...input.frr, daemons: input.frr.daemons.replace("bgpd=yes", "bgpd=no") },
  };
  expect(
    await refusal(applyToHost(hostOf("east"), other, { ...options, settleMs: 2_000 })),
  ).toMatch(
    /^east\/one is back at its configuration of before: gave up after 2 s waiting for FRR of east\/one to have what its file says: /,
  );
  expect(said).toEqual(["east/one: going back to the configuration of before"]);
  expect(await sh("east", "cat /etc/frr/frr.conf")).toBe(before);
  await until("the host to have what the plan says", () => faultsOf("east"), []);
  await until("the routes of both", bothRoutes, joined);
}, 60_000);

test("BIRD comes in the place of FRR, and nothing of FRR speaks any more", async () => {
  const withBird = planOf({ speaker: "bird" });
  expect(await apply("west", inputOf("west", withBird))).toBe(
    "west/two: 10.66.2.0/24, fd00:66:0:2::/64 by BIRD 2.0.12",
  );
  expect(said).toEqual(["west/two: installed bird2", "west/two: BIRD comes in place of FRR"]);
  await until("the routes of east", () => routes("east"), joined.east);
  expect(
    await sh("west", "ip route show proto bgp; ip route show proto 196; pgrep bgpd || echo none"),
  ).toBe("none");
  const found = await (await probeOf("west", withBird)).objects(withBird);
  expect(found).toMatchObject({ ok: true, value: [] });
}, 60_000);

test("a host that leaves is as it was", async () => {
  await on("east", "docker", "rm", "--force", "seamless-probe");
  await removeFromHost(hostOf("east"), inputOf("east"), options.say);
  expect(said).toEqual([]);
  const left = await (await probeOf("east")).left(plan, {});
  expect(left).toMatchObject({ ok: true, value: { faults: [], compared: [] } });
  for (const family of ["-4", "-6"])
    for (const proto of ["186", "196"])
      expect(await on("east", "ip", family, "route", "show", "proto", proto)).toBe("");
  expect(
    await sh(
      "east",
      "command -v vtysh nft; ls /etc/frr /etc/seamless 2>&1; pgrep zebra || echo none",
    ),
  ).toMatch(/^ls: .*\nls: .*\nnone$/);
}, 60_000);
