import { coeRuntimes } from "../../components/kinds/runtime";
import { requiredVariable } from "../../util/step";
import { watchTraffic } from "../../verify/traffic/watch";
import { gateInput } from "./gate";

/** Counts until the gate has seen enough; started by `gate-watch`. */
export async function run(): Promise<void> {
  const file = requiredVariable("SEAMLESS_COUNTS");
  await watchTraffic(await gateInput(), coeRuntimes, file);
}
