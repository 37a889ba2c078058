import type { FrameworkCall } from "../protocol";
import type { Marathon } from "./marathon";
import type { Mesos } from "./mesos";

/** How a Marathon registers; what it wants and its id it adds itself. */
export type Registration = Omit<FrameworkCall, "id" | "tasks">;

/** What a Marathon tells the Mesos master. */
export function callOf(marathon: Marathon, registration: Registration): FrameworkCall {
  const { frameworkId } = marathon.state;
  return {
    ...registration,
    ...(frameworkId === undefined ? {} : { id: frameworkId }),
    tasks: marathon.orders(),
  };
}

/** Most exchanges in a row: a task that ends and its successor take two, a deployment's next step one more. */
const mostRounds = 5;

/** Lets a Marathon and a Mesos in one process talk until neither has news for the other. */
export function settle(marathon: Marathon, mesos: Mesos, registration: Registration): void {
  let asked = "";
  for (let round = 0; round < mostRounds; round++) {
    const call = callOf(marathon, registration);
    const asks = JSON.stringify(call.tasks);
    if (asks === asked) return;
    asked = asks;
    marathon.take(mesos.exchange(call));
  }
}
