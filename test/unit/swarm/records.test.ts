import { serviceRecords } from "../../../components/swarm/records";

test("a name leads to all tasks of a service, and a service of a stack has two names", () => {
  const tasks = [
    { service: "shop_web", stack: "shop", address: "10.90.1.10" },
    { service: "shop_web", stack: "shop", address: "10.90.1.9" },
    { service: "api", address: "10.90.0.2" },
    { service: "shop_web", stack: "other", address: "fd00:90::2" },
  ];
  expect(serviceRecords(tasks, "swarm.example")).toBe(
    `10.90.0.2 api.swarm.example
10.90.1.9 shop_web.swarm.example web.shop.swarm.example
10.90.1.10 shop_web.swarm.example web.shop.swarm.example
fd00:90::2 shop_web.swarm.example
`,
  );
});

test("what has no address is in no line", () => {
  expect(serviceRecords([{ service: "api", address: "" }], "swarm.example")).toBe("");
});
