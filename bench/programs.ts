import { remoteHost } from "../components/ask/host";
import { endSharedConnections } from "../components/ask/ssh-shared";
import { makePlan, parseConfig } from "../components/kinds/planning";
import { PlainHosts } from "../test/helpers/plain-hosts";
import { seconds } from "./times";

const count = 25;

/** What the programs take that a step runs on a host that joins, one after the other; seconds. */
export interface ProgramsRow {
  readonly programs: number;
  /** Of a process that has asked the host nothing before, as a step does it. */
  readonly shared: number;
  /** Each with a login of its own. */
  readonly logins: number;
}

/** A host with a real sshd, in turns. */
export async function programsOnHost(turns: number): Promise<ProgramsRow[]> {
  const [name, address] = ["one", "172.16.18.51"];
  const hosts = new PlainHosts(
    makePlan(
      parseConfig({
        network: { supernet: "10.64.0.0/10", nodes: "172.16.18.0/24", asn: 64511 },
        reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
        coes: {
          plain: {
            ...{ kind: "hosts", policy: "open", podCidr: "10.65.0.0/16", access: { ssh: {} } },
            nodes: { [name]: { address, podCidr: "10.65.1.0/24" } },
          },
        },
      }),
    ),
  );
  try {
    await hosts.up();
    const { knownHosts = [], ...shell } = await hosts.shell(name, address);
    const rows: ProgramsRow[] = [];
    for (let turn = 0; turn < turns; turn++) {
      endSharedConnections();
      const all = async (host: (index: number) => ReturnType<typeof remoteHost>) =>
        seconds(async () => {
          for (let index = 0; index < count; index++) await host(index).need(["true"]);
        });
      const there = remoteHost(name, { ...shell, knownHosts });
      // To the program each is another host, which it has not asked before.
      const another = (index: number) =>
        remoteHost(name, { ...shell, knownHosts: [...knownHosts, `# ${turn} ${index}`] });
      rows.push({ programs: count, shared: await all(() => there), logins: await all(another) });
    }
    return rows;
  } finally {
    await hosts.down();
  }
}
