import { foundFile, type RouterDaemon, type Widened } from "./contract";
import { differences, type ReloadOptions, reload } from "./reload";

export interface ChangeOptions extends ReloadOptions {
  /** The time, for the result. Default: now. */
  readonly now?: Date;
}

/**
 * Before COEs move: brings a daemon to the plan's configuration, and keeps what it accepts already.
 * @returns what it has then, for people. It is another text each time something is kept, so that the step that narrows,
 * which has it as an input, runs again.
 * @throws SeamlessError when the daemon does not end up with what the file says
 */
export async function widenReflector(
  daemon: RouterDaemon,
  planned: string,
  { now = new Date(), ...options }: ChangeOptions,
): Promise<string> {
  const { text, kept } = await widened(daemon, planned);
  const has = await reload(daemon, text, options);
  if (kept.length === 0) return has;
  for (const one of kept) options.say(`${daemon.name} keeps until the COEs have moved: ${one}`);
  return `${has}, of these ${kept.length} until the end of the update of ${now.toISOString()}`;
}

/** What the daemon does not answer for, its file does: it reads that again when it starts. */
async function widened(daemon: RouterDaemon, planned: string): Promise<Widened> {
  const { kind } = daemon;
  const file = await daemon.read();
  const fromFile = foundFile(kind, file);
  if (file === undefined || fromFile === undefined) return { text: planned, kept: [] };
  try {
    const { neighbors, accepted } = await kind.read(daemon);
    return kind.widen(planned, { file, neighbors: Object.keys(neighbors), accepted });
  } catch {
    const neighbors = Object.keys(fromFile.neighbors);
    return kind.widen(planned, { file, neighbors, accepted: fromFile.accepted });
  }
}

/**
 * After COEs have moved: brings a daemon to the plan's configuration and nothing more.
 * @returns what it has then, for people
 * @throws SeamlessError when the daemon does not end up with what the file says
 */
export async function narrowReflector(
  daemon: RouterDaemon,
  planned: string,
  options: ReloadOptions,
): Promise<string> {
  if ((await daemon.read()) === planned) {
    const file = daemon.kind.describe(planned);
    const state = await daemon.kind.read(daemon).catch(() => undefined);
    if (state !== undefined && differences(file, state).length === 0)
      return `${daemon.name}: as planned`;
  }
  await reload(daemon, planned, options);
  return `${daemon.name}: as planned`;
}
