import type { BalancerConfig, Service } from "../../../../standins/dcos/lb/config";

const check = { path: "/", tls: false, intervalSeconds: 3, timeoutSeconds: 2, failures: 3 };
/** An app of two tasks with addresses of their own. */
export const nginx: Service = {
  name: "g_nginx_10000",
  port: 10_000,
  mode: "tcp",
  hosts: [],
  weight: 0,
  sticky: false,
  redirectToHttps: false,
  allowed: [],
  check,
  servers: [
    { name: "192_168_128_1_80", address: "192.168.128.1", port: 80 },
    { name: "192_168_128_2_80", address: "192.168.128.2", port: 80 },
  ],
};

/** Everything that the configuration knows; `haproxy -c` sees it in the tests with daemons. */
export const full: BalancerConfig = {
  bind: "*",
  statsPort: 9090,
  web: { http: 80 },
  services: [
    nginx,
    {
      ...nginx,
      name: "shop_10001",
      port: 10_001,
      mode: "http",
      hosts: ["a.example", "b.example"],
      path: "/shop",
      sticky: true,
      redirectToHttps: true,
      allowed: ["10.0.0.0/8", "192.0.2.1"],
      check: { tls: true, intervalSeconds: 10, timeoutSeconds: 5, failures: 2, path: "/health" },
      servers: [{ name: "s_80", address: "10.0.0.1", port: 80, checkPort: 8081 }],
    },
    { ...nginx, name: "all_10002", port: 10_002, mode: "http", hosts: ["a.example"], servers: [] },
  ],
};
