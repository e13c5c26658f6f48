/**
 * Proa as a library: a control plane with simulated nodes inside a test or a program.
 *
 *     import { startCluster } from 'proa'
 *     const cluster = await startCluster()
 *     await cluster.client.create(...)
 *     await cluster.close()
 */

export { timeSince } from './apimachinery/cell.ts'
export * as fieldErrors from './apimachinery/field-error.ts'
export { ageColumn, defineKind, type Kind, nameColumn, topLevel } from './apimachinery/kind.ts'
export * as schema from './apimachinery/schema.ts'
export * from './apis/index.ts'
export type { Client, Informer } from './client/types.ts'
export type { ApiServerSettings } from './cluster/api-server-settings.ts'
export { type Cluster, type ImageBehaviour, type StartClusterOptions, startCluster } from './cluster/library.ts'
