import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { validateDns1035Label, validatePortNumber } from '../../apimachinery/names.ts'
import { invalid, required } from '../core/validation/rules.ts'
import type { CustomResourceConversion } from './custom-resource-definition-types.ts'

const strategies = ['None', 'Webhook']
const understoodVersions = ['v1', 'v1beta1']

/** Upstream names the fields of the webhook as its inner form has them. */
export function validateConversion(conversion: CustomResourceConversion | undefined, path: string): FieldError[] {
  if (!conversion) return []
  const { strategy, webhook } = conversion
  if (!strategy) return [requiredField(`${path}.strategy`)]
  if (!strategies.includes(strategy)) return [unsupportedField(`${path}.strategy`, strategy, strategies)]
  if (strategy === 'None') {
    return webhook ? [forbiddenField(`${path}.webhook`, 'should not be set when strategy is not set to Webhook')] : []
  }
  const client = webhook?.clientConfig
  return [
    ...(client
      ? validateClientConfig(client, `${path}.webhookClientConfig`)
      : [requiredField(`${path}.webhookClientConfig`, 'required when strategy is set to Webhook')]),
    ...validateReviewVersions(webhook?.conversionReviewVersions ?? [], `${path}.conversionReviewVersions`),
  ]
}

function validateReviewVersions(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [requiredField(path)]
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, version] of versions.entries()) {
    if (seen.has(version)) errors.push(invalidField(`${path}[${index}]`, version, 'duplicate version'))
    errors.push(...invalid(`${path}[${index}]`, version, validateDns1035Label(version)))
    seen.add(version)
  }
  if (versions.some(version => understoodVersions.includes(version))) return errors
  return [...errors, invalidField(path, versions, `must include at least one of ${understoodVersions.join(', ')}`)]
}

type ClientConfig = NonNullable<NonNullable<CustomResourceConversion['webhook']>['clientConfig']>

function validateClientConfig({ url, service }: ClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [requiredField(path, 'exactly one of url or service is required')]
  }
  if (url !== undefined) return validateUrl(url, `${path}.url`)
  return [
    ...required(service?.name, `${path}.service.name`),
    ...required(service?.namespace, `${path}.service.namespace`),
    ...(service?.path ? validateServicePath(service.path, `${path}.service.path`) : []),
    ...invalid(
      `${path}.service.port`,
      service?.port,
      validatePortNumber(service?.port ?? 443).map(problem => `port is not valid: ${problem}`),
    ),
  ]
}

const urlForm = 'desired format: https://host[/path]'

function validateUrl(url: string, path: string): FieldError[] {
  if (!URL.canParse(url)) return [requiredField(path, `url must be a valid URL: ${url}; ${urlForm}`)]
  const { protocol, host, username, search, hash } = new URL(url)
  const errors: FieldError[] = []
  if (protocol !== 'https:') errors.push(invalidField(path, protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${urlForm}`))
  if (!host) errors.push(invalidField(path, host, `host must be specified; ${urlForm}`))
  if (username) errors.push(invalidField(path, username, `user information is not permitted in the URL`))
  if (hash) errors.push(invalidField(path, hash.slice(1), `fragments are not permitted in the URL`))
  if (search) errors.push(invalidField(path, search.slice(1), `query parameters are not permitted in the URL`))
  return errors
}

function validateServicePath(servicePath: string, path: string): FieldError[] {
  if (!servicePath.startsWith('/')) return [invalidField(path, servicePath, "must start with a '/'")]
  if (servicePath.includes('//')) return [invalidField(path, servicePath, 'segment may not be empty')]
  return []
}
