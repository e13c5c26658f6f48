import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { NodeRequestError } from '../containers.ts'

/** `GET /logs/PATH`: the machine's log folder, as upstream's kubelet shows it: folders as lists of links, files as they are. */
export async function serveLogFiles(root: string, segments: readonly string[], response: ServerResponse): Promise<void> {
  if (!segments.length) return redirect(response, 'logs/')
  const wanted = `/${segments.join('/')}`
  if (wanted.includes('\0')) throw notFound()
  // Whatever dots and slashes are hidden in the segments, the way leads down from the root.
  const path = posix.join(root, posix.normalize(wanted)).replace(/\/$/, '')
  const found = await stat(path).catch(() => undefined)
  if (!found) throw notFound()
  const isFolder = wanted.endsWith('/')
  if (found.isDirectory()) return isFolder ? sendFolder(path, response) : redirect(response, `${posix.basename(wanted)}/`)
  if (!found.isFile()) throw notFound()
  return isFolder ? redirect(response, `../${posix.basename(wanted)}`) : sendFile(path, found.mtime, response)
}

const notFound = () => new NodeRequestError(404, '404 page not found')

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(301, { location: encodeURI(location), 'content-length': 0 }).end()
}

async function sendFolder(path: string, response: ServerResponse): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true })
  const names = entries.map(entry => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort()
  const lines = names.map(name => `<a href="${link(name)}">${escapeHtml(name)}</a>\n`)
  const page = Buffer.from(`<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join('')}</pre>\n`)
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length }).end(page)
}

/** A name with a colon would otherwise be taken for a scheme. */
const link = (name: string): string => `${name.includes(':') ? './' : ''}${name.split('/').map(encodeURIComponent).join('/')}`

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => escapes[character] ?? character)

/** A log may grow while it is sent, so that nobody knows its length in advance. */
async function sendFile(path: string, changed: Date, response: ServerResponse): Promise<void> {
  const file = await open(path)
  try {
    response.writeHead(200, { 'content-type': await typeOf(file), 'last-modified': changed.toUTCString() })
    await pipeline(createReadStream('', { fd: file, autoClose: false, start: 0 }), response)
  } finally {
    await file.close()
  }
}

async function typeOf(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0)
  const isText = buffer.subarray(0, bytesRead).every(byte => byte >= 0x20 || textControls.has(byte))
  return isText ? 'text/plain; charset=utf-8' : 'application/octet-stream'
}

/** Tab, the ends of lines and pages, and escape, with which colours begin. */
const textControls = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b])
