/**
 * Field ownership: server-side apply and the tracking of every other write in managedFields.
 * In go plain objects of one version with their schema, out come new ones and the new entries; nothing is decoded, stored
 * or validated here, and nothing that goes in is changed. Parts that stay the same stay the same object.
 */
export { checkConfiguration } from './applied-configuration.ts'
export { merge } from './merge.ts'
export { type ServerSideApply, serverSideApply } from './server-side-apply.ts'
export { type TrackedUpdate, trackUpdate } from './track-update.ts'
export { ownersAfterView, ownersOfView, type ViewField } from './view-owners.ts'
