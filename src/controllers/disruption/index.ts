import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import { deploymentKind } from '../../apis/apps/deployment.ts'
import { replicaSetKind } from '../../apis/apps/replica-set.ts'
import { statefulSetKind } from '../../apis/apps/stateful-set.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { replicationControllerKind } from '../../apis/core/replication-controller.ts'
import { type PodDisruptionBudget, podDisruptionBudgetKind } from '../../apis/policy/pod-disruption-budget.ts'
import { formatTime } from '../../base/clock.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import { type Expectation, expectationOf } from './expectation.ts'
import { scaleOf } from './scale.ts'
import { budgetStatus, disruptedPods, failedStatus } from './status.ts'

/** Says in the status of each budget how many of its pods may be evicted now. */
export const disruptionController: Controller = {
  name: 'disruption-controller',
  start(context) {
    const { client } = context
    const budgets = client.informer(podDisruptionBudgetKind)
    const pods = client.informer(podKind)
    const budgetsOfPod = (pod: Pod | undefined): string[] => {
      if (pod === undefined) return []
      return budgets
        .list(pod.metadata.namespace)
        .filter(budget => selects(budget, pod))
        .map(keyOf)
    }
    const budgetsOfNamespace = (namespace: string | undefined) => budgets.list(namespace).map(keyOf)
    // A change of scale moves what is expected; pods come and go only afterwards.
    const scaled = (old: Scaled | undefined, current: Scaled | undefined): string[] =>
      old?.spec?.replicas === current?.spec?.replicas ? [] : budgetsOfNamespace((current ?? old)?.metadata.namespace)
    return runController({
      ...context,
      watches: [
        watchOf(budgets, ownKey),
        watchOf(pods, (old, current) => [...new Set([...budgetsOfPod(old), ...budgetsOfPod(current)])]),
        watchOf(client.informer(deploymentKind), scaled),
        watchOf(client.informer(replicaSetKind), scaled),
        watchOf(client.informer(replicationControllerKind), scaled),
        watchOf(client.informer(statefulSetKind), scaled),
      ],
      reconcile: key => reconcile(context, key),
    })
  },
}

interface Scaled {
  readonly metadata: { readonly namespace?: string }
  readonly spec?: { readonly replicas?: number }
}

const selects = ({ spec }: PodDisruptionBudget, pod: Pod): boolean => labelSelectorMatcher(spec?.selector).matches(pod.metadata.labels)

async function reconcile(context: ControllerContext, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock, events } = context
  const { namespace, name } = splitKey(key)
  const budget = client.informer(podDisruptionBudgetKind).get(namespace, name)
  if (!budget || budget.metadata.deletionTimestamp) return
  const now_ms = clock.now()
  const pods = client
    .informer(podKind)
    .list(namespace)
    .filter(pod => selects(budget, pod))
  if (pods.length === 0) events.record(budget, podDisruptionBudgetKind, 'Normal', 'NoPods', 'No matching pods found')
  const expectation = await expect(context, budget, pods)
  if (expectation instanceof Error) {
    await write(context, budget, failedStatus(budget, expectation.message, formatTime(now_ms)))
    throw expectation
  }
  const disrupted = disruptedPods(budget, pods, now_ms)
  for (const pod of disrupted.overdue) {
    const message = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`
    events.record(pod, podKind, 'Warning', 'NotDeleted', message)
  }
  await write(context, budget, budgetStatus(budget, pods, expectation, disrupted, formatTime(now_ms)))
  return disrupted.recheckAfter_ms === undefined ? undefined : { requeueAfter_ms: disrupted.recheckAfter_ms }
}

async function expect(context: ControllerContext, budget: PodDisruptionBudget, pods: readonly Pod[]): Promise<Expectation | Error> {
  const { events } = context
  try {
    const expectation = await expectationOf(budget, pods, pod => scaleOf(context, pod))
    if (expectation.unmanaged.length > 0) {
      events.record(budget, podDisruptionBudgetKind, 'Warning', 'UnmanagedPods', unmanagedMessage(budget))
    }
    return expectation
  } catch (error) {
    const message = `Failed to calculate the number of expected pods: ${(error as Error).message}`
    events.record(budget, podDisruptionBudgetKind, 'Warning', 'CalculateExpectedPodCountFailed', message)
    return error as Error
  }
}

const unmanagedMessage = ({ spec }: PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${labelSelectorMatcher(spec?.selector).toString()}) were found to be unmanaged. ` +
  'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
  'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'

async function write({ client }: ControllerContext, budget: PodDisruptionBudget, status: PodDisruptionBudget['status']): Promise<void> {
  if (status === budget.status) return
  try {
    const written = await client.updateStatus(podDisruptionBudgetKind, { ...budget, status })
    await client.informer(podDisruptionBudgetKind).reached(written.metadata.resourceVersion as string)
  } catch (error) {
    // Whoever wrote in between, an eviction most likely, wakes this budget again.
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}
