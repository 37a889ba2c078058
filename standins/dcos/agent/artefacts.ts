import type { Images } from "./image";

/** Of an image or an artefact: paths in the sandbox, each with the program that is run there. */
export type SandboxFiles = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The name by which the program that stands in for etcd's scheduler is among the images; it has none of its own. */
const etcdScheduler = "seamless/etcd-scheduler";

/**
 * What the packages' commands find in their sandbox in place of what cannot be had, by the image's repository or the last
 * part of the artefact's URI. This is the only place where what a package runs is another program than on DC/OS: its app
 * and the command in it are those of the Universe.
 */
export function packageFiles(images: Images): SandboxFiles {
  const { "mesosphere/marathon": marathon, [etcdScheduler]: scheduler } = images;
  const nothing = ["/bin/true"];
  return {
    ...(marathon === undefined ? {} : { "mesosphere/marathon": { "bin/start": marathon } }),
    ...(scheduler === undefined
      ? {}
      : {
          "bootstrap.zip": { bootstrap: nothing },
          "operator-scheduler.zip": { "operator-scheduler/bin/operator": scheduler },
          // The scheduler is not in Java and talks to the master by HTTP; these are looked for all the same.
          "server-jre-8u162-linux-x64.tar.gz": { "jdk1.8.0_162/jre/bin/java": nothing },
          "libmesos-bundle-1.11.0.tar.gz": {
            "libmesos-bundle/lib/libmesos-1.11.0.so": nothing,
          },
          "svc.yml": { "svc.yml": nothing },
        }),
  };
}
