import { local } from "@pulumi/command";
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import type { Plan, ReflectorPlan } from "../../../plan/types";
import { asVersion1 } from "../../../plan/version1";
import { UpdateOrder } from "../../order";
import { readConfigOf } from "./model";

export interface ExternalRouterArgs {
  readonly plan: Plan;
  /** Which of the plan's reflectors this is. */
  readonly reflector: ReflectorPlan;
  /** Its record of the configuration, which says how it is asked. Default: nobody asks it. */
  readonly given?: object;
  /** How it is asked, where its record does not say it: in the lab. Default: as its record says. */
  readonly read?: ReturnType<typeof readConfigOf>;
  /** What waits for it. Default: there is nobody else. */
  readonly order?: UpdateOrder;
}

/**
 * A router that is there already and that its owner configures: nothing is made. Before anything is changed it is looked
 * at, where it can be asked, and what it has not of the plan is an error.
 */
export class ExternalRouter extends ComponentResource {
  /** There once it has everything of the plan. */
  readonly widened: Resource;
  /** How it is asked: the program that answers there, and how it is run; undefined where nobody asks it. */
  readonly read: ReturnType<typeof readConfigOf>;

  constructor(name: string, args: ExternalRouterArgs, options?: ComponentResourceOptions) {
    super("seamless:index:ExternalRouter", name, { reflector: args.reflector }, options);
    const { plan, reflector, given = {}, order = new UpdateOrder() } = args;
    const read = args.read ?? readConfigOf(given);
    this.read = read;
    const look = new local.Command(
      `${name}-look`,
      {
        create: "bin/seamless internal router-look",
        update: "bin/seamless internal router-look",
        stdin: JSON.stringify({
          plan: read === undefined ? asVersion1(plan) : planFor(plan),
          reflector: reflector.name,
          ...(read === undefined ? {} : { read }),
        }),
      },
      { parent: this },
    );
    order.looked.add(look);
    order.widened.add(look);
    if (args.order === undefined) order.close();
    this.widened = look;
    this.registerOutputs({});
  }
}

/** Sessions between routers are not what they were before there were any; the other ones are told as ever. */
function planFor(plan: Plan) {
  return Object.values(plan.reflectors).some(({ rack }) => rack !== undefined)
    ? plan
    : asVersion1(plan);
}
