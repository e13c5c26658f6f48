import { fixedCost, traversalOf } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import { CelFailure, type CelValue, OpaqueValue } from '../values.ts'

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly prerelease: readonly string[]
}

class SemverValue extends OpaqueValue {
  override readonly typeName = 'kubernetes.Semver'
  readonly version: Version
  constructor(version: Version) {
    super()
    this.version = version
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof SemverValue && compareVersions(other.version, this.version) === 0
  }
}

const versionOf = (value: CelValue | undefined): Version => (value as SemverValue).version
const parsing = { cost: traversalOf(0) }
const one = { cost: fixedCost(1) }
const pair = 'kubernetes.Semver.(kubernetes.Semver)'

export const semverLibrary = [
  defineFunction(
    'semver',
    ['(string) -> kubernetes.Semver', '(string, bool) -> kubernetes.Semver'],
    ([text, lenient]) => {
      const version = parseVersion(text as string, lenient === true)
      if (!version) throw new CelFailure(`Invalid semantic version: ${JSON.stringify(text)}`)
      return new SemverValue(version)
    },
    parsing,
  ),
  defineFunction(
    'isSemver',
    ['(string) -> bool', '(string, bool) -> bool'],
    ([text, lenient]) => parseVersion(text as string, lenient === true) !== undefined,
    parsing,
  ),
  defineFunction('isGreaterThan', [`${pair} -> bool`], ([a, b]) => compareVersions(versionOf(a), versionOf(b)) > 0, one),
  defineFunction('isLessThan', [`${pair} -> bool`], ([a, b]) => compareVersions(versionOf(a), versionOf(b)) < 0, one),
  defineFunction('compareTo', [`${pair} -> int`], ([a, b]) => BigInt(compareVersions(versionOf(a), versionOf(b))), one),
  defineFunction('major', ['kubernetes.Semver.() -> int'], ([value]) => versionOf(value).numbers[0], one),
  defineFunction('minor', ['kubernetes.Semver.() -> int'], ([value]) => versionOf(value).numbers[1], one),
  defineFunction('patch', ['kubernetes.Semver.() -> int'], ([value]) => versionOf(value).numbers[2], one),
]

const strict = /^(0|[1-9]\d{0,19})\.(0|[1-9]\d{0,19})\.(0|[1-9]\d{0,19})(?:-([0-9A-Za-z-.]+))?(?:\+([0-9A-Za-z-.]+))?$/

/** Leniently, a leading `v`, missing numbers and leading zeros are forgiven. */
export function parseVersion(text: string, lenient: boolean): Version | undefined {
  const [, major, minor, patch, prerelease, build] = strict.exec(lenient ? normalized(text) : text) ?? []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  const identifiers = prerelease?.split('.') ?? []
  const isBad = (one: string): boolean => one === '' || /^0\d+$/.test(one)
  if (identifiers.some(isBad) || build?.split('.').includes('')) return undefined
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const
  return numbers.some(one => one >= 2n ** 64n) ? undefined : { numbers, prerelease: identifiers }
}

function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([^-+]*)(.*)$/s.exec(text.trim()) ?? []
  const parts = numbers.split('.').map(part => part.replace(/^0+(?=\d)/, ''))
  while (parts.length < 3) parts.push('0')
  return parts.join('.') + rest
}

function compareVersions(a: Version, b: Version): number {
  for (const [index, left] of a.numbers.entries()) {
    const right = b.numbers[index] as bigint
    if (left !== right) return left < right ? -1 : 1
  }
  // A release comes after its own candidates.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return Math.sign(b.prerelease.length - a.prerelease.length)
  for (const [index, left] of a.prerelease.entries()) {
    const right = b.prerelease[index]
    if (right === undefined) return 1
    if (left !== right) return compareIdentifiers(left, right)
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  // Without leading zeros, the longer number is the greater one.
  if (isNumber && isOtherNumber) return Math.sign(a.length - b.length) || (a < b ? -1 : 1)
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return a < b ? -1 : 1
}
