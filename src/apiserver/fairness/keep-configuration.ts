import { isAlreadyExists, isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { ApiConnection, ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import {
  autoupdateAnnotation,
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../../apis/flowcontrol/bootstrap.ts'
import type { FlowSchema } from '../../apis/flowcontrol/flow-schema.ts'
import { type PriorityLevelConfiguration, priorityLevelConfigurationKind } from '../../apis/flowcontrol/priority-level-configuration.ts'
import { type Clock, formatTime } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Fairness } from './index.ts'

export interface FairnessViews {
  readonly flowSchemas: ResourceView
  readonly priorityLevels: ResourceView
}

const group = { group: 'flowcontrol.apiserver.k8s.io', version: 'v1' } as const
const schemaName = { ...group, resource: 'flowschemas' }
const levelName = { ...group, resource: 'prioritylevelconfigurations' }

/**
 * Keeps fairness as the stored objects say, and the stored objects as they must be: mandatory ones are always there and
 * as they should be, suggested ones are there and follow us until their annotation says otherwise, and each flow schema
 * says whether its level exists. Resolves when that is so for the first time.
 */
export async function keepFairnessConfiguration(
  fairness: Fairness,
  connection: ApiConnection,
  views: FairnessViews,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<{ close(): void }> {
  let working: Promise<void> | undefined
  let again = false
  let closed = false
  const follow = () =>
    fairness.configure(
      views.flowSchemas.list() as readonly FlowSchema[],
      views.priorityLevels.list() as readonly PriorityLevelConfiguration[],
    )
  const keep = async () => {
    for (again = true; again && !closed; ) {
      again = false
      await restore(connection, views, clock)
    }
  }
  // One at a time; what changes meanwhile is looked at once more.
  const onChange = () => {
    if (closed) return
    follow()
    again = true
    working ??= keep()
      .catch(error => {
        if (!closed) logger.error('keep flow schemas and priority levels: failed, the next change tries again', { error })
      })
      .finally(() => {
        working = undefined
      })
  }
  const stops = [views.flowSchemas.subscribe(onChange), views.priorityLevels.subscribe(onChange)]
  onChange()
  await working
  follow()
  return {
    close() {
      closed = true
      for (const stop of stops) stop()
    },
  }
}

async function restore(connection: ApiConnection, views: FairnessViews, clock: Clock): Promise<void> {
  const levels = [
    ...mandatoryPriorityLevels.map(one => ({ one, fixed: true })),
    ...suggestedPriorityLevels.map(one => ({ one, fixed: false })),
  ]
  const schemas = [...mandatoryFlowSchemas.map(one => ({ one, fixed: true })), ...suggestedFlowSchemas.map(one => ({ one, fixed: false }))]
  await Promise.all(
    levels.map(({ one, fixed }) => restoreOne(connection, levelName, 'PriorityLevelConfiguration', views.priorityLevels, one, fixed)),
  )
  await Promise.all(schemas.map(({ one, fixed }) => restoreOne(connection, schemaName, 'FlowSchema', views.flowSchemas, one, fixed)))
  const known = views.flowSchemas.list() as readonly FlowSchema[]
  await Promise.all(known.map(schema => tellDangling(connection, schema, views.priorityLevels, clock)))
}

type Configured = KubernetesObject & { readonly spec?: unknown }

async function restoreOne(
  connection: ApiConnection,
  resource: typeof schemaName,
  kind: string,
  view: ResourceView,
  wanted: Configured,
  fixed: boolean,
): Promise<void> {
  const name = wanted.metadata.name ?? ''
  const found = view.get('', name) as Configured | undefined
  const body = { ...wanted, apiVersion: `${group.group}/${group.version}`, kind }
  if (!found) {
    await unlessRaced(connection.call({ verb: 'create', resource, body }))
    return
  }
  if (found.metadata.deletionTimestamp !== undefined || isAsWanted(found, wanted)) return
  if (!fixed && !followsUs(found)) return
  await unlessRaced(connection.call({ verb: 'update', resource, name, body: { ...found, spec: wanted.spec } }))
}

/** How many seats are set aside for requests without limits is an administrator's choice, so of that one only the type counts. */
const isAsWanted = (found: Configured, wanted: Configured): boolean => {
  const level = found as PriorityLevelConfiguration
  if (level.spec?.type === 'Exempt' && (wanted as PriorityLevelConfiguration).spec?.type === 'Exempt') return true
  const complete = priorityLevelConfigurationKind.strategy.applyDefaults
  const isLevel = level.spec?.type !== undefined
  return semanticEqual(found.spec, isLevel && complete ? complete(wanted as PriorityLevelConfiguration).spec : wanted.spec)
}

/** Without the annotation: as long as nobody has changed it. */
function followsUs({ metadata }: Configured): boolean {
  const said = metadata.annotations?.[autoupdateAnnotation]
  return said === undefined ? (metadata.generation ?? 1) === 1 : said === 'true'
}

async function tellDangling(connection: ApiConnection, schema: FlowSchema, levels: ResourceView, clock: Clock): Promise<void> {
  const level = schema.spec?.priorityLevelConfiguration?.name ?? ''
  const exists = levels.get('', level) !== undefined
  const status = exists ? 'False' : 'True'
  const before = schema.status?.conditions?.find(({ type }) => type === 'Dangling')
  const about = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`
  const message = exists ? `${about} and it exists` : `${about} but there is no such object`
  if (before?.status === status && before.message === message) return
  const condition = {
    type: 'Dangling',
    status,
    reason: exists ? 'Found' : 'NotFound',
    message,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : formatTime(clock.now()),
  }
  const others = schema.status?.conditions?.filter(({ type }) => type !== 'Dangling') ?? []
  const body = {
    ...schema,
    apiVersion: `${group.group}/${group.version}`,
    kind: 'FlowSchema',
    status: { ...schema.status, conditions: [...others, condition] },
  }
  await unlessRaced(connection.call({ verb: 'update', resource: schemaName, name: schema.metadata.name, subresource: 'status', body }))
}

/** Somebody else was faster: their change brings us back. */
async function unlessRaced(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isAlreadyExists(error) && !isConflict(error) && !isNotFound(error)) throw error
  }
}
