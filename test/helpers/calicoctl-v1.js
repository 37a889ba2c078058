#!/usr/bin/env node
/**
 * Takes the place of calicoctl 1.x, which cannot be had any more: it keeps documents in a file, answers in the words of
 * calicoctl 1.6, and notes each of its command lines. It knows nothing of etcd or of Calico.
 */
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require("node:fs");
const { parse } = require("yaml");

const folder = process.env.SEAMLESS_TEST_CALICOCTL ?? "";
const argv = process.argv.slice(2);
appendFileSync(`${folder}/calls`, `${argv.join(" ")}\n`);

const file = `${folder}/store.json`;
const store = existsSync(file)
  ? JSON.parse(readFileSync(file, "utf8"))
  : { objects: [], config: {} };
const save = () => writeFileSync(file, JSON.stringify(store));
const fault = (name) =>
  existsSync(`${folder}/${name}`) && readFileSync(`${folder}/${name}`, "utf8");
const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};

const idOf = ({ kind, metadata }) =>
  `${kind.toLowerCase()}/${metadata.cidr ?? metadata.peerIP ?? metadata.name}`;

/** What is false or empty is left out, as Go's encoder does. */
function shown(value) {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, one]) =>
    one === false || one === "" ? [] : [[name, shown(one)]],
  );
  return Object.fromEntries(kept.filter(([, one]) => JSON.stringify(one) !== "{}"));
}

const defaults = { asNumber: "64512", nodeToNodeMesh: "on", logLevel: "info" };
const [command, ...rest] = argv;

if (command === "version") {
  process.stdout.write(fault("version") || "Client Version:    v1.6.5\nBuild date: then\n");
  process.exit(fault("version") ? 0 : 1);
}
if (fault("away")) fail("client: etcd cluster is unavailable or misconfigured");

if (command === "get") {
  const found = store.objects.filter(({ kind }) => kind.toLowerCase() === rest[0].toLowerCase());
  process.stdout.write(`${JSON.stringify(found.map(shown), null, 2)}\n`);
} else if (command === "apply") {
  const documents = parse(readFileSync(0, "utf8"));
  // As yaml.UnmarshalStrict says it of a field that came with 1.6.
  const older = /v1\.[0-5]\./.test(fault("version") || "");
  if (older && documents.some(({ spec }) => "types" in spec))
    fail("error unmarshaling JSON: field types not found in type api.PolicySpec");
  const refused = Number(fault("refuse") || documents.length);
  for (const one of documents.slice(0, refused)) {
    store.objects = store.objects.filter((other) => idOf(other) !== idOf(one));
    store.objects.push(one);
  }
  save();
  if (refused < documents.length) {
    process.stdout.write(
      `Partial success: applied the first ${refused} out of ${documents.length} resources:\n`,
    );
    fail("Hit error: error with field PeerIP = '172.16.18.300'");
  }
  process.stdout.write(`Successfully applied ${documents.length} resource(s)\n`);
} else if (command === "delete") {
  const id = `${rest[0].toLowerCase()}/${rest[1]}`;
  const pool = store.objects.find((one) => idOf(one) === id);
  if (pool?.kind === "ipPool" && pool.spec.disabled !== true) fail(`pool ${rest[1]} is in use`);
  store.objects = store.objects.filter((one) => idOf(one) !== id);
  save();
} else if (command === "config" && rest[0] === "set") {
  if (rest[1] === "nodeToNodeMesh" && rest[2] === "off") {
    if (!store.objects.some(({ kind }) => kind === "bgpPeer")) fail("no peers yet");
  }
  store.config[rest[1]] = rest[2];
  save();
} else if (command === "config" && rest[0] === "get") {
  process.stdout.write(`${store.config[rest[1]] ?? defaults[rest[1]]}\n`);
} else fail(`unknown command ${argv.join(" ")}`);
