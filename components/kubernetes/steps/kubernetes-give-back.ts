import { readInput, say } from "../../../util/step";
import { kubeconfigVariable, refusal, withKubectl } from "../../cluster/kubectl";
import { giveBackInput } from "../inspect/input";
import { disownCommand, giveBackCommands, readBack } from "../past";

/** Gives a cluster what joining has overwritten. An object that is gone is left alone. */
export async function run(): Promise<void> {
  const { past, context } = await readInput(giveBackInput);
  if (past === null) return;
  await withKubectl(process.env[kubeconfigVariable], context, async (kubectl) => {
    const patch = async (args: readonly string[]) => {
      const result = await kubectl(args);
      if (result.code === 0) say(result.stdout.trim());
      else if (/\(NotFound\)/.test(result.stderr)) say(`it is gone: ${args.slice(1, 3).join(" ")}`);
      else throw refusal(kubectl, args, result);
    };
    for (const args of giveBackCommands(past)) await patch(args);
    for (const name of Object.keys(past.pools)) {
      const disown = await disownCommand(kubectl, name);
      if (disown !== undefined) await patch(disown);
    }
    say(await readBack(kubectl, past));
  });
}
