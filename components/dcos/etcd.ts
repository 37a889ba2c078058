import { readFile } from "node:fs/promises";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { BinaryReader, BinaryWriter } from "google-protobuf";
import { z } from "zod";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { exchange } from "../ask/http";

/** What is asked of etcd by itself: calicoctl prints neither the owners of blocks nor what is in use. */

/** By key, the values below a key of an etcd. @throws SeamlessError when no member answers in time */
export type ReadKeys = (prefix: string) => Promise<ReadonlyMap<string, string>>;

const timeoutMs = 5_000;

/** Any length: a block of addresses is 3 KiB, and a cluster has thousands. */
const unlimited = { "grpc.max_receive_message_length": -1 };

/** Reads by the API of version 3, with the certificates that calicoctl takes from the environment. */
export function etcdKeys(
  endpoints: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ReadKeys {
  return (prefix) => anyOf(endpoints, (endpoint) => range(endpoint, prefix, env));
}

/** Reads by the API of version 2, which is where Calico 2.x keeps what it knows. */
export function etcdV2Keys(
  endpoints: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ReadKeys {
  return (prefix) => anyOf(endpoints, (endpoint) => tree(endpoint, prefix, env));
}

async function anyOf<T>(
  endpoints: readonly string[],
  ask: (endpoint: string) => Promise<T>,
): Promise<T> {
  const said: string[] = [];
  for (const endpoint of endpoints) {
    try {
      return await ask(endpoint);
    } catch (thrown) {
      said.push(`${endpoint}: ${messageOf(thrown)}`);
    }
  }
  throw new SeamlessError(
    `no member of etcd answers: ${said.join("; ") || "no endpoint is known"}`,
    exitCode.nothingToCheck,
  );
}

async function range(
  endpoint: string,
  prefix: string,
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, string>> {
  const { protocol, host, port, hostname } = new URL(endpoint);
  const secure = protocol === "https:";
  const client = new Client(
    port === "" ? `${hostname}:${secure ? 443 : 80}` : host,
    secure ? credentials.createSsl(...(await certificates(env))) : credentials.createInsecure(),
    unlimited,
  );
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        "/etcdserverpb.KV/Range",
        rangeRequest,
        rangeResponse,
        prefix,
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null, value?: ReadonlyMap<string, string>) =>
          error === null ? resolve(value ?? new Map()) : reject(new Error(error.details)),
      );
    });
  } finally {
    client.close();
  }
}

async function certificates(env: NodeJS.ProcessEnv) {
  const [ca, key, cert] = await Promise.all(
    [env.ETCD_CA_CERT_FILE, env.ETCD_KEY_FILE, env.ETCD_CERT_FILE].map((file) =>
      file ? readFile(file) : null,
    ),
  );
  return [ca ?? null, key ?? null, cert ?? null] as const;
}

/** RangeRequest of etcd's rpc.proto: from the prefix up to the first key behind all that begin with it. */
function rangeRequest(prefix: string): Buffer {
  const key = Buffer.from(prefix);
  const end = Buffer.from(key);
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  const writer = new BinaryWriter();
  writer.writeBytes(1, key);
  writer.writeBytes(2, end);
  return Buffer.from(writer.getResultBuffer());
}

/** RangeResponse, of which the field 2 has a KeyValue of kv.proto each: its key is 1, its value 5. */
function rangeResponse(bytes: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const reader = new BinaryReader(bytes);
  while (reader.nextField()) {
    if (reader.getFieldNumber() !== 2) {
      reader.skipField();
      continue;
    }
    const pair = new BinaryReader(reader.readBytes());
    const text = () => Buffer.from(pair.readBytes()).toString("utf8");
    let [key, value] = ["", ""];
    while (pair.nextField()) {
      if (pair.getFieldNumber() === 1) key = text();
      else if (pair.getFieldNumber() === 5) value = text();
      else pair.skipField();
    }
    found.set(key, value);
  }
  return found;
}

interface Node {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
  readonly nodes?: readonly Node[] | undefined;
}

const node: z.ZodType<Node> = z.lazy(() =>
  z.object({
    key: z.string().optional(),
    value: z.string().optional(),
    nodes: z.array(node).optional(),
  }),
);
const answer = z.object({ node });

async function tree(
  endpoint: string,
  prefix: string,
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, string>> {
  const url = new URL(`/v2/keys${prefix.replace(/\/$/, "")}`, endpoint);
  url.searchParams.set("recursive", "true");
  const [ca] = await certificates(env);
  const { status, text } = await exchange({
    ...{ method: "GET", url, headers: {}, timeoutMs },
    ...(ca === null ? {} : { ca: ca.toString("utf8") }),
  });
  // Without such a key.
  if (status === 404) return new Map();
  if (status !== 200) throw new Error(`HTTP ${status}: ${text.trim().slice(0, 120)}`);
  return new Map(leaves(answer.parse(JSON.parse(text)).node));
}

function leaves({ key, value, nodes }: Node): [string, string][] {
  const own: [string, string][] = key === undefined || value === undefined ? [] : [[key, value]];
  return [...own, ...(nodes ?? []).flatMap(leaves)];
}
