import type { Answer, LibraryCluster } from './library.ts'
import { eventually } from './real-cluster.ts'

/** What tests of custom resources write again and again. */

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

export interface DefinitionOptions {
  readonly group?: string
  readonly kind?: string
  readonly scope?: 'Namespaced' | 'Cluster'
  readonly names?: object
  readonly conversion?: object
  readonly versions: readonly object[]
}

/** A definition named after its kind. */
export function definition({ group = 'example.com', kind = 'Ship', scope = 'Namespaced', names, conversion, versions }: DefinitionOptions) {
  const plural = `${kind.toLowerCase()}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope, names: { plural, kind, ...names }, versions, ...(conversion && { conversion }) },
  }
}

export const version = (name: string, schema: object, more: object = {}) => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', ...schema } },
  ...more,
})

/** Creates a definition and waits until it is established. */
export async function establish({ send }: LibraryCluster, body: ReturnType<typeof definition>): Promise<void> {
  const created = await send('POST', definitions, { body })
  if (created.status !== 201) throw new Error(`create ${body.metadata.name}: ${created.text}`)
  await eventually(
    `${body.metadata.name} is established`,
    5000,
    async () => (await send('GET', `${definitions}/${body.metadata.name}`)).json,
    isEstablished,
  )
}

export const isEstablished = (definition: { status?: { conditions?: { type: string; status: string }[] } }): boolean =>
  definition.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false

/** Changes a definition's spec and waits until the change shows in an answer. */
export async function change(
  { send }: LibraryCluster,
  name: string,
  body: unknown,
  seen: () => Promise<Answer>,
  until: (answer: Answer) => boolean,
): Promise<void> {
  const changed = await send('PATCH', `${definitions}/${name}`, { body, headers: { 'content-type': 'application/merge-patch+json' } })
  if (changed.status !== 200) throw new Error(`change ${name}: ${changed.text}`)
  await eventually(`the change of ${name} shows`, 5000, seen, until)
}

export const definitionPath = (name: string): string => `${definitions}/${name}`
export { definitions as definitionsPath }
