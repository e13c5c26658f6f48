import type { ResourceRequirements } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { PodVolumes } from '../volumes/pod-volumes.ts'
import type { PodServices } from './services.ts'

/** Why a container isn't running, and when to try again. */
export interface Waiting {
  readonly reason: string
  readonly message?: string
  /** Absent: when something changes. */
  readonly retryAt_ms?: number
}

/** What a worker knows of its pod between two syncs. All of it may be lost: the next sync finds it again or does without. */
export interface PodWork extends PodServices {
  readonly uid: string
  /** As last seen in the API. */
  pod: Pod
  /** The API no longer has it. */
  gone: boolean
  readonly waiting: Map<string, Waiting>
  /** How often starting a container has failed in a row, by name. */
  readonly failures: Map<string, number>
  /** Containers that were stopped in order to be replaced. */
  readonly replaced: Set<string>
  /** Last words by container id. */
  readonly messages: Map<string, string>
  /** Resources as they were last applied, by container id. */
  readonly applied: Map<string, ResourceRequirements>
  mounted: PodVolumes | undefined
  /** Something that volumes are made of has changed since they were set up. */
  volumesStale: boolean
  /** When a failed sandbox may be tried again, and how often it failed. */
  sandboxRetry: { readonly at_ms: number; readonly failures: number } | undefined
  volumeRetry: { readonly at_ms: number; readonly failures: number } | undefined
  failure: { readonly reason: string; readonly message: string } | undefined
  /** Nothing runs any more and nothing will. */
  ended: boolean
  /** The runtime forgets the pod from now on; how it ended has been published. */
  sealed: boolean
  startTime: string
  /** Brings the status in the API up to date, in its own time. */
  publish(): void
}
