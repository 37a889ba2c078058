import { Docker } from "../../util/docker";
import { inScratch } from "../../util/scratch";
import { requiredVariable, say } from "../../util/step";
import { stepKind } from "./router";

/** Builds the reflector's image on the Docker daemon of DOCKER_HOST; prints its id. */
export async function run(): Promise<void> {
  const docker = new Docker();
  const tag = requiredVariable("SEAMLESS_IMAGE");
  const id = await inScratch("reflector-image", async (scratch) => {
    await docker.build(await stepKind().image.make(tag, scratch, say));
    const { stdout } = await docker.run(["image", "inspect", "--format", "{{.Id}}", tag]);
    return stdout;
  });
  process.stdout.write(id);
}
