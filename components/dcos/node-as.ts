import { z } from "zod";
import { addressIn } from "../../util/net";
import {
  type GivenAsns,
  giveBackAsns,
  type NodeStore,
  type StepOptions,
  type StoredNode,
  setAsns,
  wantedAsns,
} from "../speakers/calico/node-as";
import { reach } from "./calico-etcd";
import { type AnyCalicoObject, Calicoctl } from "./calicoctl";

/** Input of the steps `calico-node-as` and `calico-node-as-delete`. */
export const calicoNodeAsInput = wantedAsns.extend({
  /** Endpoints of the etcd that is Calico's datastore. */
  etcdEndpoints: z.array(z.string()).min(1),
});

export type CalicoNodeAsInput = z.infer<typeof calicoNodeAsInput>;

/** Sets the AS of Calico's nodes. @throws SeamlessError when the datastore does not answer */
export async function applyCalicoNodeAs(
  input: CalicoNodeAsInput,
  previous: GivenAsns,
  options: StepOptions,
): Promise<GivenAsns> {
  const calicoctl = new Calicoctl(input.etcdEndpoints);
  await reach(calicoctl, options.timeoutMs ?? 60_000, options.say);
  return setAsns(nodeObjects(calicoctl), input, previous, options);
}

/** Gives the AS of Calico's nodes back as it was. A datastore that does not answer is taken to be gone. */
export async function removeCalicoNodeAs(
  input: CalicoNodeAsInput,
  given: GivenAsns,
  options: StepOptions,
): Promise<void> {
  try {
    await giveBackAsns(nodeObjects(new Calicoctl(input.etcdEndpoints)), given, options);
  } catch (thrown) {
    const names = Object.keys(given).join(", ");
    options.say(`left with their AS, if they are still there: ${names}: ${String(thrown)}`);
  }
}

const nodeSpec = z.object({
  bgp: z
    .object({ ipv4Address: z.string().optional(), asNumber: z.number().optional() })
    .prefault({}),
});

/** Calico's own nodes: in its datastore they may have other names than in the plan, but no other address. */
function nodeObjects(calicoctl: Calicoctl): NodeStore {
  return {
    list: async () => (await calicoctl.list("nodes")).map(storedNode),
    matches: ({ address }, _name, planned) => address === planned.address,
    write: (id, asn) =>
      calicoctl.patch(`Node/${id}`, {
        spec: { bgp: { asNumber: asn === undefined ? null : Number(asn) } },
      }),
  };
}

function storedNode({ metadata, spec }: AnyCalicoObject): StoredNode {
  const { ipv4Address, asNumber } = nodeSpec.parse(spec ?? {}).bgp;
  return {
    id: metadata.name,
    ...(ipv4Address === undefined ? {} : { address: addressIn(ipv4Address) }),
    ...(asNumber === undefined ? {} : { asn: String(asNumber) }),
  };
}
