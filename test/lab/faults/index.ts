import { beside } from "./beside";
import type { Fault } from "./fault";
import { ipam } from "./ipam";
import { names } from "./names";
import { objects } from "./objects";
import { reflector } from "./reflector";
import { routes } from "./routes";
import { sessions } from "./sessions";
import { traffic } from "./traffic";

const all: readonly Fault[] = [
  ...traffic,
  ...routes,
  ...beside,
  ...sessions,
  ...reflector,
  ...objects,
  ...ipam,
  ...names,
];

/** What `make test` plants. */
export const faults = all.filter(({ soak }) => soak === undefined);

/** What `make soak` plants beside those. */
export const moreFaults = all.filter(({ soak }) => soak === true);
