import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolsBin } from "../../util/paths";
import { decode, type Message } from "./protobuf";

/** A packet as far as the rules of these tests go. */
export interface Packet {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

interface Endpoint {
  readonly tiers: readonly Tier[];
}

interface Tier {
  readonly name: string;
  readonly ingress: readonly string[];
  readonly defaultAction: string;
}

interface Rule {
  readonly action: string;
  readonly sourceNets: readonly string[];
  readonly sourceSets: readonly string[];
  readonly targetSets: readonly string[];
  readonly ports: readonly (readonly [number, number])[];
}

/** What Felix has told its dataplane. */
interface State {
  readonly inSync: boolean;
  readonly sets: ReadonlyMap<string, ReadonlySet<string>>;
  /** By `tier/name`. */
  readonly policies: ReadonlyMap<string, readonly Rule[]>;
  /** By workload, or name of the host endpoint. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}

/**
 * A real Felix without a kernel to program: what it tells its dataplane, by the interface for dataplanes of others
 * ("felixbackend.proto"), is written to a file. Which policies an endpoint has, in which order, and the members of sets are
 * its own reckoning; only a packet is put through them here.
 */
export class Felix {
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-felix-"));
  private readonly record = join(this.folder, "record");
  private process: ChildProcess | undefined;

  up(etcd: string, node: string): void {
    const driver = join(this.folder, "driver");
    writeFileSync(driver, `#!/bin/sh\nexec cat <&3 >${this.record}\n`);
    chmodSync(driver, 0o755);
    this.process = spawn(join(toolsBin(), "calico-node"), ["-felix"], {
      stdio: "ignore",
      env: {
        PATH: process.env.PATH,
        DATASTORE_TYPE: "etcdv3",
        ETCD_ENDPOINTS: etcd,
        FELIX_DATAPLANEDRIVER: driver,
        FELIX_USEINTERNALDATAPLANEDRIVER: "false",
        FELIX_FELIXHOSTNAME: node,
        FELIX_IPV6SUPPORT: "false",
        FELIX_LOGFILEPATH: "none",
        FELIX_LOGSEVERITYFILE: "none",
        FELIX_LOGSEVERITYSYS: "none",
        FELIX_PROMETHEUSMETRICSENABLED: "false",
        FELIX_USAGEREPORTINGENABLED: "false",
      },
    });
  }

  async down(): Promise<void> {
    if (this.process !== undefined && this.process.exitCode === null) {
      const gone = once(this.process, "exit");
      this.process.kill("SIGKILL");
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Allow or Deny; `profile` where no policy decides; undefined while Felix does not know the endpoint. */
  verdict(endpoint: string, packet: Packet): string | undefined {
    const state = existsSync(this.record) ? read(readFileSync(this.record)) : undefined;
    const tiers = state?.endpoints.get(endpoint)?.tiers;
    if (state?.inSync !== true || tiers === undefined) return undefined;
    for (const tier of tiers) {
      const rules = tier.ingress.flatMap(
        (name) => state.policies.get(`${tier.name}/${name}`) ?? [],
      );
      const hit = rules.find((rule) => matches(state, rule, packet))?.action;
      const end = tier.ingress.length === 0 ? "Pass" : tier.defaultAction;
      const action = hit ?? end.toLowerCase();
      // What a policy's Pass becomes, and the end of a tier that passes on.
      if (action !== "next-tier" && action !== "pass") return action;
    }
    return "profile";
  }
}

function matches({ sets }: State, rule: Rule, { from, to, port }: Packet): boolean {
  const inSets = (names: readonly string[], address: string) =>
    names.every((name) => [...(sets.get(name) ?? [])].some((net) => holds(net, address)));
  return (
    (rule.sourceNets.length === 0 || rule.sourceNets.some((net) => holds(net, from))) &&
    inSets(rule.sourceSets, from) &&
    inSets(rule.targetSets, to) &&
    (rule.ports.length === 0 || rule.ports.some(([first, last]) => first <= port && port <= last))
  );
}

function holds(net: string, address: string): boolean {
  const [base = "", length = "32"] = net.split("/");
  const number = (text: string) =>
    text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  return Math.floor(number(base) / size) === Math.floor(number(address) / size);
}

/** Messages are a length of 8 bytes and that many bytes; a last one that is not whole is left for the next look. */
function read(bytes: Buffer): State {
  const sets = new Map<string, Set<string>>();
  const policies = new Map<string, Rule[]>();
  const endpoints = new Map<string, Endpoint>();
  let inSync = false;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + Number(bytes.readBigUInt64LE(at));
    if (end > bytes.length) break;
    const whole = decode(bytes.subarray(at + 8, end));
    at = end;
    inSync ||= whole.has(1);
    for (const one of whole.messages(2)) sets.set(one.text(1), new Set(one.texts(2)));
    for (const one of whole.messages(3)) {
      const set = sets.get(one.text(1));
      for (const member of one.texts(2)) set?.add(member);
      for (const member of one.texts(3)) set?.delete(member);
    }
    for (const one of whole.messages(7)) policies.set(policyId(one), rulesOf(one));
    for (const one of whole.messages(8)) policies.delete(policyId(one));
    for (const one of whole.messages(9)) setEndpoint(endpoints, one, 2, one.messages(3), 3);
    for (const one of whole.messages(11)) setEndpoint(endpoints, one, 3, one.messages(5), 7);
  }
  return { inSync, sets, policies, endpoints };
}

function setEndpoint(
  endpoints: Map<string, Endpoint>,
  update: Message,
  name: number,
  [endpoint]: readonly Message[],
  tiers: number,
): void {
  const [id] = update.messages(1);
  endpoints.set(id?.text(name) ?? "", {
    tiers: (endpoint?.messages(tiers) ?? []).map((tier) => ({
      name: tier.text(1),
      ingress: tier.texts(2),
      defaultAction: tier.text(4),
    })),
  });
}

function policyId(update: Message): string {
  const [id] = update.messages(1);
  return `${id?.text(1)}/${id?.text(2)}`;
}

function rulesOf(update: Message): Rule[] {
  const [policy] = update.messages(2);
  return (policy?.messages(1) ?? []).map((rule) => ({
    action: rule.text(1),
    sourceNets: rule.texts(4),
    sourceSets: rule.texts(10),
    targetSets: rule.texts(11),
    ports: rule.messages(7).map((range): [number, number] => [range.number(1), range.number(2)]),
  }));
}
