import { gobgpConfig, type Neighbor } from "../../../components/reflector/gobgp/config";
import { renderGobgp } from "../../../components/reflector/gobgp/toml";
import { reload } from "../../../components/reflector/reload";
import { FakeGobgpd } from "../../helpers/fake-gobgpd";
import { plan } from "../verify/fixture";

const [agent, worker] = ["172.16.18.43", "172.16.18.34"];

const { reflector } = plan.reflectors;
if (reflector === undefined) throw new Error("no reflector in the plan");
const config = gobgpConfig(plan, reflector);
const planned = renderGobgp(config);
const fileWith = (change: (one: Neighbor) => Neighbor | undefined) =>
  renderGobgp({ ...config, neighbors: config.neighbors.flatMap((one) => change(one) ?? []) });
const otherAs = fileWith((one) => ({ ...one, config: { ...one.config, "peer-as": 64600 } }));

const said: string[] = [];
const options = { say: (message: string) => said.push(message) };
beforeEach(() => said.splice(0));

test("checks, writes and sends one signal where one is enough", async () => {
  const daemon = new FakeGobgpd(fileWith(() => undefined));
  expect(await reload(daemon, planned, options)).toBe("reflector: 2 neighbours, 4 ranges accepted");
  expect(daemon.calls).toEqual(["check", "read", "write", "hangUp"]);
  expect(await daemon.read()).toBe(planned);
  expect(said).toEqual([]);
});

test("brings a daemon that ignores changed neighbours to the file it was given", async () => {
  const daemon = new FakeGobgpd(planned);
  await reload(daemon, otherAs, options);
  const step = ["write", "hangUp"];
  expect(daemon.calls).toEqual(["check", "read", ...step, ...step, ...step, ...step, ...step]);
  expect(await daemon.read()).toBe(otherAs);
  expect(JSON.parse(await daemon.ask(["neighbor"]))).toMatchObject([
    { conf: { neighbor_address: agent, peer_asn: 64600 } },
    { conf: { neighbor_address: worker, peer_asn: 64600 } },
  ]);
});

test("goes on when a session does not come back, and says so", async () => {
  const daemon = new FakeGobgpd(planned);
  const hangUp = daemon.hangUp.bind(daemon);
  daemon.hangUp = async () => {
    daemon.down.add(agent);
    await hangUp();
  };
  await reload(daemon, otherAs, { ...options, returnMs: 0 });
  expect(said).toEqual([
    `reflector: going on: gave up after 0 s waiting for the session with ${agent}: not Established`,
  ]);
});

test("restarts for another AS of its own", async () => {
  const daemon = new FakeGobgpd(planned);
  await reload(daemon, planned.replace("as = 64511", "as = 64999"), options);
  expect(daemon.calls).toEqual(["check", "read", "write", "restart"]);
  expect(said).toEqual(["reflector: restarting gobgpd"]);
});

test("a file that gobgpd refuses is not written", async () => {
  const daemon = new FakeGobgpd(planned);
  daemon.check = async () => {
    throw new Error("Can't read config file: no");
  };
  await expect(reload(daemon, otherAs, options)).rejects.toThrow(
    "reflector keeps its configuration: Can't read config file: no",
  );
  expect(daemon.calls).toEqual([]);
});

test("a daemon that takes no notice is named with what it has otherwise", async () => {
  const daemon = new FakeGobgpd(
    fileWith((one) => (one.config.description === "dcos/agent-1" ? undefined : one)),
  );
  daemon.deaf = true;
  await expect(reload(daemon, planned, { ...options, settleMs: 0 })).rejects.toThrow(
    `gave up after 0 s waiting for reflector to have what its file says: neighbour ${agent} is missing; docker logs reflector says more`,
  );
});
