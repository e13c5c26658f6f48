import { type FieldError, invalidField, requiredField } from '../apimachinery/field-error.ts'
import { validateDnsSubdomain, validatePortNumber } from '../apimachinery/names.ts'

/** Where a webhook is called: the same rules in admission, and in the conversion of custom resources. */
export interface WebhookLocation {
  readonly url?: string
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number }
}

export function validateWebhookLocation({ url, service }: WebhookLocation, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [requiredField(path, 'exactly one of url or service is required')]
  return url !== undefined ? validateWebhookUrl(url, `${path}.url`) : validateWebhookService(service ?? noService, `${path}.service`)
}

const noService = { namespace: '', name: '' }
const form = '; desired format: https://host[/path]'

function validateWebhookUrl(text: string, path: string): FieldError[] {
  const url = parseUrl(text)
  if (!url) return [requiredField(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI${form}`)]
  const { scheme, user, host, query, fragment } = url
  const errors: FieldError[] = []
  if (scheme !== 'https') errors.push(invalidField(path, scheme, `'https' is the only allowed URL scheme${form}`))
  if (host === '') errors.push(invalidField(path, host, `host must be specified${form}`))
  if (user !== undefined) errors.push(invalidField(path, user, 'user information is not permitted in the URL'))
  if (fragment) errors.push(invalidField(path, fragment, 'fragments are not permitted in the URL'))
  if (query) errors.push(invalidField(path, query, 'query parameters are not permitted in the URL'))
  return errors
}

/** The parts of a URL as RFC 3986 splits them, whatever the scheme; undefined where it is none. */
function parseUrl(text: string) {
  const match = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(text)
  if (!match || /[\p{Cc}\s]/u.test(text) || /%(?![0-9a-f]{2})/i.test(text)) return undefined
  const [, scheme = '', authority = '', , query, fragment] = match
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  if (/[[\]]/.test(host) ? !/^\[[0-9a-f:.%]+\](:\d*)?$/i.test(host) : !/^[^:]*(:\d*)?$/.test(host)) return undefined
  return { scheme: scheme.toLowerCase(), user: at < 0 ? undefined : authority.slice(0, at), host, query, fragment }
}

function validateWebhookService(service: NonNullable<WebhookLocation['service']>, path: string): FieldError[] {
  const { name, namespace, port, path: urlPath } = service
  const portErrors = port === undefined ? [] : validatePortNumber(port)
  return [
    ...(name ? [] : [requiredField(`${path}.name`, 'service name is required')]),
    ...(namespace ? [] : [requiredField(`${path}.namespace`, 'service namespace is required')]),
    ...(portErrors.length ? [invalidField(`${path}.port`, port, `port is not valid: ${portErrors.join(',')}`)] : []),
    ...(urlPath === undefined ? [] : validateUrlPath(urlPath, `${path}.path`)),
  ]
}

function validateUrlPath(urlPath: string, path: string): FieldError[] {
  if (urlPath === '' || urlPath === '/') return []
  if (urlPath === '//') return [invalidField(path, urlPath, 'segment[0] may not be empty')]
  const errors = urlPath.startsWith('/') ? [] : [invalidField(path, urlPath, "must start with a '/'")]
  const segments = urlPath.slice(1).replace(/\/$/, '').split('/')
  for (const [index, segment] of segments.entries()) {
    const messages =
      segment === '' ? [`segment[${index}] may not be empty`] : validateDnsSubdomain(segment).map(one => `segment[${index}]: ${one}`)
    errors.push(...messages.map(message => invalidField(path, urlPath, message)))
  }
  return errors
}
