import type { RouterDaemon, RouterFile } from "../../components/reflector/contract";
import { gobgp } from "../../components/reflector/gobgp";
import { parseGobgp } from "../../components/reflector/gobgp/toml";

/** GoBGP's numbers (api/gobgp.proto). */
const established = 6;
const importing = 1;
const [accept, reject] = [1, 2];

const fenceLine = /^from (.*): (\S+) (\d+)\.\.(\d+) by (.*)$/;

/**
 * A gobgpd that takes as little from a reload as a real one does: neighbours that are new or gone and the import
 * policy, but nothing of a neighbour it has already.
 */
export class FakeGobgpd implements RouterDaemon {
  readonly kind = gobgp;
  readonly name = "reflector";
  /** What it was told, in order, without questions. */
  readonly calls: string[] = [];
  /** Addresses whose sessions do not come up. */
  readonly down = new Set<string>();
  /** Whether it takes no notice of signals. */
  deaf = false;
  private running: RouterFile;

  constructor(private file: string) {
    this.running = parseGobgp(file);
  }

  async check(text: string): Promise<void> {
    this.calls.push("check");
    parseGobgp(text);
  }

  async read(): Promise<string> {
    this.calls.push("read");
    return this.file;
  }

  async write(text: string): Promise<void> {
    this.calls.push("write");
    this.file = text;
  }

  async hangUp(): Promise<void> {
    this.calls.push("hangUp");
    if (this.deaf) return;
    const { neighbors, fence } = parseGobgp(this.file);
    const kept = Object.entries(neighbors).map(([address, neighbor]) => [
      address,
      this.running.neighbors[address] ?? neighbor,
    ]);
    this.running = { ...this.running, neighbors: Object.fromEntries(kept), fence };
  }

  async restart(): Promise<void> {
    this.calls.push("restart");
    if (!this.deaf) this.running = parseGobgp(this.file);
  }

  async ask(args: readonly string[]): Promise<string> {
    const lines = this.running.fence.map((line, index) => {
      const [, senders = "", prefix, min, max, hops = ""] = fenceLine.exec(line) ?? [];
      return { name: `set-${index}`, senders: senders.split(", "), prefix, min, max, hops };
    });
    switch (args.join(" ")) {
      case "neighbor":
        return JSON.stringify(this.neighbors());
      case "global policy":
        return JSON.stringify({
          direction: importing,
          default_action: reject,
          policies: [
            {
              name: "fence",
              statements: lines.map(({ name, hops }) => ({
                conditions: {
                  prefix_set: { name },
                  neighbor_set: { name },
                  next_hop_in_list: hops.split(", "),
                },
                actions: { route_action: accept },
              })),
            },
          ],
        });
      case "policy prefix":
        return JSON.stringify(
          lines.map(({ name, prefix, min, max }) => ({
            name,
            prefixes: [
              { ip_prefix: prefix, mask_length_min: Number(min), mask_length_max: Number(max) },
            ],
          })),
        );
      case "policy neighbor":
        return JSON.stringify(lines.map(({ name, senders }) => ({ name, list: senders })));
      default:
        throw new Error(`unexpected question: ${args.join(" ")}`);
    }
  }

  private neighbors() {
    return Object.entries(this.running.neighbors).map(([address, { asn, clusterId }]) => ({
      conf: { neighbor_address: address, peer_asn: asn },
      state: { peer_asn: asn, session_state: this.down.has(address) ? 3 : established },
      route_reflector:
        clusterId === undefined
          ? {}
          : { route_reflector_client: true, route_reflector_cluster_id: clusterId },
    }));
  }
}
