import { Docker } from "../../util/docker";
import { requiredVariable, say } from "../../util/step";
import { stepKind } from "./router";

/** Builds the reflector's image on the Docker daemon of DOCKER_HOST; prints its id. */
export async function run(): Promise<void> {
  const docker = new Docker();
  const tag = requiredVariable("SEAMLESS_IMAGE");
  await docker.build(await stepKind().image.make(tag, say));
  const { stdout } = await docker.run(["image", "inspect", "--format", "{{.Id}}", tag]);
  process.stdout.write(stdout);
}
