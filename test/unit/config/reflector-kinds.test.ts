import { z } from "zod";
import { coeModels } from "../../../components/kinds/models";
import { type Kinds, parseConfig } from "../../../config";

const kinds: Kinds = {
  coes: coeModels,
  reflectors: {
    boxed: {
      fields: { box: z.string().exactOptional() },
      check: ({ written }, at) =>
        written.box === "wet"
          ? [{ path: [...at, "box"], message: 'found "wet"; allowed: a dry one' }]
          : [],
    },
    plain: { fields: {}, check: () => [] },
  },
};

const withReflectors = (reflectors: object) => () =>
  parseConfig(
    {
      network: { nodes: "192.0.2.0/24", asn: 64511 },
      reflectors,
      coes: {
        prod: {
          kind: "kubernetes",
          podCidr: "10.64.0.0/16",
          policy: "open",
          access: { kubeconfig: "~/.kube/config" },
          nodes: { "worker-1": { address: "192.0.2.2" } },
        },
      },
    },
    { kinds },
  );

test("a reflector has the fields of its kind, which the kind itself judges", () => {
  const boxed = { kind: "boxed", address: "192.0.2.3", box: "dry" };
  expect(withReflectors({ one: boxed })().reflectors).toEqual({ one: boxed });
  expect(withReflectors({ one: { ...boxed, box: "wet" } })).toThrow(
    'reflectors.one.box: found "wet"; allowed: a dry one',
  );
  expect(withReflectors({ one: { ...boxed, box: 3 } })).toThrow(
    "reflectors.one.box: found 3; allowed: a text",
  );
});

test("a field of another kind is unknown; of a kind that is unknown, only the kind is wrong", () => {
  const plain = { kind: "plain", address: "192.0.2.3", box: "dry" };
  expect(withReflectors({ one: plain })).toThrow(
    /^reflectors\.one\.box: unknown key; allowed: address, address6, asn, clusterId, kind, port, rack, routerId$/m,
  );
  expect(withReflectors({ one: { ...plain, kind: "boxy" } })).toThrow(
    /^reflectors\.one\.kind: found "boxy"; allowed: boxed, plain; did you mean boxed\?$/m,
  );
});
