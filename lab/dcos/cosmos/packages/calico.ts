import { group, option, type Release } from "../package";

const config = {
  $schema: "http://json-schema.org/draft-04/schema#",
  ...group({
    "Framework Settings": group({
      "framework-name": option("string", "Name of the framework.", {
        default: "calico-install-framework",
      }),
      master: option("string", "Address of the Mesos masters in ZooKeeper.", {
        default: "zk://master.mesos:2181/mesos",
      }),
      "max-concurrent-restarts": option("integer", "Agents that restart at a time.", {
        default: 1,
      }),
      zk: option("string", "Address in ZooKeeper of its own state.", {
        default: "zk://master.mesos:2181/calico",
      }),
      "cpu-limit": option("number", "CPUs of the framework.", { default: 0.1 }),
      "mem-limit": option("number", "Memory of the framework in MiB.", { default: 512 }),
      "override-framework-image": option("string", "Another image of the framework.", {
        default: "",
      }),
    }),
    "Etcd Settings": group({
      "run-proxy": option("boolean", "Whether each agent runs a proxy.", { default: true }),
      "etcd-discovery-url": option("string", "Domain of etcd's SRV records.", {
        default: "etcd.mesos",
      }),
      "etcd-endpoints": option("string", "Where Calico finds etcd.", {
        default: "http://localhost:2379",
      }),
    }),
    "Configure Docker Cluster-Store": group({
      enable: option("boolean", "Whether Docker is given etcd as its store.", { default: true }),
      "override-docker-cluster-store": option("string", "Another store.", { default: "" }),
    }),
    "Install CNI": group({
      enable: option("boolean", "Whether the plugin is installed.", { default: true }),
      "cni-plugins-dir": option("string", "Mesos' folder of plugins.", {
        default: "/opt/mesosphere/active/cni/",
      }),
      "cni-config-dir": option("string", "Mesos' folder of networks.", {
        default: "/opt/mesosphere/etc/dcos/network/cni/",
      }),
    }),
    "Run Calico-Node": group({
      enable: option("boolean", "Whether agents run calico/node.", { default: true }),
      "override-node-image": option("string", "Another image of it.", { default: "" }),
    }),
  }),
};

const framework = "Framework Settings";
const etcd = "Etcd Settings";

const template = `{
  "id": "/calico-install-framework",
  "instances": 1,
  "cpus": {{${framework}.cpu-limit}},
  "mem": {{${framework}.mem-limit}},
  "container": {
    "type": "DOCKER",
    "docker": {
      "image": "{{${framework}.override-framework-image}}{{^${framework}.override-framework-image}}{{resource.assets.container.docker.framework}}{{/${framework}.override-framework-image}}",
      "network": "HOST"
    }
  },
  "env": {
    "FRAMEWORK_NAME": "{{${framework}.framework-name}}",
    "MESOS_MASTER": "{{${framework}.master}}",
    "ZK": "{{${framework}.zk}}",
    "MAX_CONCURRENT_RESTARTS": "{{${framework}.max-concurrent-restarts}}",
    "ETCD_ENDPOINTS": "{{${etcd}.etcd-endpoints}}",
    "ETCD_DISCOVERY": "{{#${etcd}.run-proxy}}{{${etcd}.etcd-discovery-url}}{{/${etcd}.run-proxy}}"
  },
  "labels": { "DCOS_PACKAGE_FRAMEWORK_NAME": "{{${framework}.framework-name}}" }
}
`;

/** The package `calico`: release 3 of the Universe. */
export const calicoReleases: readonly Release[] = [
  {
    packagingVersion: "3.0",
    name: "calico",
    version: "0.4.0",
    releaseVersion: 3,
    maintainer: "lab@example.com",
    description: "Brings Calico to every agent, one after the other.",
    tags: ["calico", "networking"],
    framework: true,
    preInstallNotes: "Agents and their Docker daemons are restarted.",
    config,
    resource: {
      assets: {
        container: {
          docker: { framework: "calico/calico-dcos:v0.4.0", node: "calico/node:v1.0.0" },
        },
      },
    },
    template,
    refused:
      "the stand-in does not install calico: it would replace the Calico that its agents run already with one of 2017 whose images are not at hand",
  },
];
