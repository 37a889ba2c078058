import { local } from "@pulumi/command";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  secret,
  unsecret,
} from "@pulumi/pulumi";
import type { Plan } from "../plan/types";
import { accessVariable, gateResult } from "./gate-input";
import type { UpdateOrder } from "./order";

export interface GateArgs {
  readonly plan: Plan;
  /** How everything is reached, as the stack outputs have it. */
  readonly access: Input<object>;
  /** Names of the COEs that run the probe. */
  readonly probes: readonly string[];
  readonly order: UpdateOrder;
}

/**
 * The gate between moving and narrowing: GETs between the COEs' probes are sent from before the widening on, and when all
 * COEs have moved the sessions and the traffic are verified. Where a check fails the update stops: reflectors go on
 * accepting the old and the new, and the next update goes on, or back.
 */
export class Gate extends ComponentResource {
  /** What was sent during the last update, and lost. */
  readonly traffic: Output<unknown>;

  constructor(name: string, args: GateArgs, options?: ComponentResourceOptions) {
    super("seamless:index:Gate", name, {}, options);
    const { plan, probes, order } = args;
    const stdin = JSON.stringify({ plan, probes }, null, 2);
    const access = secret(output(args.access).apply((reached) => JSON.stringify(reached)));
    const watch = new local.Command(
      `${name}-watch`,
      {
        create: "bin/seamless internal gate-watch",
        update: "bin/seamless internal gate-watch",
        environment: { [accessVariable]: access },
        stdin,
      },
      { parent: this },
    );
    order.looked.add(watch);
    const check = new local.Command(
      `${name}-check`,
      {
        create: "bin/seamless internal gate-check",
        update: "bin/seamless internal gate-check",
        // Another text whenever something was watched, so that the check runs again.
        environment: { [accessVariable]: access, SEAMLESS_WATCH: watch.stdout },
        stdin,
      },
      { parent: this, dependsOn: order.moved.and(watch) },
    );
    order.gated.add(check);
    // The access makes a secret of what the step prints, which holds no part of it.
    this.traffic = unsecret(check.stdout).apply(trafficOf);
    this.registerOutputs({ traffic: this.traffic });
  }
}

/** Where a preview knows nothing yet, there is nothing. */
function trafficOf(printed: string): unknown {
  try {
    return gateResult.parse(JSON.parse(printed)).traffic;
  } catch {
    return {};
  }
}
