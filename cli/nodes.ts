import { facetOf } from "../components/contract/facet";
import { coeRuntimes } from "../components/kinds/runtime";
import type { NodeConfig } from "../config/types";
import { exitCode, SeamlessError } from "../util/errors";

/**
 * Asks a COE that is there already for its nodes.
 * @param access what the configuration says of how it is reached
 * @throws SeamlessError when it does not answer, or its kind is not asked
 */
export async function askForNodes(
  name: string,
  kind: string,
  access: unknown,
): Promise<Readonly<Record<string, NodeConfig>>> {
  const runtime = facetOf(coeRuntimes, { name, kind });
  if (runtime.nodes === undefined)
    throw new SeamlessError(`a ${kind} COE is not asked for its nodes`, exitCode.usage);
  return runtime.nodes(name, access);
}
