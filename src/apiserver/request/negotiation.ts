import { notAcceptable } from '../../apimachinery/api-errors.ts'

/** How an answer is written: as what, in which media type. */
export interface Negotiated {
  readonly media: 'json' | 'yaml' | 'protobuf'
  readonly as: 'Object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  /** Of the `as` transform. */
  readonly transformVersion: 'v1' | 'v1beta1'
  readonly pretty: boolean
}

export const mediaTypes = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
} as const

export const supportedMediaTypes: readonly string[] = Object.values(mediaTypes)

const withoutProtobuf: readonly string[] = [mediaTypes.json, mediaTypes.yaml]

/** What a watch can be sent in: YAML has no end of an event. */
export const streamMediaTypes = ({ protobuf }: Pick<Forms, 'protobuf'>): readonly string[] =>
  (protobuf ? [mediaTypes.json, mediaTypes.protobuf] : [mediaTypes.json]).map(type => `${type};stream=watch`)

export interface MediaRange {
  /** Lower case, without parameters. */
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
  readonly quality: number
}

/** The parts of an Accept header, best first; equal ones in the order of the header. */
export function parseAccept(accept: string): MediaRange[] {
  const ranges: MediaRange[] = []
  for (const clause of accept.split(',')) {
    const [type = '', ...pairs] = clause.split(';')
    if (type.trim() === '') continue
    const parameters: Record<string, string> = {}
    for (const pair of pairs) {
      const [key = '', value = ''] = pair.split('=')
      parameters[key.trim().toLowerCase()] = value.trim().replace(/^"|"$/g, '')
    }
    const quality = parameters.q === undefined ? 1 : Number(parameters.q)
    ranges.push({ type: type.trim().toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality })
  }
  return ranges.sort((a, b) => b.quality - a.quality)
}

const plainJson: Negotiated = { media: 'json', as: 'Object', transformVersion: 'v1', pretty: false }
const transforms = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'])

/** The forms that a resource has beside JSON and YAML of itself. */
export interface Forms {
  /** Custom kinds have no protobuf. */
  readonly protobuf: boolean
  /** What is never stored has neither a table nor metadata of its own. */
  readonly transforms: boolean
}

/** The first part of Accept that this server can write. */
export function negotiate(accept: string | undefined, pretty: boolean, forms: Forms): Negotiated {
  if ((accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') && !pretty) return plainJson
  for (const { type, parameters } of parseAccept(accept || '*/*')) {
    const media = mediaOf(type)
    if (!media || (media === 'protobuf' && !hasProtobuf(parameters.as, forms))) continue
    if (!forms.transforms && parameters.as !== undefined) continue
    const transform = readTransform(parameters)
    if (transform) return { media, ...transform, pretty: pretty || parameters.pretty === '1' }
  }
  throw notAcceptable(forms.protobuf ? supportedMediaTypes : withoutProtobuf)
}

/** How a refusal is written: as the client accepts objects, or else as JSON. */
export function negotiateStatus(accept: string | undefined): Negotiated {
  for (const { type } of parseAccept(accept ?? '')) {
    const media = mediaOf(type)
    if (media) return { ...plainJson, media }
  }
  return plainJson
}

// Metadata has it for every kind, tables for none.
const hasProtobuf = (as: string | undefined, { protobuf }: Forms): boolean => (as === undefined ? protobuf : as !== 'Table')

function readTransform(parameters: Readonly<Record<string, string>>): Pick<Negotiated, 'as' | 'transformVersion'> | undefined {
  const { as, g, v } = parameters
  if (as === undefined) return { as: 'Object', transformVersion: 'v1' }
  if (!transforms.has(as) || (g !== undefined && g !== 'meta.k8s.io') || (v !== 'v1' && v !== 'v1beta1')) return undefined
  return { as: as as Negotiated['as'], transformVersion: v }
}

function mediaOf(type: string): Negotiated['media'] | undefined {
  switch (type) {
    case '*/*':
    case 'application/*':
    case 'application/json':
      return 'json'
    case 'application/yaml':
    case 'application/x-yaml':
      return 'yaml'
    case 'application/vnd.kubernetes.protobuf':
      return 'protobuf'
    default:
      return undefined
  }
}

/** The type of a Content-Type header without its parameters, in lower case. */
export function contentTypeOf(header: string | undefined): string {
  if (header === undefined) return ''
  const semicolon = header.indexOf(';')
  return (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase()
}
