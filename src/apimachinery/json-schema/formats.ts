import { parseDuration } from '../codec/time.ts'
import { parseCidr, parseIp } from '../ip.ts'
import { validateDnsLabel, validateDnsSubdomain } from '../names.ts'

type Check = (text: string) => boolean

const pattern =
  (expression: RegExp): Check =>
  text =>
    expression.test(text)

const uuid = (third: string, fourth: string): Check =>
  pattern(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${third}-?${fourth}-?[0-9a-f]{12}$`, 'i'))
const anyHex = '[0-9a-f]{4}'
const variant = '[89ab][0-9a-f]{3}'
const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'

/** The formats of strings that are checked; any other name is allowed and means nothing. */
const formats: Readonly<Record<string, Check>> = {
  bsonobjectid: pattern(/^[0-9a-f]{24}$/i),
  uri: isUri,
  email: pattern(/^(?:[^<>]*<)?[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+>?$/),
  hostname: isHostname,
  ipv4: text => parseIp(text)?.family === 4,
  ipv6: text => parseIp(text)?.family === 6,
  cidr: text => parseCidr(text) !== undefined,
  mac: pattern(/^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}(?:[0-9a-f]{2}\1[0-9a-f]{2}\1)?[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2,3}[0-9a-f]{4})$/i),
  uuid: uuid(anyHex, anyHex),
  uuid3: uuid('3[0-9a-f]{3}', anyHex),
  uuid4: uuid('4[0-9a-f]{3}', variant),
  uuid5: uuid('5[0-9a-f]{3}', variant),
  isbn: text => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: pattern(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  hexcolor: pattern(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  rgbcolor: pattern(new RegExp(`^rgb\\(\\s*${byte}\\s*,\\s*${byte}\\s*,\\s*${byte}\\s*\\)$`)),
  byte: pattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  'date-time': isDateTime,
  quantity: () => true,
  'k8s-short-name': text => validateDnsLabel(text).length === 0,
  'k8s-long-name': text => validateDnsSubdomain(text).length === 0,
}

/** Formats may be written with dashes or without. */
export function hasFormat(format: string, text: string): boolean {
  const known = Object.hasOwn(formats, format) ? formats[format] : undefined
  return known?.(text) ?? true
}

export const isKnownFormat = (format: string): boolean => Object.hasOwn(formats, format) || withoutDashes.has(format.replaceAll('-', ''))

const withoutDashes = new Set(Object.keys(formats).map(format => format.replaceAll('-', '')))

/** An absolute URI, or a path. */
function isUri(text: string): boolean {
  if (/[\p{Cc} ]/u.test(text)) return false
  return text.startsWith('/') || /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(text)
}

function isHostname(text: string): boolean {
  if (text.length > 255) return false
  return text.split('.').every((label, index, all) => {
    const last = index === all.length - 1
    if (label === '') return last && index > 0
    return label.length <= 63 && /^[\p{L}\p{N}\p{S}](?:[-\p{L}\p{N}\p{S}]*[\p{L}\p{N}\p{S}])?$/u.test(label)
  })
}

const digitsOf = (text: string): string => text.replace(/[\s-]+/g, '')

function isIsbn10(text: string): boolean {
  const digits = digitsOf(text)
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < 10; index++) sum += (index + 1) * (digits[index] === 'X' ? 10 : Number(digits[index]))
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = digitsOf(text)
  if (!/^\d{13}$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < 13; index++) sum += Number(digits[index]) * (index % 2 === 0 ? 1 : 3)
  return sum % 10 === 0
}

/** The checksum that card numbers carry. */
function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D+/g, '')
  if (!/^\d{13,19}$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const weighed = index % 2 === 1 ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  if (!match) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC((year % 400) + 2000, month, 0)).getUTCDate()
}

function isDateTime(text: string): boolean {
  const match = /^([^tT]+)[tT](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|[+-]\d\d:\d\d)$/i.exec(text)
  return match !== null && isDate(match[1] ?? '') && Number(match[2]) <= 23 && Number(match[3]) <= 59 && Number(match[4]) <= 59
}

const unitWords =
  /^\s*[-+]?\d+(?:\.\d+)?\s*(?:ns|us|µs|ms|s|m|h|d|w|(?:nanosecond|microsecond|millisecond|second|sec|minute|min|hour|hr|day|week|wk)s?)\s*$/i

function isDuration(text: string): boolean {
  if (unitWords.test(text)) return true
  try {
    parseDuration(text)
    return true
  } catch {
    return false
  }
}
