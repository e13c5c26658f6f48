/**
 * What makes addresses and names of the cluster work on a node: the runtime's network configuration, the service proxy
 * and DNS. In come objects of the API by the client; out go kernel rules, files and answers.
 * It never starts containers and never decides which endpoints a service has.
 */
export * from './cni/configuration.ts'
export { applyHostSettings, type HostSetting, hostSettings } from './cni/host-settings.ts'
export * from './dns/index.ts'
export * from './proxy/index.ts'
export { type NodeRoutesOptions, startNodeRoutes } from './routes/node-routes.ts'
export { type Route, type RoutingTable, systemRoutingTable } from './routes/routes.ts'
