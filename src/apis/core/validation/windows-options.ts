import { type FieldError, invalidField } from '../../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../../apimachinery/names.ts'
import type { WindowsSecurityContextOptions } from '../container.ts'
import type { PodSpec } from '../pod-spec.ts'
import { byteLength, each, invalid } from './rules.ts'

/** Windows pods run nowhere here, yet manifests that carry them are checked as everywhere. */
export function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, path: string): FieldError[] {
  if (options === undefined) return []
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credentials, runAsUserName: user } = options
  return [
    ...(name === undefined ? [] : invalid(`${path}.gmsaCredentialSpecName`, name, validateDnsSubdomain(name))),
    ...(credentials === undefined ? [] : validateCredentials(credentials, `${path}.gmsaCredentialSpec`)),
    ...(user === undefined ? [] : invalid(`${path}.runAsUserName`, user, userNameProblems(user))),
  ]
}

function validateCredentials(credentials: string, path: string): FieldError[] {
  if (credentials === '') return [invalidField(path, credentials, 'gmsaCredentialSpec cannot be an empty string')]
  return byteLength(credentials) > 64 * 1024 ? [invalidField(path, credentials, 'gmsaCredentialSpec size must be under 64 KiB')] : []
}

const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsDomain = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`)
const netBiosDomain = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
const controlCharacter = /[\x00-\x1f\x7f]/

function userNameProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (controlCharacter.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1) ?? ''
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined
  const problems: string[] = []
  if (domain !== undefined && domain.length >= 256) problems.push("runAsUserName's Domain length must be under 256 characters")
  if (domain !== undefined && !netBiosDomain.test(domain) && !dnsDomain.test(domain)) {
    problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
  }
  if (user === '') problems.push("runAsUserName's User cannot be empty")
  else if (user.length > 104) problems.push("runAsUserName's User length must not be longer than 104 characters")
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    problems.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]')
  }
  return problems
}

/** Either all containers of a pod are processes of the host, or none is. */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  let hostProcesses = 0
  const check = (container: PodSpec['containers'][number], at: string): FieldError[] => {
    const own = container.securityContext?.windowsOptions?.hostProcess
    if (own ?? ofPod) hostProcesses++
    return ofPod !== undefined && own !== undefined && own !== ofPod
      ? [
          invalidField(
            `${at}.securityContext.windowsOptions.hostProcess`,
            own,
            `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
          ),
        ]
      : []
  }
  const errors = [
    ...each(spec.initContainers, `${path}.initContainers`, check),
    ...each(spec.containers, `${path}.containers`, check),
    ...each(spec.ephemeralContainers, `${path}.ephemeralContainers`, check),
  ]
  if (hostProcesses === 0) return errors
  const all = (spec.initContainers?.length ?? 0) + (spec.containers?.length ?? 0) + (spec.ephemeralContainers?.length ?? 0)
  if (hostProcesses !== all) {
    errors.push(invalidField(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'))
  }
  if (!spec.hostNetwork) {
    errors.push(invalidField(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'))
  }
  return errors
}
