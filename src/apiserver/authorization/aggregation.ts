import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { ApiConnection } from '../../apimachinery/connection.ts'
import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import type { ClusterRole } from '../../apis/rbac/cluster-role.ts'
import type { PolicyRule } from '../../apis/rbac/role.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { RbacViews } from './rbac.ts'

export interface AggregationOptions {
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Keeps the rules of cluster roles with an aggregationRule what they should be: the rules of all roles with fitting
 * labels. Looks at everything again after each change, and again later where a write failed.
 */
export function followAggregation(connection: ApiConnection, views: RbacViews, options?: AggregationOptions): { close(): void } {
  const closed = new AbortController()
  let isRunning = false
  let isStale = false

  const gatherAll = async () => {
    for (const role of views.clusterRoles.list() as readonly ClusterRole[]) {
      if (closed.signal.aborted) return
      if (role.aggregationRule) await gatherInto(connection, views, role, closed.signal)
    }
  }
  const run = async () => {
    while (isStale && !closed.signal.aborted) {
      isStale = false
      try {
        await gatherAll()
      } catch (error) {
        if (closed.signal.aborted) return
        options?.logger.warn('gather rules into aggregated cluster roles: failed, tried again in a second or at the next change', { error })
        isStale = options !== undefined
        // Ends early only when closed.
        await (options && sleep(options.clock, retry_ms, closed.signal).catch(() => {}))
      }
    }
    isRunning = false
  }
  const changed = () => {
    isStale = true
    if (isRunning) return
    isRunning = true
    void run()
  }

  const unsubscribe = views.clusterRoles.subscribe(changed)
  changed()
  return {
    close() {
      unsubscribe()
      closed.abort(new Error('aggregation of cluster roles ended'))
    },
  }
}

const retry_ms = 1000

/** A role that somebody else changes or deletes meanwhile is looked at again, since that is a change too. */
async function gatherInto(connection: ApiConnection, { clusterRoles }: RbacViews, role: ClusterRole, signal: AbortSignal): Promise<void> {
  const rules = gatheredRules(role, clusterRoles.list() as readonly ClusterRole[])
  if (semanticEqual(rules, role.rules)) return
  const { name, resourceVersion } = role.metadata
  try {
    await connection.call({
      verb: 'patch',
      patchType: 'merge',
      resource: { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' },
      name,
      body: { metadata: { resourceVersion }, rules },
      options: { fieldManager: 'clusterrole-aggregation-controller' },
      signal,
    })
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}

/** Each rule once, by selector and then by the name of the role that it comes from. */
function gatheredRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const matcher = labelSelectorMatcher(selector)
    const sources = all.filter(one => one.metadata.name !== role.metadata.name && matcher.matches(one.metadata.labels))
    for (const source of sources.toSorted(byName))
      for (const rule of source.rules ?? []) if (!rules.some(one => semanticEqual(one, rule))) rules.push(rule)
  }
  return rules
}

const byName = (left: ClusterRole, right: ClusterRole): number => ((left.metadata.name ?? '') < (right.metadata.name ?? '') ? -1 : 1)
