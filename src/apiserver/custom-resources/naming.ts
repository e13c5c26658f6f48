import type { Kind } from '../../apimachinery/kind.ts'
import { type CustomResourceDefinition, type CustomResourceDefinitionNames, caBundleProblem, hasCondition } from '../../apis/index.ts'
import type { ConditionChange } from './conditions.ts'

/** Names that a definition gets, and what is said of them. Plural, singular and short names must differ within a group, kinds as well. */
export interface Naming {
  readonly acceptedNames: CustomResourceDefinitionNames
  readonly namesAccepted: ConditionChange
  readonly established: ConditionChange | undefined
}

export function nameDefinition(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  builtInKinds: readonly Kind[],
): Naming {
  const taken = takenNames(definition, others, builtInKinds)
  const { names } = definition.spec
  const accepted: { -readonly [K in keyof CustomResourceDefinitionNames]: CustomResourceDefinitionNames[K] } = {
    plural: '',
    kind: '',
    ...definition.status?.acceptedNames,
  }
  const conflicts: ConditionChange[] = []
  const check = (name: string, isTaken: boolean, reason: string) => {
    if (isTaken) conflicts.push({ type: 'NamesAccepted', status: 'False', reason, message: `${JSON.stringify(name)} is already in use` })
    return !isTaken
  }
  if (check(names.plural, taken.resources.has(names.plural), 'PluralConflict')) accepted.plural = names.plural
  if (check(names.singular ?? '', taken.resources.has(names.singular ?? ''), 'SingularConflict')) accepted.singular = names.singular
  const shortNames = names.shortNames ?? []
  const takenShort = shortNames.filter(name => taken.resources.has(name))
  if (takenShort.length === 0) accepted.shortNames = names.shortNames
  for (const name of takenShort) check(name, true, 'ShortNamesConflict')
  if (check(names.kind, taken.kinds.has(names.kind), 'KindConflict')) accepted.kind = names.kind
  if (check(names.listKind ?? '', taken.kinds.has(names.listKind ?? ''), 'ListKindConflict')) accepted.listKind = names.listKind
  accepted.categories = names.categories
  return { acceptedNames: withoutAbsent(accepted), ...conditionsOf(definition, conflicts) }
}

const withoutAbsent = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T

const initialNames = 'the initial names have been accepted'

function conditionsOf(definition: CustomResourceDefinition, conflicts: readonly ConditionChange[]): Omit<Naming, 'acceptedNames'> {
  const isEstablished = hasCondition(definition, 'Established')
  const [conflict] = conflicts
  if (conflict) {
    const message = conflicts.map(one => one.message).join(', ')
    // What is served once stays served under the names that it has.
    const notAccepted: ConditionChange = {
      type: 'Established',
      status: 'False',
      reason: 'NotAccepted',
      message: 'not all names are accepted',
    }
    return { namesAccepted: { ...conflict, message }, established: isEstablished ? undefined : notAccepted }
  }
  return {
    namesAccepted: { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    established: isEstablished ? undefined : establishedOf(definition),
  }
}

function establishedOf({ spec }: CustomResourceDefinition): ConditionChange {
  if (caBundleProblem(spec.conversion) === undefined)
    return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: initialNames }
  const message = 'The conversion webhook CABundle is invalid'
  return { type: 'Established', status: 'False', reason: 'InvalidCABundle', message }
}

function takenNames(
  { metadata, spec }: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  builtInKinds: readonly Kind[],
): { readonly resources: ReadonlySet<string>; readonly kinds: ReadonlySet<string> } {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const other of others) {
    const names = other.status?.acceptedNames
    if (other.spec.group !== spec.group || other.metadata.name === metadata.name || !names) continue
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) if (name) resources.add(name)
    for (const kind of [names.kind, names.listKind]) if (kind) kinds.add(kind)
  }
  // What the server itself has in this group.
  for (const { kind, resource, singular, shortNames, served } of builtInKinds) {
    if (!served.some(({ group }) => group === spec.group)) continue
    for (const name of [resource, singular, ...shortNames]) resources.add(name)
    kinds.add(kind).add(`${kind}List`)
  }
  return { resources, kinds }
}
