import type { ApiServerOptions } from '../apiserver/index.ts'

/** What has to be done before the server is ready, under the names of upstream's hooks for the same work. */
const hooks = {
  bootstrap: [
    'start-apiserver-admission-initializer',
    'generic-apiserver-start-informers',
    'start-system-namespaces-controller',
    'start-kubernetes-service-cidr-controller',
    'rbac/bootstrap-roles',
    'scheduling/bootstrap-system-priority-classes',
    'priority-and-fairness-config-producer',
    'priority-and-fairness-config-consumer',
    'priority-and-fairness-filter',
    'start-cluster-authentication-info-controller',
    'bootstrap-controller',
  ],
  customResources: ['start-apiextensions-informers', 'start-apiextensions-controllers', 'crd-informer-synced'],
  aggregation: [
    'aggregator-reload-proxy-client-cert',
    'start-kube-aggregator-informers',
    'apiservice-registration-controller',
    'apiservice-status-local-available-controller',
    'apiservice-status-remote-available-controller',
    'apiservice-discovery-controller',
    'apiservice-openapi-controller',
    'apiservice-openapiv3-controller',
    'kube-apiserver-autoregistration',
  ],
} as const

type Stage = keyof typeof hooks

export interface StartHooks {
  readonly checks: NonNullable<ApiServerOptions['startHooks']>
  finish(stage: Stage): void
}

/** Each hook is a check of its own that fails until its stage is over. */
export function createStartHooks(): StartHooks {
  const finished = new Set<Stage>()
  const checkOf = (stage: Stage) => () => (finished.has(stage) ? undefined : 'not finished')
  const stages = Object.entries(hooks) as [Stage, readonly string[]][]
  return {
    checks: {
      ...Object.fromEntries(stages.flatMap(([stage, names]) => names.map(name => [`poststarthook/${name}`, checkOf(stage)]))),
      'autoregister-completion': checkOf('aggregation'),
    },
    finish: stage => void finished.add(stage),
  }
}
