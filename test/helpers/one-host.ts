import { makePlan, parseConfig } from "../../components/kinds/planning";
import type { SshShell } from "../../plan/access";
import { PlainHosts } from "./plain-hosts";

const name = "one";

/** A plain host of a plan, for what needs a real sshd and no other host. */
export class OneHost {
  readonly address = "172.16.18.51";
  private known: SshShell | undefined;
  private readonly hosts = new PlainHosts(
    makePlan(
      parseConfig({
        network: { supernet: "10.64.0.0/10", nodes: "172.16.18.0/24", asn: 64511 },
        reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
        coes: {
          plain: {
            ...{ kind: "hosts", policy: "open", podCidr: "10.65.0.0/16", access: { ssh: {} } },
            nodes: { [name]: { address: this.address, podCidr: "10.65.1.0/24" } },
          },
        },
      }),
    ),
  );

  async up(): Promise<void> {
    await this.hosts.up();
    this.known = await this.hosts.shell(name, this.address);
  }

  down(): Promise<void> {
    return this.hosts.down();
  }

  /** How it is reached, with its key known. */
  get shell(): SshShell {
    if (this.known === undefined) throw new Error("the host is not up");
    return this.known;
  }

  /** Runs a program there without SSH. @returns what it printed, or the text of its error */
  on(...argv: string[]): Promise<string> {
    return this.hosts.on(name, ...argv);
  }
}
