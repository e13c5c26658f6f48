/**
 * The service proxy of a node. In come services, endpoint slices and the node's pods; out goes one nftables table.
 * It never touches a table but its own, and never flushes what it can replace.
 */
export { type Conntrack, systemConntrack } from './conntrack.ts'
export { type Nft, systemNft } from './nft.ts'
export { type ServiceProxy, type ServiceProxyOptions, startServiceProxy } from './service-proxy.ts'
export { tableName } from './table.ts'
