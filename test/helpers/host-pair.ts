import { remoteHost } from "../../components/ask/host";
import { type ProbeInput, startProbes } from "../../components/hosts/probe";
import { hostsProbe } from "../../components/hosts/verify";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { applyToHost } from "../../components/linux/apply";
import type { HostInput } from "../../components/linux/input";
import { hostInputOf } from "../../components/linux/planned";
import { routerAsk } from "../../components/reflector/kinds";
import type { Passwords } from "../../components/reflector/passwords";
import type { Plan } from "../../plan";
import type { ReflectorShell, SshShell } from "../../plan/access";
import { messageOf } from "../../util/errors";
import type { Family } from "../../util/net";
import { verify } from "../../verify/run";
import type { CheckResult } from "../../verify/types";
import { busyboxTag, PlainHosts } from "./plain-hosts";

/** The COEs of a plan with one plain host each. */
export type Coe = "east" | "west";
export const coes: readonly Coe[] = ["east", "west"];

type Members = Readonly<Record<Coe, { readonly host: string; readonly address: string }>>;

/** Two COEs of a plan with one plain host each, as {@link PlainHosts} runs them, and what is done to them and asked of them. */
export class HostPair {
  readonly hosts: PlainHosts;
  /** What was said while hosts were changed. */
  readonly said: string[] = [];
  readonly options;
  private readonly shells = new Map<Coe, SshShell>();

  constructor(
    private readonly members: Members,
    private readonly plan: Plan,
    passwords: Passwords = {},
  ) {
    this.hosts = new PlainHosts(plan, passwords);
    this.options = { passwords, say: (line: string) => void this.said.push(line) };
  }

  async up(): Promise<void> {
    await this.hosts.up();
    for (const coe of coes) {
      const { host, address } = this.members[coe];
      this.shells.set(coe, await this.hosts.shell(host, address));
    }
  }

  down(): Promise<void> {
    return this.hosts.down();
  }

  shell(coe: Coe): SshShell {
    const shell = this.shells.get(coe);
    if (shell === undefined) throw new Error("the hosts are not up");
    return shell;
  }

  inputOf(coe: Coe, plan = this.plan): HostInput {
    const own = plan.coes[coe];
    const node = own?.nodes[this.members[coe].host];
    if (own === undefined || node === undefined) throw new Error("not in the plan");
    return hostInputOf(plan, own, node, this.shell(coe), "docker");
  }

  hostOf(coe: Coe) {
    return remoteHost(`${coe}/${this.members[coe].host}`, this.shell(coe));
  }

  apply(coe: Coe, input = this.inputOf(coe)): Promise<string> {
    return applyToHost(this.hostOf(coe), input, this.options);
  }

  /** Runs a program on a host. @returns what it printed, or the text of its error */
  on(coe: Coe, ...argv: string[]): Promise<string> {
    return this.hosts.on(this.members[coe].host, ...argv);
  }

  probeOf(coe: Coe, plan = this.plan) {
    const own = plan.coes[coe];
    if (own === undefined) throw new Error("not in the plan");
    return hostsProbe(own, { nodes: { [this.members[coe].host]: this.shell(coe) } }, "");
  }

  /** Starts the containers that {@link clientSeen} asks. */
  async startProbes(): Promise<void> {
    for (const coe of coes) {
      const { host } = this.members[coe];
      await this.hosts.give(host);
      const input: ProbeInput = {
        hosts: [{ name: `${coe}/${host}`, shell: this.shell(coe) }],
        image: busyboxTag,
      };
      await startProbes(input);
    }
  }

  /** What the server of one COE says to the container of the other one: the client's address as it has come. */
  async clientSeen(from: Coe, to: Coe, family: Family = 4): Promise<string> {
    const probe = await this.probeOf(from);
    const [client, server] = [await probe.workloads(), await (await this.probeOf(to)).workloads()];
    const [mine, theirs] = [client, server].map((found) => (found.ok ? found.value[0] : undefined));
    if (mine === undefined || theirs === undefined) return "no container";
    const [own, url] =
      family === 4
        ? [mine.address, `http://${theirs.address}:8080/`]
        : [mine.address6, `http://[${theirs.address6}]:8080/`];
    const got = await probe.fetch(mine, url);
    if (!got.ok) return got.silent === true ? "dropped" : got.error;
    const { client: address }: { client: string } = JSON.parse(got.value);
    return address === own ? "its own address" : address;
  }

  /** What verify finds, with probes in both COEs. @param api of the reflector's kind */
  async verified(api: string): Promise<readonly CheckResult[]> {
    const rr: ReflectorShell = {
      via: "docker",
      ...{ dockerHost: this.hosts.docker.host, container: "rr", api },
    };
    const access = {
      reflectors: { rr },
      coes: Object.fromEntries(
        coes.map((coe) => [coe, { nodes: { [this.members[coe].host]: this.shell(coe) } }]),
      ),
    };
    const outputs = { plan: this.plan, access, probes: [...coes], printed: {} };
    const { results } = await verify(outputs, {
      ...{ kinds: coeRuntimes, routerOf: routerAsk, speakers: speakerOf, only: [], waitMs: 20_000 },
    });
    return results;
  }
}

/** What something is refused with. */
export const refusal = (act: Promise<unknown>) => act.then(() => "done", messageOf);
