import { readInput, say } from "../../../util/step";
import { DcosSession } from "../api/session";
import { accessOf } from "../app-input";
import { refuseUnsafe } from "../inspect";
import { dcosInspectInput } from "../inspect/input";

/** Ends well unless something of the cluster stands in the way of the plan. */
export async function run(): Promise<void> {
  const { coe, calico, etcdEndpoints, ...access } = await readInput(dcosInspectInput);
  const session = new DcosSession(accessOf(access, process.env), { say });
  await refuseUnsafe(session, { coe, calico, etcdEndpoints });
}
