import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyCalico, type CalicoEtcdResult } from "../../components/dcos/calico-etcd";
import { meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { applyCalicoNodeAs, removeCalicoNodeAs } from "../../components/dcos/node-as";
import { birdPrograms } from "../../components/reflector/bird/programs";
import { debianPrograms } from "../../components/reflector/debian-programs";
import { renderExternal } from "../../components/reflector/external/render";
import { frrPrograms } from "../../components/reflector/frr/image";
import { routerKind } from "../../components/reflector/kinds";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import type { Plan } from "../../plan/types";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { CalicoNode, Lan } from "./bird-lan";
import { Etcd } from "./etcd";
import {
  addresses,
  allNodes,
  blockOf,
  coeOf,
  modelled,
  nodesOf,
  planOf,
  reflectorAddress,
  type Shape,
} from "./shapes";

const coes = ["one", "two"] as const;
const options = { say: () => undefined, timeoutMs: 20_000 };

/**
 * Two COEs of two nodes and a reflector, each a network namespace: the reflector runs the file that is rendered for it, and
 * the nodes run BIRD with what Calico's own confd writes from the objects of the plan in a real etcd.
 */
export class ShapeLab {
  private readonly lan = new Lan();
  private readonly stores = { one: new Etcd(), two: new Etcd() };
  private readonly applied = new Map<string, CalicoEtcdResult>();
  private readonly given = new Map<string, Awaited<ReturnType<typeof applyCalicoNodeAs>>>();
  private readonly nodes = new Map<string, CalicoNode>();
  private reflector: ChildProcess | undefined;

  async up(): Promise<void> {
    await this.lan.up({ rr: reflectorAddress, ...addresses });
    for (const coe of coes) {
      const etcd = this.stores[coe];
      await etcd.up();
      // What calico-node makes of itself and of its blocks.
      await new Calicoctl([etcd.endpoint]).apply(nodesOf[coe].map(nodeObject));
      for (const node of nodesOf[coe]) {
        await etcd.confirm(node, blockOf(node));
        this.nodes.set(node, new CalicoNode(this.lan, node, etcd.endpoint));
      }
    }
  }

  async down(): Promise<void> {
    await this.stopReflector();
    await this.lan.down();
    for (const coe of coes) await this.stores[coe].down();
  }

  /**
   * Runs a shape, and waits for every kernel to have the routes of the model.
   * @returns the plan
   * @throws Error with what the kernels have instead
   */
  async run(shape: Shape): Promise<Plan> {
    const plan = this.planOf(shape);
    await this.start(plan);
    await this.kernels(plan);
    await this.tables(plan);
    return plan;
  }

  /** Runs a shape without a node, which comes then: nothing but it is started anew. Waits as {@link run} does. */
  async comes(shape: Shape, node: string): Promise<void> {
    const calicoctl = new Calicoctl([this.stores[coeOf(node)].endpoint]);
    await calicoctl.delete(`Node/${node}`);
    await this.start(this.planOf(shape, node), node);
    await calicoctl.apply([nodeObject(node)]);
    const plan = this.planOf(shape);
    await Promise.all(coes.map((coe) => this.apply(plan, coe)));
    await Promise.all([...this.nodes.values()].map((one) => one.configure()));
    await this.kernels(plan);
    await this.tables(plan);
  }

  planOf(shape: Shape, without?: string): Plan {
    const stores = { one: this.stores.one.endpoint, two: this.stores.two.endpoint };
    const plan = planOf(shape, stores, without);
    if (typeof plan === "string") throw new Error(plan);
    return plan;
  }

  /** Routes of a node's kernel by their range; of one with several next hops the text is empty. */
  routes(node: string): Promise<Record<string, string>> {
    return this.lan.routes(node);
  }

  /** Starts everything anew as a plan has it, and waits for nothing. @param without a node that is not there yet */
  async start(plan: Plan, without?: string): Promise<void> {
    await this.stopReflector();
    for (const node of this.nodes.values()) await node.stop();
    await Promise.all(coes.map((coe) => this.apply(plan, coe)));
    await this.startReflector(plan);
    const there = [...this.nodes].filter(([name]) => name !== without);
    await Promise.all(there.map(([, node]) => node.configure()));
  }

  private async apply(plan: Plan, coe: (typeof coes)[number]): Promise<void> {
    const calico = calicoPlan(plan, coe);
    const etcdEndpoints = [this.stores[coe].endpoint];
    const objects = calicoYaml(inOrder(calicoObjects(calico)));
    const wanted = { etcdEndpoints, asn: calico.asn, nodes: { ...calico.nodes } };
    const given = this.given.get(coe) ?? {};
    if (calico.nodes !== undefined)
      this.given.set(coe, await applyCalicoNodeAs(wanted, given, options));
    const before = this.applied.get(coe);
    this.applied.set(coe, await applyCalico({ etcdEndpoints, objects }, before, options));
    if (calico.nodes === undefined) {
      await removeCalicoNodeAs(wanted, given, options);
      this.given.delete(coe);
    }
    const mesh = meshIn(new Calicoctl(etcdEndpoints));
    if (calico.ownMesh !== true && (await mesh.isOn())) await mesh.end();
  }

  private async startReflector(plan: Plan): Promise<void> {
    const { rr } = plan.reflectors;
    if (rr === undefined) return;
    const file = join(this.lan.folder, "reflector.conf");
    const external = rr.kind === "external";
    writeFileSync(file, external ? renderExternal(plan, rr) : routerKind(rr.kind).render(plan, rr));
    const argv = await daemonOf(rr.kind, file, join(this.lan.folder, `${rr.kind}.ctl`));
    const inside = [`--net=/run/netns/${this.lan.spaceOf("rr")}`, ...argv];
    this.reflector = spawn("nsenter", inside, { stdio: "ignore" });
  }

  private async stopReflector(): Promise<void> {
    const { reflector } = this;
    this.reflector = undefined;
    if (reflector === undefined || reflector.exitCode !== null) return;
    const gone = once(reflector, "exit");
    reflector.kill("SIGKILL");
    await gone;
  }

  private async kernels(plan: Plan): Promise<void> {
    const paths = modelled(plan);
    const wanted = (node: string) =>
      Object.fromEntries(
        [
          [blockOf(node), "blackhole"] as const,
          ...Object.entries(paths[node] ?? {}).map(
            ([from, [best]]) => [blockOf(from), best?.nextHop] as const,
          ),
        ].sort(),
      );
    await this.every("kernel to have the routes of the model", async (node) => {
      const [found, expected] = [await this.lan.routes(node), wanted(node)].map((one) =>
        JSON.stringify(one),
      );
      return found === expected ? undefined : `${found} instead of ${expected}`;
    });
  }

  /** BIRD has the AS path of the model for the best path of each block. */
  private async tables(plan: Plan): Promise<void> {
    const paths = modelled(plan);
    await this.every("BIRD to have the paths of the model", async (node) => {
      const found = (await this.nodes.get(node)?.paths()) ?? {};
      const wrong = Object.entries(paths[node] ?? {}).flatMap(([from, [best]]) => {
        const key = `${blockOf(from)} ${best?.learned?.address}`;
        const asPath = best?.asPath.join(" ");
        return found[key] === asPath ? [] : [`${key}: ${found[key]} instead of ${asPath}`];
      });
      return wrong.length === 0 ? undefined : wrong.join("; ");
    });
  }

  private async every(
    what: string,
    look: (node: string) => Promise<string | undefined>,
  ): Promise<void> {
    await waitFor({ what: `every ${what}`, timeoutMs: 120_000, intervalMs: 300 }, async () => {
      const found = await Promise.all(
        allNodes.map(async (node) => {
          const wrong = await look(node);
          return wrong === undefined ? [] : [`${node} ${wrong}`];
        }),
      );
      const wrong = found.flat();
      return wrong.length === 0
        ? { done: true, value: undefined }
        : { done: false, seen: wrong.join("; ") };
    });
  }
}

/** A node as calico-node tells of itself. */
function nodeObject(name: string) {
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "Node",
    metadata: { name },
    spec: { bgp: { ipv4Address: `${addresses[name]}/24` } },
  };
}

/** How a reflector's daemon is started on a file. */
async function daemonOf(kind: string, file: string, socket: string): Promise<string[]> {
  if (kind === "gobgp")
    return [join(toolsBin(), "gobgpd"), "-t", "toml", "-f", file, "--pprof-disable"];
  if (kind === "bird")
    return loaded(await birdPrograms(() => undefined), [
      ...["usr/sbin/bird", "-f", "-c", file, "-s", socket],
    ]);
  // What is rendered for a router of somebody else's is in FRR's language here.
  if (kind !== "frr" && kind !== "external") throw new Error(`no way to run ${kind} here`);
  mkdirSync(socket, { recursive: true });
  const options = ["-S", "-Z", "-P", "0", "-f", file, "-i", join(socket, "pid")];
  return loaded(await debianPrograms(frrPrograms, () => undefined), [
    ...["usr/lib/frr/bgpd", ...options, "--vty_socket", socket, "-l", reflectorAddress],
  ]);
}

/** Starts a program of a folder with the libraries beside it. */
function loaded(
  { folder, files }: { readonly folder: string; readonly files: readonly string[] },
  [program = "", ...args]: readonly string[],
): string[] {
  const loader = files.find((path) => /\/ld-linux/.test(path)) ?? "";
  const libraries = ["lib", "usr/lib"].flatMap((path) =>
    (existsSync(join(folder, path)) ? readdirSync(join(folder, path)) : []).flatMap((one) => [
      join(folder, path, one),
      join(folder, path, one, "frr"),
    ]),
  );
  const argv = ["--library-path", libraries.join(":"), join(folder, program), ...args];
  return [join(folder, loader), ...argv];
}
