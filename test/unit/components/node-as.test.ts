import {
  giveBackAsns,
  givenAsns,
  type NodeStore,
  type StoredNode,
  setAsns,
} from "../../../components/speakers/calico/node-as";

const said: string[] = [];
const options = { say: (message: string) => said.push(message), timeoutMs: 0 };

beforeEach(() => said.splice(0));

/** Nodes in memory, by name. */
function storeOf(asns: Record<string, string | undefined>): NodeStore & { asns: typeof asns } {
  return {
    asns,
    list: async () =>
      Object.entries(asns).map(
        ([id, asn]): StoredNode => ({ id, ...(asn === undefined ? {} : { asn }) }),
      ),
    matches: ({ id }, name) => id === name,
    write: async (id, asn) => {
      asns[id] = asn;
    },
  };
}

const wanted = (asn: number, nodes: Readonly<Record<string, number>>) => ({
  asn,
  nodes: Object.fromEntries(
    Object.entries(nodes).map(([name, own]) => [name, { address: "192.0.2.1", asn: own }]),
  ),
});

test("sets what differs alone, and gives it back as it was", async () => {
  const store = storeOf({
    none: undefined,
    common: undefined,
    right: "0.64601",
    wrong: "64999",
    unread: "0xfde9",
    stranger: "64998",
  });
  const nodes = { none: 64601, common: 64600, right: 64601, wrong: 64600, unread: 64601 };
  const given = await setAsns(store, wanted(64600, nodes), {}, options);
  expect(store.asns).toEqual({
    ...{ none: "64601", common: undefined, right: "0.64601", wrong: "64600", unread: "64601" },
    stranger: "64998",
  });
  expect(said).toEqual([
    "none: AS 64600 of all -> 64601",
    "wrong: AS 64999 -> 64600",
    "unread: AS 64600 of all -> 64601",
  ]);
  expect(given).toEqual({
    none: { set: 64601 },
    wrong: { set: 64600, before: "64999" },
    unread: { set: 64601, before: "0xfde9" },
  });
  // As it goes from one run to the next.
  const printed = givenAsns.parse(JSON.parse(JSON.stringify(given)));
  expect(await setAsns(store, wanted(64600, nodes), printed, options)).toEqual(given);
  await giveBackAsns(store, printed, options);
  expect(store.asns).toMatchObject({ none: undefined, wrong: "64999", unread: "0xfde9" });
});

test("what was there first is given back, however often it was changed since", async () => {
  const store = storeOf({ a: "64999" });
  const once = await setAsns(store, wanted(64600, { a: 64601 }), {}, options);
  const twice = await setAsns(store, wanted(64600, { a: 64602 }), once, options);
  expect(twice).toEqual({ a: { set: 64602, before: "64999" } });
  await giveBackAsns(store, twice, options);
  expect(store.asns).toEqual({ a: "64999" });
});

test("another AS for nodes without one changes no node's AS", async () => {
  const store = storeOf({ a: undefined, b: "64601" });
  await setAsns(store, wanted(64601, { a: 64600, b: 64601 }), { b: { set: 64601 } }, options);
  expect(store.asns).toEqual({ a: "64600", b: "64601" });
});

test("what somebody has set since, and who is gone, is left alone", async () => {
  const store = storeOf({ a: "64777", c: undefined });
  await giveBackAsns(store, { a: { set: 64601 }, b: { set: 64601 }, c: { set: 64601 } }, options);
  expect(store.asns).toEqual({ a: "64777", c: undefined });
  expect(said).toEqual([]);
});

test("nodes that Calico does not know are named, before any is set", async () => {
  const store = storeOf({ a: undefined });
  const nodes = { a: 64601, b: 64602, c: 64600 };
  await expect(setAsns(store, wanted(64600, nodes), {}, options)).rejects.toThrow(
    "gave up after 0 s waiting for Calico to know all nodes that are in another AS: no node b (AS 64602)",
  );
  expect(store.asns).toEqual({ a: undefined });
});
