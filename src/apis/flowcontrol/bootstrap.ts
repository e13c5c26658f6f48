import type { FlowSchema, FlowSchemaSpec, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from './flow-schema.ts'
import type { PriorityLevelConfiguration } from './priority-level-configuration.ts'

/** The flow schemas and priority levels that every cluster has. Mandatory ones are always as here; of the others an administrator may make what they like. */

const group = (name: string): Subject => ({ kind: 'Group', group: { name } })
const user = (name: string): Subject => ({ kind: 'User', user: { name } })
const account = (name: string): Subject => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } })
const everybody = [group('system:unauthenticated'), group('system:authenticated')]

const everything: ResourcePolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }
const anything = (...subjects: Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [everything],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
})
const about = (subjects: readonly Subject[], ...resourceRules: ResourcePolicyRule[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules,
})

const writes = ['get', 'create', 'update']
const leases: ResourcePolicyRule = { verbs: writes, apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] }

/** Marks what follows Proa's own idea of it until somebody says false. */
export const autoupdateAnnotation = 'apf.kubernetes.io/autoupdate-spec'

const schema = (
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  ...rules: PolicyRulesWithSubjects[]
): FlowSchema => {
  const spec: FlowSchemaSpec = {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence,
    ...(distinguisher && { distinguisherMethod: { type: distinguisher } }),
    rules,
  }
  return { metadata: { name, annotations: { [autoupdateAnnotation]: 'true' } }, spec }
}

export const mandatoryFlowSchemas: readonly FlowSchema[] = [
  schema('exempt', 'exempt', 1, undefined, anything(group('system:masters'))),
  schema('catch-all', 'catch-all', 10_000, 'ByUser', anything(...everybody)),
]

export const suggestedFlowSchemas: readonly FlowSchema[] = [
  schema('probes', 'exempt', 2, undefined, {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  schema(
    'system-leader-election',
    'leader-election',
    100,
    'ByUser',
    about([user('system:kube-controller-manager'), user('system:kube-scheduler'), account('*')], leases),
  ),
  schema(
    'endpoint-controller',
    'workload-high',
    150,
    'ByUser',
    about([user('system:kube-controller-manager'), account('endpoint-controller'), account('endpointslicemirroring-controller')], {
      verbs: writes,
      apiGroups: [''],
      resources: ['endpoints'],
      namespaces: ['*'],
    }),
  ),
  schema(
    'workload-leader-election',
    'leader-election',
    200,
    'ByUser',
    about([account('*')], { verbs: writes, apiGroups: [''], resources: ['endpoints', 'configmaps'], namespaces: ['*'] }, leases),
  ),
  schema(
    'system-node-high',
    'node-high',
    400,
    'ByUser',
    about(
      [group('system:nodes')],
      { verbs: ['*'], apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, namespaces: ['*'] },
      { verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] },
    ),
  ),
  schema('system-nodes', 'system', 500, 'ByUser', anything(group('system:nodes'))),
  schema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', anything(user('system:kube-controller-manager'))),
  schema('kube-scheduler', 'workload-high', 800, 'ByNamespace', anything(user('system:kube-scheduler'))),
  schema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', anything(account('*'))),
  schema('service-accounts', 'workload-low', 9000, 'ByUser', anything(group('system:serviceaccounts'))),
  schema('global-default', 'global-default', 9900, 'ByUser', anything(...everybody)),
]

const limited = (
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queues: number,
  handSize: number,
): PriorityLevelConfiguration => ({
  metadata: { name, annotations: { [autoupdateAnnotation]: 'true' } },
  spec: {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares,
      lendablePercent,
      limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
    },
  },
})

export const mandatoryPriorityLevels: readonly PriorityLevelConfiguration[] = [
  {
    metadata: { name: 'exempt', annotations: { [autoupdateAnnotation]: 'true' } },
    spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
  {
    metadata: { name: 'catch-all', annotations: { [autoupdateAnnotation]: 'true' } },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } } },
  },
]

export const suggestedPriorityLevels: readonly PriorityLevelConfiguration[] = [
  limited('system', 30, 33, 64, 6),
  limited('node-high', 40, 25, 64, 6),
  limited('leader-election', 10, 0, 16, 4),
  limited('workload-high', 40, 50, 128, 6),
  limited('workload-low', 100, 90, 128, 6),
  limited('global-default', 20, 50, 128, 6),
]
