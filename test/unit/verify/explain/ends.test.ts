import { endOf, type Named, plannedNames } from "../../../../verify/explain/ends";
import { plan } from "../fixture";

const names = plannedNames(plan);

const container = (coe: string, name: string, address: string): Named => ({
  end: { sort: "container", name, coe, address, nodes: [] },
  names: [name],
  short: [name.slice(name.indexOf("/") + 1)],
});

const known = [
  ...names,
  container("kubernetes", "shop/web-0", "192.168.7.2"),
  container("kubernetes", "shop/web-1", "192.168.7.3"),
  container("kubernetes", "test/web-1", "192.168.7.4"),
  container("dcos", "shop/web-0", "192.168.130.66"),
];

test.each<[string, string, string]>([
  ["kubernetes/worker-1", "host", "172.16.18.34"],
  ["worker-1", "host", "172.16.18.34"],
  ["dcos:agent-1", "host", "172.16.18.43"],
  ["172.16.18.43", "host", "172.16.18.43"],
  ["192.168.130.66", "container", "192.168.130.66"],
  ["dcos:192.168.130.66", "container", "192.168.130.66"],
  ["192.168.130.99", "container", "192.168.130.99"],
  ["dcos:shop/web-0", "container", "192.168.130.66"],
  ["kubernetes:web-0", "container", "192.168.7.2"],
  ["test/web-1", "container", "192.168.7.4"],
])("%s is the %s at %s", (asked, sort, address) => {
  expect(endOf(plan, known, "FROM", asked)).toMatchObject({ asked, sort, address });
});

test.each<[string, string]>([
  [
    "shop/web-0",
    "TO shop/web-0: found 2 of this name: container shop/web-0 of kubernetes (192.168.7.2), container shop/web-0 of dcos (192.168.130.66); allowed: kubernetes:shop/web-0 or dcos:shop/web-0",
  ],
  [
    "kubernetes:web-1",
    "TO kubernetes:web-1: found 2 of this name: container shop/web-1 of kubernetes (192.168.7.3), container test/web-1 of kubernetes (192.168.7.4); allowed: 192.168.7.3 or 192.168.7.4",
  ],
  [
    "shop/web-7",
    "TO shop/web-7: found nothing of this name in dcos, kubernetes; near: shop/web-0, shop/web-1; allowed: a container, service or node as its COE names it, an address of the plan, each also as COE:NAME, or a DNS name in a zone of coes.COE.names",
  ],
  [
    "dcos:worker-1",
    "TO dcos:worker-1: found nothing of this name in dcos; allowed: a container, service or node as its COE names it, an address of the plan, each also as COE:NAME, or a DNS name in a zone of coes.COE.names",
  ],
  [
    "172.16.18.32",
    "TO 172.16.18.32: found the reflector reflector, which carries routes and no packets; allowed: 192.168.128.0/17 (dcos), 192.168.0.0/17 (kubernetes), or the address of a node",
  ],
  [
    "10.1.1.1",
    "TO 10.1.1.1: found an address outside every range of the plan; allowed: 192.168.128.0/17 (dcos), 192.168.0.0/17 (kubernetes), or the address of a node",
  ],
  [
    "kubernetes:192.168.130.66",
    "TO kubernetes:192.168.130.66: found 192.168.130.66 in dcos; allowed: an address of kubernetes",
  ],
])("%s is refused", (asked, message) => {
  expect(() => endOf(plan, known, "TO", asked)).toThrow(message);
});
