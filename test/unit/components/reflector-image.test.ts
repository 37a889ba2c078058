import { bird } from "../../../components/reflector/bird";
import { gobgp } from "../../../components/reflector/gobgp";
import { type ImageHost, pullImage } from "../../../components/reflector/image";

const id = `sha256:${"a".repeat(64)}`;
const pinned = `registry.example.com/gobgp@sha256:${"b".repeat(64)}`;
const tag = "registry.example.com/gobgp:4.8.0";

interface Given {
  /** What `gobgpd --version` prints. Default: that of 4.8.0. */
  readonly printed?: string;
  /** Whether it is there without a pull. Default: false. */
  readonly there?: boolean;
  readonly digests?: readonly string[];
  /** A program that it does not have. */
  readonly missing?: string;
}

/** A daemon that notes what it is asked; its answers are those of docker. */
function daemon({
  printed = "gobgpd version 4.8.0\n",
  there = false,
  digests = [],
  missing,
}: Given) {
  const asked: string[] = [];
  let has = there;
  const host: ImageHost = {
    image: async () => (has ? { id, digests } : undefined),
    pull: async (reference) => {
      asked.push(`pull ${reference}`);
      has = true;
    },
    run: async (args) => {
      asked.push(args.join(" "));
      if (missing !== undefined && args.includes(missing))
        throw new Error(
          `docker run: exit code 127: exec: "${missing}": executable file not found in $PATH`,
        );
      return { code: 0, stdout: args.includes("gobgpd") ? printed : "usage", stderr: "" };
    },
  };
  return { host, asked };
}

async function pull(given: Given, reference = pinned) {
  const { host, asked } = daemon(given);
  const said: string[] = [];
  const found = await pullImage(gobgp, host, reference, (message) => said.push(message));
  return { found, asked, said };
}

const run = "run --rm --network none --read-only --cap-drop ALL --entrypoint";

test("an image by its digest is pulled once, tried, and known by its id", async () => {
  expect(await pull({})).toEqual({
    found: id,
    asked: [`pull ${pinned}`, `${run} gobgp ${id} --help`, `${run} gobgpd ${id} --version`],
    said: [],
  });
  expect((await pull({ there: true })).asked).not.toContain(`pull ${pinned}`);
});

test("for a tag it says the digest that it means now, or the id of one from no registry", async () => {
  expect((await pull({ digests: [pinned] }, tag)).said).toEqual([
    `image: ${tag} is a tag, which may mean another image tomorrow; it is now ${pinned}: write that`,
  ]);
  expect((await pull({ there: true }, tag)).said).toEqual([
    `image: ${tag} is a tag, which may mean another image tomorrow; it is now ${id}: write that`,
  ]);
  expect((await pull({ there: true }, id)).said).toEqual([]);
});

test.each(["4.5.0", "4.10.2", "5.0.0"])("gobgpd %s will do", async (version) => {
  expect((await pull({ printed: `gobgpd version ${version}\n` })).found).toBe(id);
});

test.each(["3.37.0", "4.4.9", "master", ""])("gobgpd %j will not", async (version) => {
  await expect(pull({ printed: `gobgpd version ${version}\n` })).rejects.toThrow(
    `image: found ${pinned} with gobgpd ${version}; allowed: 4.5.0 or newer`,
  );
});

test.each(["gobgp", "gobgpd"])(
  "an image without %s is refused with what is missing",
  async (missing) => {
    await expect(pull({ missing })).rejects.toThrow(
      `image: ${pinned} has to run gobgpd and gobgp by these names: docker run: exit code 127: exec: "${missing}": executable file not found in $PATH`,
    );
  },
);

test("BIRD's client ends badly whatever it is asked, and is there when it says how it is used", async () => {
  const usage =
    "exit code 1: birdcl: invalid option -- 'h'; Usage: birdcl [-s <control-socket>] [-v] [-r] [-l]";
  const saying = (client: string): ImageHost => ({
    image: async () => ({ id, digests: [] }),
    pull: async () => undefined,
    run: async (args) => {
      if (args.includes("birdcl")) throw new Error(client);
      return { code: 0, stdout: "", stderr: "BIRD version 2.0.12\n" };
    },
  });
  const say = () => undefined;
  expect(await pullImage(bird, saying(usage), pinned, say)).toBe(id);
  await expect(pullImage(bird, saying("exit code 127"), pinned, say)).rejects.toThrow(
    `image: ${pinned} has to run bird and birdcl by these names: exit code 127`,
  );
});
