import { Services } from "../../standins/dcos/router/services";
import { waitFor } from "../../util/wait";
import { RecordingServer } from "../helpers/recording-server";

const marathon = new RecordingServer();
beforeAll(() => marathon.start());
afterAll(() => marathon.stop());

/** The seconds until Admin Router knows a service that is there from now on. */
async function secondsUntil(services: Services, name: string): Promise<number> {
  const begun = performance.now();
  await waitFor({ what: name, timeoutMs: 60_000, intervalMs: 100 }, async () =>
    (await services.find(name)) === undefined
      ? { done: false, seen: "not known yet" }
      : { done: true, value: undefined },
  );
  return (performance.now() - begun) / 1000;
}

test("Admin Router's list of services is as old as on DC/OS: one look at the first request, the next 25 s after the start's", async () => {
  const app = (name: string) => ({
    labels: {
      DCOS_SERVICE_NAME: name,
      DCOS_SERVICE_SCHEME: "http",
      DCOS_SERVICE_PORT_INDEX: "0",
    },
    tasks: [{ state: "TASK_RUNNING", host: "10.0.0.1", ports: [1] }],
  });
  const apps = [app("first")];
  marathon.answer = () => ({ status: 200, body: { apps, frameworks: [] } });
  const services = new Services({ marathonUrl: marathon.url, mesosUrl: marathon.url });
  services.start();
  try {
    // The first request does not wait for the first look.
    const first = await secondsUntil(services, "first");
    expect(first).toBeLessThan(1);
    apps.push(app("second"));
    const second = await secondsUntil(services, "second");
    expect([second > 20, second < 32]).toEqual([true, true]);
  } finally {
    services.stop();
  }
}, 120_000);
