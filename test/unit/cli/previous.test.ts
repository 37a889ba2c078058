import { previousReflectors } from "../../../components/reflector/previous";

test.each([undefined, "", "not JSON", "{}"])(
  "a run before that printed %j says nothing of the mesh, so that all sessions are waited for",
  (printed) => expect(previousReflectors(printed)).toBeUndefined(),
);

test("a run before says which reflectors it has asked", () => {
  const reflectors = { rr: { dockerHost: "unix:///run/docker.sock", container: "seamless-rr" } };
  expect(previousReflectors(JSON.stringify({ reflectors }))).toEqual(reflectors);
});
