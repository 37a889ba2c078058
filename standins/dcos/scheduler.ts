import { messageOf, SeamlessError } from "../../util/errors";
import { type FrameworkAnswer, type FrameworkCall, isFrameworkAnswer } from "./protocol";

const timeoutMs = 5_000;

/** ZooKeeper's own port, where the stand-in has none. */
const zookeeperPort = "2181";
/** Port of the Mesos master, which also answers for what ZooKeeper would. */
const mesosPort = "5050";

/** What an address in ZooKeeper stands for here. */
export interface ZooKeeperAddress {
  /** Base URL of the Mesos master. */
  readonly url: string;
  /** Path of the node, with a leading slash and no trailing one. */
  readonly path: string;
}

/**
 * Reads `zk://<host>:<port>[,<host>:<port>...]/<path>`. The stand-in has no ZooKeeper: the Mesos master of the first
 * host keeps the nodes, at port 5050 for ZooKeeper's 2181 and otherwise at the port that is named.
 * @throws SeamlessError when it is no such address
 */
export function readZooKeeper(text: string): ZooKeeperAddress {
  const [, host, port, path] = /^zk:\/\/([^:,/]+)(?::([0-9]+))?[^/]*(\/.*?)?\/?$/.exec(text) ?? [];
  if (host === undefined) {
    throw new SeamlessError(`${text}: expected zk://<host>:<port>/<path>`, 2);
  }
  const actual = port === undefined || port === zookeeperPort ? mesosPort : port;
  return { url: `http://${host}:${actual}`, path: path ?? "" };
}

/** The framework was ended by the master: it may register again, but as a new one. */
export class FrameworkRemoved extends Error {
  constructor() {
    super("Framework has been removed");
    this.name = "FrameworkRemoved";
  }
}

/** Says what a framework wants and hears how things stand. */
export async function exchange(url: string, call: FrameworkCall): Promise<FrameworkAnswer> {
  const target = `${url}/frameworks/${encodeURIComponent(call.name)}`;
  const { status, text } = await send("POST", target, JSON.stringify(call));
  if (status === 410) throw new FrameworkRemoved();
  const answer: unknown = status === 200 ? JSON.parse(text) : undefined;
  if (!isFrameworkAnswer(answer)) throw new Error(`POST ${target}: HTTP ${status}: ${text.trim()}`);
  return answer;
}

/** Ends a framework and its tasks. No error when there is none of that id any more. */
export async function teardown(url: string, id: string): Promise<void> {
  const target = `${url}/master/teardown`;
  const { status, text } = await send("POST", target, `frameworkId=${encodeURIComponent(id)}`);
  if (status !== 200 && status !== 400) {
    throw new Error(`POST ${target}: HTTP ${status}: ${text.trim()}`);
  }
}

/** One node of what takes ZooKeeper's place, with the nodes below it. */
export class StoreNode {
  private readonly url: string;

  constructor({ url, path }: ZooKeeperAddress) {
    this.url = `${url}/store${path}`;
  }

  /** The text of a node below this one; undefined when there is none. */
  async get(name: string): Promise<string | undefined> {
    const { status, text } = await send("GET", `${this.url}/${name}`);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${this.url}/${name}: HTTP ${status}: ${text.trim()}`);
    return text;
  }

  async set(name: string, value: string): Promise<void> {
    const { status, text } = await send("PUT", `${this.url}/${name}`, value);
    if (status !== 204) throw new Error(`PUT ${this.url}/${name}: HTTP ${status}: ${text.trim()}`);
  }

  /** Removes the node and all below it. */
  async remove(): Promise<void> {
    const { status, text } = await send("DELETE", this.url);
    if (status !== 204) throw new Error(`DELETE ${this.url}: HTTP ${status}: ${text.trim()}`);
  }
}

async function send(
  method: string,
  url: string,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    throw new Error(`${method} ${url}: ${messageOf(cause)}`);
  }
}
