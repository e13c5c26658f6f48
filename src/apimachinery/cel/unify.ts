import { type CelType, celTypes } from './types.ts'

/** What the parameters of signatures stand for, by the name of their instance; what was bound since a mark can be taken back. */
export class Substitution {
  readonly #bound = new Map<string, CelType>()
  readonly #trail: { readonly name: string; readonly before: CelType | undefined }[] = []

  get(name: string): CelType | undefined {
    return this.#bound.get(name)
  }

  set(name: string, type: CelType): void {
    this.#trail.push({ name, before: this.#bound.get(name) })
    this.#bound.set(name, type)
  }

  mark(): number {
    return this.#trail.length
  }

  rollBack(mark: number): void {
    for (const { name, before } of this.#trail.splice(mark).reverse()) {
      if (before === undefined) this.#bound.delete(name)
      else this.#bound.set(name, before)
    }
  }
}

/** Can a value of type `given` stand where `wanted` is expected? Binds parameters, also where the answer is no. */
export function isAssignable(substitution: Substitution, wanted: CelType, given: CelType): boolean {
  const left = resolve(substitution, wanted)
  const right = resolve(substitution, given)
  if (left.kind === 'parameter') return bindParameter(substitution, left.name, right)
  if (right.kind === 'parameter') return bindParameter(substitution, right.name, left)
  if (wanted.kind === 'parameter' && right.kind === 'dyn') {
    substitution.set(rootOf(substitution, wanted.name), celTypes.dyn)
    return true
  }
  if (left.kind === 'dyn' || right.kind === 'dyn') return true
  if (right.kind === 'null') return left.kind === 'null' || isNullable(left)
  switch (left.kind) {
    case 'list':
      return right.kind === 'list' && isAssignable(substitution, left.element, right.element)
    case 'map':
      return right.kind === 'map' && isAssignable(substitution, left.key, right.key) && isAssignable(substitution, left.value, right.value)
    case 'object':
      return right.kind === 'object' && left.name === right.name
    case 'opaque':
      return (
        right.kind === 'opaque' &&
        left.name === right.name &&
        left.parameters.every((one, index) => isAssignable(substitution, one, right.parameters[index] as CelType))
      )
    default:
      return left.kind === right.kind
  }
}

const isNullable = ({ kind }: CelType): boolean => kind === 'object' || kind === 'opaque' || kind === 'timestamp' || kind === 'duration'

function bindParameter(substitution: Substitution, name: string, type: CelType): boolean {
  if (type.kind === 'parameter' && type.name === name) return true
  if (mentions(substitution, type, name)) return false
  substitution.set(name, type)
  return true
}

// A type can't be part of itself.
function mentions(substitution: Substitution, type: CelType, name: string): boolean {
  const resolved = resolve(substitution, type)
  switch (resolved.kind) {
    case 'parameter':
      return resolved.name === name
    case 'list':
      return mentions(substitution, resolved.element, name)
    case 'map':
      return mentions(substitution, resolved.key, name) || mentions(substitution, resolved.value, name)
    case 'opaque':
      return resolved.parameters.some(one => mentions(substitution, one, name))
    default:
      return false
  }
}

function rootOf(substitution: Substitution, name: string): string {
  let root = name
  for (let next = substitution.get(root); next?.kind === 'parameter'; next = substitution.get(root)) root = next.name
  return root
}

function resolve(substitution: Substitution, type: CelType): CelType {
  let resolved = type
  while (resolved.kind === 'parameter') {
    const next = substitution.get(resolved.name)
    if (!next) return resolved
    resolved = next
  }
  return resolved
}

/** Writes out every bound parameter; unbound ones become `dyn` where `final`. Types without any come back as they are. */
export function substitute(substitution: Substitution, type: CelType, final: boolean): CelType {
  const resolved = resolve(substitution, type)
  const inner = (one: CelType): CelType => substitute(substitution, one, final)
  switch (resolved.kind) {
    case 'parameter':
      return final ? celTypes.dyn : resolved
    case 'list': {
      const element = inner(resolved.element)
      return element === resolved.element ? resolved : { ...resolved, element }
    }
    case 'map': {
      const key = inner(resolved.key)
      const value = inner(resolved.value)
      return key === resolved.key && value === resolved.value ? resolved : { ...resolved, key, value }
    }
    case 'opaque': {
      const parameters = resolved.parameters.map(inner)
      return parameters.every((one, index) => one === resolved.parameters[index]) ? resolved : { ...resolved, parameters }
    }
    case 'type': {
      const of = inner(resolved.of)
      return of === resolved.of ? resolved : { ...resolved, of }
    }
    default:
      return resolved
  }
}

/** Gives the parameters of a signature names of their own. */
export function instantiate(type: CelType, suffix: string): CelType {
  switch (type.kind) {
    case 'parameter':
      return { ...type, name: `${type.name}${suffix}` }
    case 'list':
      return { ...type, element: instantiate(type.element, suffix) }
    case 'map':
      return { ...type, key: instantiate(type.key, suffix), value: instantiate(type.value, suffix) }
    case 'opaque':
      return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map(one => instantiate(one, suffix)) }
    case 'type':
      return { ...type, of: instantiate(type.of, suffix) }
    default:
      return type
  }
}

export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true
  if (a.kind !== b.kind) return false
  switch (a.kind) {
    case 'list':
      return b.kind === 'list' && sameType(a.element, b.element)
    case 'map':
      return b.kind === 'map' && sameType(a.key, b.key) && sameType(a.value, b.value)
    case 'object':
    case 'parameter':
      return (b as typeof a).name === a.name
    case 'opaque': {
      const other = b as typeof a
      return a.name === other.name && a.parameters.every((one, index) => sameType(one, other.parameters[index] as CelType))
    }
    case 'type':
      return b.kind === 'type' && sameType(a.of, b.of)
    default:
      return true
  }
}
