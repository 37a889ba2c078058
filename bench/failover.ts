import { end } from "../test/helpers/end";
import { type Loss, Packets, packetsBetween } from "../test/helpers/packets";
import { asn, daemonArgv, renderedFile } from "./daemons";
import { Client, Fabric } from "./fabric";

/** What one failure cost the packets from a container to a container. */
export interface FailoverRow extends Loss {
  readonly failure: string;
  readonly kind: string;
}

const addresses = { c0: "172.30.1.1", c1: "172.30.1.2", c2: "172.30.1.3" };
const reflectors = { one: "172.30.0.2", two: "172.30.0.3" };

/** What is lost when one of two reflectors dies, when the only one is away for 30 s, and when a node's BGP starts again. */
export async function failovers(kind: string): Promise<FailoverRow[]> {
  const two = await during(kind, "one of two reflectors dies", ["one", "two"], async (lab) => {
    await lab.kill("one");
    await pause(10);
  });
  const only = await during(kind, "the only reflector is away for 30 s", ["one"], async (lab) => {
    await lab.kill("one");
    await pause(30);
    lab.startReflector("one");
    await pause(15);
  });
  return [two, only];
}

/** Time passes on purpose here: what is measured is what happens meanwhile. */
const pause = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

interface FailoverLab {
  kill(reflector: keyof typeof reflectors): Promise<void>;
  startReflector(reflector: keyof typeof reflectors): void;
}

async function during(
  kind: string,
  failure: string,
  used: readonly (keyof typeof reflectors)[],
  fail: (lab: FailoverLab) => Promise<void>,
): Promise<FailoverRow> {
  const fabric = new Fabric();
  const running = new Map<string, ReturnType<Fabric["daemon"]>>();
  const lab: FailoverLab = {
    startReflector: (name) => {
      const file = fabric.file(`${name}.conf`, renderedFile(kind, reflectors[name], addresses));
      running.set(name, fabric.daemon(name, daemonArgv(kind, name, file)));
    },
    kill: async (name) => {
      const child = running.get(name);
      if (child !== undefined) await end(child);
    },
  };
  try {
    await fabric.up({ ...reflectors, ...addresses });
    for (const name of used) lab.startReflector(name);
    for (const [index, [host, address]] of Object.entries(addresses).entries()) {
      await fabric.batch(host, [`address add 10.${index + 1}.0.1/32 dev lo`]);
      const far = used.map((name) => reflectors[name]);
      const client = new Client(fabric, host, address, far, asn, [`10.${index + 1}.0.0/26`]);
      await client.established(used.length);
      await client.announce(true);
    }
    const { asking, answering } = packetsBetween("10.1.0.1", "10.2.0.1");
    fabric.start(fabric.on("c1", answering));
    const probe = new Packets(fabric.start(fabric.on("c0", asking)));
    await probe.answered();
    const before = probe.sent;
    await fail(lab);
    return { failure, kind, ...probe.since(before) };
  } finally {
    await fabric.down();
  }
}
