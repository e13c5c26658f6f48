import type { ComponentStatus } from '../apis/index.ts'

/** What one part of the control plane says of itself; a problem is told in words. */
export interface ComponentHealth {
  readonly name: string
  readonly problem: string | undefined
}

/** The answer to `kubectl get componentstatuses`. */
export const componentStatuses = (components: readonly ComponentHealth[]): ComponentStatus[] =>
  components.map(({ name, problem }) => ({
    metadata: { name },
    conditions: [
      problem === undefined ? { type: 'Healthy', status: 'True', message: 'ok' } : { type: 'Healthy', status: 'False', message: problem },
    ],
  }))
