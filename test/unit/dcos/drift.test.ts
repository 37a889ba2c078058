import { z } from "zod";
import { asItRuns, runsAsRendered } from "../../../components/dcos/provider/drift";
import { optionsOf, readable, serviceNameOf } from "../../../components/dcos/provider/labels";
import { describeWithShared, sharedText } from "../../helpers/shared";

const rendered = {
  id: "/marathon-lb",
  cpus: 2,
  args: ["sse", "-m", "http://marathon.mesos:8080"],
  ports: [80, 0],
  uris: ["file:///etc/docker.tar.gz"],
  container: {
    type: "DOCKER",
    docker: { image: "mesosphere/marathon-lb:v1.15.0", network: "HOST" },
  },
  healthChecks: [{ protocol: "MESOS_HTTP", path: "/_haproxy_health_check", portIndex: 2 }],
  env: { A: "1" },
  labels: { DCOS_PACKAGE_NAME: "marathon-lb" },
};

/** As Marathon shows it: with its defaults, ports it chose, and old forms written in new ones. */
const live = {
  ...rendered,
  ports: [80, 10_007],
  uris: undefined,
  fetch: [{ uri: "file:///etc/docker.tar.gz", extract: true }],
  networks: [{ mode: "host" }],
  container: {
    type: "DOCKER",
    docker: { image: "mesosphere/marathon-lb:v1.15.0", privileged: false },
    volumes: [],
  },
  healthChecks: [{ ...rendered.healthChecks[0], timeoutSeconds: 20 }],
  labels: { ...rendered.labels, DCOS_PACKAGE_OPTIONS: "e30=", DCOS_PACKAGE_DEFINITION: "e30=" },
  backoffSeconds: 1,
  tasksRunning: 1,
};
const { uris: _, ...shown } = live;

test("what Marathon adds, chooses and writes in another form is no difference", () => {
  expect(asItRuns(rendered, shown)).toEqual(rendered);
  expect(runsAsRendered(rendered, shown)).toBe(true);
});

test("what was changed, added to or taken from it is", () => {
  const changed = {
    ...shown,
    cpus: 1,
    args: ["sse"],
    container: { ...live.container, docker: { image: "other" } },
    env: { B: "2" },
    labels: { ...live.labels, MINE: "1" },
  };
  expect(asItRuns(rendered, changed)).toEqual({
    ...rendered,
    cpus: 1,
    args: ["sse"],
    container: { type: "DOCKER", docker: { image: "other", network: "HOST" } },
    env: { B: "2" },
    labels: { DCOS_PACKAGE_NAME: "marathon-lb", MINE: "1" },
  });
});

test("labels tell the options and the name of the service", () => {
  const encoded = Buffer.from('{"service":{"name":"x"}}').toString("base64");
  expect(optionsOf({ DCOS_PACKAGE_OPTIONS: encoded })).toEqual({ service: { name: "x" } });
  expect(optionsOf({ DCOS_PACKAGE_OPTIONS: "not base64 of JSON" })).toEqual({});
  expect(optionsOf({})).toEqual({});
  expect(serviceNameOf("/a/b", { DCOS_SERVICE_NAME: "x" })).toBe("x");
  expect(serviceNameOf("/a/b", { DCOS_PACKAGE_FRAMEWORK_NAME: "y" })).toBe("y");
  expect(serviceNameOf("/a/b", {})).toBe("a/b");
});

describeWithShared(
  "dcos-conformance/universe",
  "apps of the Universe as Marathon shows them",
  () => {
    const files = ["calico-3", "etcd-2", "marathon-28", "marathon-204", "marathon-301"].concat(
      "marathon-lb-35",
      "marathon-lb-45",
    );
    const json = z.record(z.string(), z.unknown());
    const shape = z.object({ rendered: json, marathonShows: json });

    test.each(files)("%s runs as rendered, and a change of it is seen", (file) => {
      const text = sharedText("dcos-conformance", "universe", "rendered", `${file}.json`);
      const { rendered: asked, marathonShows } = shape.parse(JSON.parse(text));
      // The labels that hold the package are no part of what is recorded.
      const recorded = readable(asked);
      expect(asItRuns(recorded, marathonShows)).toEqual(recorded);
      expect(runsAsRendered(recorded, marathonShows)).toBe(true);
      expect(runsAsRendered(recorded, { ...marathonShows, cpus: 9 })).toBe(false);
    });
  },
);
