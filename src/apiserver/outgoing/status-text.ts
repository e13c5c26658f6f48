import { isJsonObject } from '../../apimachinery/json-value.ts'

/** How a refusal is told that came as a code and a text: by its Status if it is one, else in the words of upstream's client. */
export function statusText(code: number, body: string): string {
  const message = messageOfStatus(body)
  if (message !== undefined) return message
  const text = body.trim().slice(0, longestText)
  switch (code) {
    case 400:
      return text || 'the server rejected our request for an unknown reason'
    case 401:
      return 'the server has asked for the client to provide credentials'
    case 403:
      return text || 'forbidden'
    case 404:
      return 'the server could not find the requested resource'
    case 405:
      return 'the server does not allow this method on the requested resource'
    case 409:
      return 'the server reported a conflict'
    case 422:
      return 'the server rejected our request due to an error in our request'
    case 429:
      return 'the server has received too many requests and has asked us to try again later'
    case 503:
      return 'the server is currently unable to handle the request'
    case 504:
      return 'the server was unable to return a response in the time allotted, but may still be processing the request'
  }
  if (code >= 500) return `an error on the server (${JSON.stringify(text || 'unknown')}) has prevented the request from succeeding`
  return `the server responded with the status code ${code} but did not return more information`
}

const longestText = 2048

function messageOfStatus(body: string): string | undefined {
  if (!body.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(body)
    return isJsonObject(value) && value.kind === 'Status' && typeof value.message === 'string' && value.message !== ''
      ? value.message
      : undefined
  } catch {
    return undefined
  }
}
