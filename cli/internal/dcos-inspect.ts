import { DcosSession } from "../../components/dcos/api/session";
import { accessOf } from "../../components/dcos/app-input";
import { refuseUnsafe } from "../../components/dcos/inspect";
import { dcosInspectInput } from "../../components/dcos/inspect/input";
import { readInput, say } from "./input";

/** Ends well unless something of the cluster stands in the way of the plan. */
export async function run(): Promise<void> {
  const { coe, calico, etcdEndpoints, ...access } = await readInput(dcosInspectInput);
  const session = new DcosSession(accessOf(access, process.env), { say });
  await refuseUnsafe(session, { coe, calico, etcdEndpoints });
}
