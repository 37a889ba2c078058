import { attemptLink } from "../../../../verify/explain/attempt";
import { no, ok, plan, pod, task } from "../fixture";
import { healthy, verdict, withKernel, worker } from "./seen";

const link = (port: number | undefined, text: string) =>
  attemptLink(worker.id, task, port, ok("worker-1", text));
const of = (port: number | undefined, text: string, seen = healthy) =>
  verdict(seen, pod.name, task.name, plan, { tried: link(port, text) });

const connects = "0\n\n";
const silence = "124\n\n";
const refused = `1
bash: line 1: connect: Connection refused
bash: line 1: /dev/tcp/${task.address}/81: Connection refused
`;
const unreachable = `1
PING ${task.address} (${task.address}) 56(84) bytes of data.
From 192.168.7.1 icmp_seq=1 Destination Host Unreachable

--- ${task.address} ping statistics ---
`;

test("a way that is whole and lets packets through is whole", () => {
  expect(of(8080, connects)).toBe("the way is whole, there and back");
  expect(link(8080, connects)).toMatchObject({
    says: `TCP to ${task.address} port 8080: connected`,
  });
});

test("nothing that was looked at is wrong, and yet nothing comes back", () => {
  expect(of(8080, silence)).toBe(
    `
broken there at the traffic of kubernetes/worker-1: TCP to 192.168.130.66 port 8080: no answer within 4 s
  why   none of the links that were looked at says why
  mend  tcpdump -ni any host 192.168.130.66, on kubernetes/worker-1 and on the node of seamless-probe.1, shows where it ends
`.trim(),
  );
});

test("nobody listens there", () => {
  expect(of(81, refused)).toBe(
    `
broken there at the traffic of kubernetes/worker-1: TCP to 192.168.130.66 port 81: refused
  why   packets arrive and come back: nothing listens on that port of seamless-probe.1, or a rule there says so
  mend  start what listens on port 81 of seamless-probe.1, or name another --port
`.trim(),
  );
});

test("what a router says is told", () => {
  expect(of(undefined, unreachable)).toMatch(
    /^broken there at the traffic of kubernetes\/worker-1: ping of 192\.168\.130\.66: From 192\.168\.7\.1 icmp_seq=1 Destination Host Unreachable\n/,
  );
});

test("a link that is broken says more than the traffic that it stops", () => {
  const drop = withKernel(worker.id, "firewall nf_tables", (lines) => [
    ...lines.slice(0, -1),
    "-A FORWARD -s 192.168.0.0/17 -j DROP",
    "COMMIT",
  ]);
  expect(of(8080, silence, drop)).toMatch(/^broken there at the drop of kubernetes\/worker-1: /);
});

test("rules about the port that was named are met, and about others are not", () => {
  const rule = (port: number) =>
    withKernel(worker.id, "firewall nf_tables", (lines) => [
      ...lines.slice(0, -1),
      `-A FORWARD -p tcp --dport ${port} -j DROP`,
      "COMMIT",
    ]);
  const at = (port: number, seen: typeof healthy) =>
    verdict(seen, pod.name, task.name, plan, { port });
  expect(at(5432, rule(5432))).toMatch(/^broken there at the drop of kubernetes\/worker-1: /);
  expect(at(5432, rule(8080))).toBe("the way is whole, there and back");
});

test.each([
  ["a node that cannot be asked", attemptLink(worker.id, task, 8080, no("worker-1", "no route"))],
  ["a node without the program", link(8080, "127\nbash: not found\n")],
  ["a container that has gone", link(8080, "1\nno container with address 192.168.7.2\n")],
])("%s has tried nothing", (_, tried) => {
  expect(tried).toMatchObject({ status: "unknown", says: `TCP to ${task.address} port 8080` });
  expect(verdict(healthy, pod.name, task.name, plan, { tried })).toBe(
    "the way is whole, there and back",
  );
});
