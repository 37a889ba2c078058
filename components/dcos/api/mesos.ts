import { SeamlessError } from "../../../util/errors";
import { type DcosSession, excerpt } from "./session";
import { type MesosFramework, mesosState } from "./shapes";

/** The frameworks that are registered with Mesos, those that are disconnected for now included. */
export async function frameworks(session: DcosSession): Promise<readonly MesosFramework[]> {
  const answer = await session.send({ method: "GET", path: "/mesos/state" });
  if (answer.status >= 300) {
    throw new SeamlessError(`${answer.what}: HTTP ${answer.status}: ${excerpt(answer.text)}`);
  }
  const advice = "the URL has to be the cluster's own, for instance https://dcos.example.com";
  return session.read(answer, mesosState, "the Mesos master's", advice).frameworks;
}
