/** The port of etcd's clients, unless its package is told another. */
export const etcdPort = 2379;
