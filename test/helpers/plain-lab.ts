import type { Config } from "../../config/types";

/** The reference lab with a DC/OS that has neither packages nor a range that load balancers announce. */
export function withoutPackages(config: Config): Config {
  const { dcos, ...others } = config.coes;
  if (dcos === undefined) throw new Error("no dcos in the lab");
  const { loadBalancerCidr: _range, ...rest } = dcos;
  return { ...config, coes: { ...others, dcos: { ...rest, packages: {} } } };
}
