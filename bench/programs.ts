import { remoteHost } from "../components/ask/host";
import { endSharedConnections } from "../components/ask/ssh-shared";
import { OneHost } from "../test/helpers/one-host";
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
  const host = new OneHost();
  try {
    await host.up();
    const { knownHosts = [], ...shell } = host.shell;
    const rows: ProgramsRow[] = [];
    for (let turn = 0; turn < turns; turn++) {
      endSharedConnections();
      const all = async (there: (index: number) => ReturnType<typeof remoteHost>) =>
        seconds(async () => {
          for (let index = 0; index < count; index++) await there(index).need(["true"]);
        });
      const one = remoteHost("one", host.shell);
      // To the program each is another host, which it has not asked before.
      const another = (index: number) =>
        remoteHost("one", { ...shell, knownHosts: [...knownHosts, `# ${turn} ${index}`] });
      rows.push({ programs: count, shared: await all(() => one), logins: await all(another) });
    }
    return rows;
  } finally {
    await host.down();
  }
}
