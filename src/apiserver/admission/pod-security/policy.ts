import { type FieldError, invalidField } from '../../../apimachinery/field-error.ts'

/** What a namespace's labels say about the pods in it. */
export type Level = 'privileged' | 'baseline' | 'restricted'

export interface LevelVersion {
  readonly level: Level
  /** The minor version of Kubernetes whose rules count; `latest` stands for the newest. */
  readonly version: number | 'latest'
}

export interface Policy {
  /** Pods that violate it are refused. */
  readonly enforce: LevelVersion
  /** Violations are noted for the audit log. */
  readonly audit: LevelVersion
  /** Violations are told to whoever makes the pod. */
  readonly warn: LevelVersion
}

type Labels = Readonly<Record<string, string>> | undefined

const anything: LevelVersion = { level: 'privileged', version: 'latest' }
export const noPolicy: Policy = { enforce: anything, audit: anything, warn: anything }

const prefix = 'pod-security.kubernetes.io/'
const levels: readonly string[] = ['privileged', 'baseline', 'restricted']

/** A policy is always there: labels that mean nothing enforce the strictest one, and neither warn nor audit. */
export function readPolicy(labels: Labels): { readonly policy: Policy; readonly errors: readonly FieldError[] } {
  if (!mayHavePolicy(labels)) return { policy: noPolicy, errors: [] }
  const errors: FieldError[] = []
  const refuse = (label: string, value: string, detail: string) =>
    void errors.push(invalidField(`metadata.labels[${label}]`, value, detail))
  const read = (mode: keyof Policy): LevelVersion => {
    const level = labels[prefix + mode]
    const version = labels[`${prefix + mode}-version`]
    const known = level === undefined || levels.includes(level)
    if (!known) refuse(prefix + mode, level, `must be one of ${levels.join(', ')}`)
    const match = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(version ?? '')
    if (version !== undefined && version !== 'latest' && !match) refuse(`${prefix + mode}-version`, version, 'must be "latest" or "v1.x"')
    const unknownLevel: Level = mode === 'enforce' ? 'restricted' : 'privileged'
    return { level: known ? ((level ?? 'privileged') as Level) : unknownLevel, version: match ? Number(match[1]) : 'latest' }
  }
  return { policy: { enforce: read('enforce'), audit: read('audit'), warn: read('warn') }, errors }
}

function mayHavePolicy(labels: Labels): labels is Readonly<Record<string, string>> {
  for (const label in labels) if (label.startsWith(prefix)) return true
  return false
}

export const formatLevel = ({ level, version }: LevelVersion): string => `${level}:${version === 'latest' ? version : `v1.${version}`}`

export const isSameLevel = (left: LevelVersion, right: LevelVersion): boolean =>
  left.level === right.level && left.version === right.version

export const isStricter = (left: LevelVersion, right: LevelVersion): boolean => levels.indexOf(left.level) > levels.indexOf(right.level)
