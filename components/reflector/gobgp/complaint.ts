import { z } from "zod";
import { describeFailure, type ExecResult } from "../../../util/exec";

const line = z.object({
  level: z.literal("ERROR"),
  msg: z.string(),
  Error: z.string().default(""),
});

/** What `gobgpd -d` has against a file, out of its log of one JSON object on a line; undefined where it takes it. */
export function complaint(result: ExecResult): string | undefined {
  if (result.code === 0) return undefined;
  const said = `${result.stdout}\n${result.stderr}`.split("\n").flatMap((text) => {
    const { success, data } = line.safeParse(parsed(text));
    return success ? [`${data.msg}: ${data.Error.replace(/\s*\n\s*/g, " ")}`] : [];
  });
  return said.length === 0 ? describeFailure(["gobgpd", "-d"], result) : said.join("; ");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
