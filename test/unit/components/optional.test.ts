import { optional } from "../../../components/cluster/objects";

/** kubectl that fails with these words, as a real one (1.33) says them. */
const failing = (stderr: string) => async () => ({ code: 1, stdout: "", stderr });
const what = ["installations.operator.tigera.io"];

test.each([
  'Error from server (NotFound): bgpconfigurations.crd.projectcalico.org "default" not found\n',
  'error: the server doesn\'t have a resource type "servicecidrs"\n',
])("what is not there is none: %j", async (stderr) => {
  expect(await optional(failing(stderr), what)).toEqual([]);
});

test.each([
  [
    'Error from server (Forbidden): installations.operator.tigera.io is forbidden: User "x" cannot list resource\n',
    /is forbidden.*give user/,
  ],
  ["The connection to the server 127.0.0.1:6443 was refused\n", /nobody answers there/],
  ["error: unknown\n", /unknown/],
])("what is not told is no absence: %j", async (stderr, message) => {
  await expect(optional(failing(stderr), what)).rejects.toThrow(message);
});
