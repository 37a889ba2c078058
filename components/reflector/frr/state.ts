import { type Asker, fenceLine, type RouterState } from "../contract";
import { acceptedIn, openIn, roleOf } from "./file";
import { establishedIn } from "./tables";
import { parseFrrText } from "./text";

/** What `show running-config` begins with. */
const configuration = "Building configuration...";

/** What it is asked for that. */
export const frrQuestions: readonly string[] = [
  ...["-c", "show bgp summary json", "-c", "show running-config"],
];

/** Asks a daemon for what it works with. @throws Error when it does not answer */
export async function readFrr(daemon: Asker): Promise<RouterState> {
  return frrStateOf(await daemon.ask(frrQuestions));
}

/** Reads its answer to {@link frrQuestions}. @throws Error when it is something else */
export function frrStateOf(said: string): RouterState {
  const at = said.indexOf(configuration);
  if (at === -1) throw new Error("no configuration in what vtysh says");
  const up = establishedIn(said.slice(0, at));
  const all = parseFrrText(said.slice(at));
  const accepted = acceptedIn(all);
  return {
    neighbors: Object.fromEntries(
      [...all.neighbors.keys()].map((address) => [
        address,
        { ...roleOf(all, address), established: up.has(address) },
      ]),
    ),
    accepted,
    fence: [...accepted.map(fenceLine), ...openIn(all)].sort(),
  };
}

/** Asks it for its neighbours alone. @throws Error when it does not answer */
export async function readFrrNeighbors(daemon: Asker): Promise<RouterState["neighbors"]> {
  return (await readFrr(daemon)).neighbors;
}
