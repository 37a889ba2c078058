import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { etcdKeys, etcdV2Keys } from "../../components/dcos/etcd";
import { readIpam } from "../../components/dcos/verify/ipam";
import { Etcd } from "../helpers/etcd";
import { freePort } from "../helpers/ports";
import { plan } from "../unit/verify/fixture";

/* What Calico has written into its etcd, read back out of a real one by both of its APIs. */

const etcd = new Etcd();
beforeAll(() => etcd.up("--enable-v2"));
afterAll(() => etcd.down());

const stored = z
  .record(z.string(), z.string())
  .parse(
    JSON.parse(
      readFileSync(
        join(__dirname, "..", "unit", "fixtures", "calico-3.31", "ipam-etcd.json"),
        "utf8",
      ),
    ),
  );
const { dcos } = plan.coes;
if (dcos === undefined) throw new Error("no dcos in the fixture");

const block = {
  cidr: "192.168.132.128/26",
  owners: ["dcos/agent-1"],
  addresses: [
    {
      address: "192.168.132.128",
      holder: "calico-open.22561750-9d77-405b-bc7b-3a40fe3f031f",
      node: "dcos/agent-1",
    },
  ],
};

test("blocks are read by gRPC, from the first member that answers", async () => {
  for (const [key, value] of Object.entries(stored)) await etcd.put(key, value);
  const away = `http://127.0.0.1:${await freePort()}`;
  const read = await readIpam(dcos, etcdKeys([away, etcd.endpoint]));
  expect(read).toHaveLength(4);
  expect(read).toContainEqual(block);
});

test("a prefix without keys is empty, and keys beside it are left out", async () => {
  const read = etcdKeys([etcd.endpoint]);
  expect(await read("/nothing/")).toEqual(new Map());
  expect([...(await read("/calico/ipam/v2/config")).keys()]).toEqual(["/calico/ipam/v2/config"]);
});

test("without a member that answers, each is named", async () => {
  const away = `http://127.0.0.1:${await freePort()}`;
  await expect(etcdKeys([away])("/calico/")).rejects.toThrow(
    /^no member of etcd answers: http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/,
  );
  await expect(etcdKeys([])("/calico/")).rejects.toThrow(
    "no member of etcd answers: no endpoint is known",
  );
});

test("a Calico 2.x keeps them in the API of version 2", async () => {
  const put = async (key: string, value: string) => {
    const answer = await fetch(`${etcd.endpoint}/v2/keys${key}`, {
      method: "PUT",
      body: new URLSearchParams({ value }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const v1 = { ...dcos, calicoApi: "v1" as const };
  const read = etcdV2Keys([etcd.endpoint]);
  expect(await readIpam(v1, read)).toEqual([]);
  await put(
    "/calico/ipam/v2/assignment/ipv4/block/192.168.132.128-26",
    stored["/calico/ipam/v2/assignment/ipv4/block/192.168.132.128-26"] ?? "",
  );
  await put("/calico/ipam/v2/host/agent-1/ipv4/block/192.168.132.128-26", "");
  await put("/calico/bgp/v1/host/agent-1/ip_addr_v4", "172.16.18.43");
  expect(await readIpam(v1, read)).toEqual([block]);
});
