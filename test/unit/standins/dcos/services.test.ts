/** Which services the stand-in's Admin Router knows, and for how long. */
import { Services } from "../../../../standins/dcos/router/services";
import { type Recorded, RecordingServer } from "../../../helpers/recording-server";

const server = new RecordingServer();
let now = 0;
let services: Services;

const frameworks = [
  { id: "id-1", name: "etcd", webui_url: "http://10.0.0.1:31000/" },
  { id: "id-2", name: "no-page", webui_url: "" },
];
const app = (name: string, port: number) => ({
  labels: { DCOS_SERVICE_NAME: name, DCOS_SERVICE_SCHEME: "http", DCOS_SERVICE_PORT_INDEX: "0" },
  tasks: [{ state: "TASK_RUNNING", host: "10.0.0.2", ports: [port] }],
});
let apps = [app("web", 1)];

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  now = 1_000_000;
  apps = [app("web", 1)];
  server.requests.splice(0);
  server.answer = () => ({ status: 200, body: { apps, frameworks } });
  const urls = { marathonUrl: server.url, mesosUrl: server.url };
  services = new Services(urls, undefined, () => now);
});
afterEach(() => services.stop());

const at = (url: string) => ({ upstream: { url, rewrites: true } });
const paths = () => server.requests.map(({ path }) => path.split("?")[0]);

test("the first request waits for one look at both lists; those that follow ask nobody", async () => {
  const first = await Promise.all([services.find("web/"), services.find("etcd/v1/plans")]);
  expect(first).toMatchObject([at("http://10.0.0.2:1"), at("http://10.0.0.1:31000")]);
  expect(await services.find("none/")).toBeUndefined();
  expect(paths()).toEqual(["/master/state-summary", "/v2/apps"]);
});

test("a framework is found by its name and its id, an app goes first, and one without a page is none", async () => {
  apps = [app("web", 1), app("etcd", 2)];
  expect(await services.find("etcd/")).toMatchObject(at("http://10.0.0.2:2"));
  expect(await services.find("id-1/x")).toMatchObject({
    name: "id-1",
    ...at("http://10.0.0.1:31000"),
  });
  expect(await services.find("no-page/")).toBeUndefined();
});

test("the list that cannot be had is named; Mesos' is needed only where Marathon's has no such name", async () => {
  const away =
    (prefix: string) =>
    ({ path }: Recorded) =>
      path.startsWith(prefix)
        ? { status: 500, body: {} }
        : { status: 200, body: { apps, frameworks } };
  const errors = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    server.answer = away("/master");
    expect(await services.find("web/")).toMatchObject(at("http://10.0.0.2:1"));
    expect(await services.find("etcd/")).toBe("Mesos state");
    services.stop();
    services = new Services({ marathonUrl: server.url, mesosUrl: server.url });
    server.answer = away("/v2/apps");
    expect(await services.find("etcd/")).toBe("Marathon svcapps");
  } finally {
    errors.mockRestore();
  }
});

test("a list of three days ago is still used, an older one is none", async () => {
  await services.find("web/");
  now += 259_200_000;
  expect(await services.find("web/")).toMatchObject(at("http://10.0.0.2:1"));
  now += 1_000;
  expect(await services.find("web/")).toBe("Marathon svcapps");
});
