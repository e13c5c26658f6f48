import type { EncryptionRule } from './configuration.ts'
import { identity, type Provider } from './providers.ts'

/** What the journal calls on the way of each value, and what is needed to bring old values up to date. */
export interface EncryptionTransform {
  encode(key: string, value: Uint8Array): Uint8Array
  decode(key: string, value: Uint8Array): Uint8Array
  forget(key: string): void
  /** From now on these rules hold. */
  setRules(rules: readonly EncryptionRule[]): void
  /** Written in another way than the present rules would. */
  isStale(key: string): boolean
}

const none: readonly [Provider, ...Provider[]] = [identity]
const mark = Buffer.from('k8s:enc:')

/** Values of any other provider begin with JSON's brace, so that what is hidden can be told by its first bytes. */
export function createEncryptionTransform(initial: readonly EncryptionRule[], source: string | undefined): EncryptionTransform {
  let rules = initial
  let byResource = new Map<string, readonly [Provider, ...Provider[]]>()
  // How the journal's last value of a key was written; keys that are as they were and not hidden are not in it.
  const writtenBy = new Map<string, string>()

  const providersOf = (key: string): readonly [Provider, ...Provider[]] => {
    if (rules.length === 0) return none
    const { group, resource } = partsOf(key)
    const name = `${group}/${resource}`
    const known = byResource.get(name)
    if (known) return known
    const found = rules.find(rule => rule.fits(group, resource))?.providers ?? none
    byResource.set(name, found)
    return found
  }
  const note = (key: string, prefix: string) => {
    if (prefix === '') writtenBy.delete(key)
    else writtenBy.set(key, prefix)
  }
  return {
    encode(key, value) {
      const [provider] = providersOf(key)
      note(key, provider.prefix)
      return provider.prefix === '' ? value : withPrefix(provider, provider.hide(value, key))
    },
    decode(key, value) {
      if (!startsWith(value, mark)) {
        note(key, '')
        return value
      }
      for (const provider of providersOf(key)) {
        if (provider.prefix === '' || !startsWith(value, Buffer.from(provider.prefix))) continue
        const shown = provider.show(value.subarray(provider.prefix.length), key)
        if (!shown) continue
        note(key, provider.prefix)
        return shown
      }
      const means = Buffer.from(value.subarray(0, 64)).toString('latin1').split(':').slice(2, 5).join(':')
      throw new Error(
        source === undefined
          ? `read ${key}: it is encrypted (${means}), but there is no --encryption-provider-config`
          : `read ${key}: it is encrypted (${means}), and no key in ${source} fits; put the key that wrote it back, behind the others`,
      )
    },
    forget: key => void writtenBy.delete(key),
    setRules(given) {
      rules = given
      byResource = new Map()
    },
    isStale: key => (writtenBy.get(key) ?? '') !== providersOf(key)[0].prefix,
  }
}

/** `/registry/GROUP/RESOURCE/...`; the core group is `core`. */
function partsOf(key: string): { readonly group: string; readonly resource: string } {
  const [, , group = '', resource = ''] = key.split('/', 4)
  return { group: group === 'core' ? '' : group, resource }
}

const withPrefix = ({ prefix }: Provider, hidden: Uint8Array): Uint8Array => Buffer.concat([Buffer.from(prefix), hidden])

const startsWith = (value: Uint8Array, prefix: Uint8Array): boolean =>
  value.length >= prefix.length && prefix.every((byte, index) => value[index] === byte)
