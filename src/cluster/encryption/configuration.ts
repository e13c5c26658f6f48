import { type Infer, list, object, optional, text } from '../../apimachinery/schema.ts'
import { readConfigurationFile } from '../../apiserver/configuration-file.ts'
import type { Random } from '../../base/random.ts'
import { aescbc, aesgcm, identity, type Provider, secretbox } from './providers.ts'

const prefix = 'io.k8s.apiserver.config.v1'
const Key = object(`${prefix}.Key`, 'A key by name.', {
  name: optional(1, text, 'Stands before each value that the key hides.'),
  secret: optional(2, text, 'The key in base64.'),
})
const Keys = object(`${prefix}.Keys`, 'Keys; the first one writes, all read.', { keys: optional(1, list(Key), 'The keys.') })
const Nothing = object(`${prefix}.Identity`, 'Hides nothing.', {})
const Kms = object(`${prefix}.KMS`, 'A key server outside; not supported.', {}, { preserveUnknown: true })

const ProviderEntry = object(`${prefix}.Provider`, 'Exactly one way to hide values.', {
  aesgcm: optional(1, Keys, 'AES-GCM.'),
  aescbc: optional(2, Keys, 'AES-CBC.'),
  secretbox: optional(3, Keys, 'XSalsa20 and Poly1305.'),
  identity: optional(4, Nothing, 'Values as they are.'),
  kms: optional(5, Kms, 'A key server outside; not supported.'),
})
interface ProviderEntry extends Infer<typeof ProviderEntry> {}

const ResourceEntry = object(`${prefix}.ResourceConfiguration`, 'How some resources are hidden.', {
  resources: optional(1, list(text), 'Such as secrets, deployments.apps, *.apps, *. (the core group) or *.* (all).'),
  providers: optional(2, list(ProviderEntry), 'The first one writes, all read.'),
})

const EncryptionConfiguration = object(`${prefix}.EncryptionConfiguration`, 'What is hidden on disk, and how.', {
  apiVersion: optional(0, text, 'apiserver.config.k8s.io/v1'),
  kind: optional(0, text, 'EncryptionConfiguration'),
  resources: optional(1, list(ResourceEntry), 'The first entry that names a resource decides.'),
})

/** How the values of some resources are written, and what of theirs can be read. */
export interface EncryptionRule {
  /** Exact names come before wildcards. */
  readonly fits: (group: string, resource: string) => boolean
  readonly providers: readonly [Provider, ...Provider[]]
}

export function parseEncryptionConfiguration(content: string, source: string, random: Random): readonly EncryptionRule[] {
  const { resources = [] } = readConfigurationFile(content, {
    source,
    schema: EncryptionConfiguration,
    apiVersions: ['apiserver.config.k8s.io/v1'],
    kind: 'EncryptionConfiguration',
  })
  const fail = (problem: string): never => {
    throw new Error(`read EncryptionConfiguration ${source}: ${problem}`)
  }
  if (resources.length === 0) fail('resources: Required value')
  const seen = new Set<string>()
  return resources.map((entry, index) => {
    const path = `resources[${index}]`
    const names = entry.resources ?? []
    if (names.length === 0) fail(`${path}.resources: Required value`)
    for (const name of names) {
      if (!/^(\*\.\*|\*\.|\*\.[a-z0-9.-]+|[a-z0-9-]+(\.[a-z0-9.-]+)?)$/.test(name))
        fail(`${path}.resources: Invalid value: ${JSON.stringify(name)}`)
      if (seen.has(name)) fail(`${path}.resources: ${JSON.stringify(name)} stands twice`)
      seen.add(name)
    }
    const providers = (entry.providers ?? []).flatMap((provider, at) => readProvider(provider, `${path}.providers[${at}]`, random, fail))
    const [first, ...rest] = providers
    if (!first) return fail(`${path}.providers: Required value`)
    return {
      fits: (group: string, resource: string) => names.some(name => fitsName(name, group, resource)),
      providers: [first, ...rest] as const,
    }
  })
}

function fitsName(name: string, group: string, resource: string): boolean {
  if (name === '*.*') return true
  const dot = name.indexOf('.')
  const wanted = dot < 0 ? '' : name.slice(dot + 1)
  const own = dot < 0 ? name : name.slice(0, dot)
  return wanted === group && (own === '*' || own === resource)
}

const makers = { aesgcm, aescbc, secretbox } as const
const keyLengths: Readonly<Record<keyof typeof makers, readonly number[]>> = { aesgcm: [16, 24, 32], aescbc: [32], secretbox: [32] }

function readProvider(entry: ProviderEntry, path: string, random: Random, fail: (problem: string) => never): Provider[] {
  const given = Object.keys(entry) as (keyof ProviderEntry)[]
  const [kind] = given
  if (!kind) return fail(`${path}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity`)
  if (given.length > 1)
    return fail(`${path}: more than one provider specified in a single element, should split into different list elements`)
  if (kind === 'kms') return fail(`${path}.kms: key servers are not supported; use secretbox, aesgcm or aescbc`)
  if (kind === 'identity') return [identity]
  const keys = entry[kind]?.keys ?? []
  if (keys.length === 0) return fail(`${path}.${kind}.keys: Required value`)
  return keys.map(({ name = '', secret = '' }, index) => {
    const at = `${path}.${kind}.keys[${index}]`
    if (name === '' || name.includes(':')) return fail(`${at}.name: a name without colons is needed`)
    if (keys.findIndex(key => key.name === name) < index) return fail(`${at}.name: Duplicate value: ${JSON.stringify(name)}`)
    const key = Buffer.from(secret, 'base64')
    // Of the secret itself nothing is said.
    if (!keyLengths[kind].includes(key.length))
      return fail(`${at}.secret: expected length of the provided key is one of ${keyLengths[kind].join(', ')}, got ${key.length}`)
    return makers[kind](name, key, random)
  })
}
