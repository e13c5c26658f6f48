/**
 * Containers by containerd: the ContainerRuntime over CRI v1 on containerd's socket, the configuration and command
 * line of a containerd of our own, and what it needs to run without a registry (pause image, import of archives).
 * It keeps no state that containerd doesn't have, repeats no call by itself, and knows nothing of pods' specs.
 */
export { type ContainerdCommand, containerdCleanupCommand, containerdCommand } from './command.ts'
export { type ContainerdConfiguration, containerdConfiguration } from './configuration.ts'
export { type ContainerdOptions, connectContainerd } from './connect.ts'
export { type ImageImport, importImage } from './import-image.ts'
export { type MachineFacts, machineFacts } from './machine.ts'
export { type ImageArchive, imageArchive } from './oci-archive.ts'
export { pauseImage, pauseImageArchive } from './pause-image.ts'
export type { Architecture } from './pause-program.ts'
