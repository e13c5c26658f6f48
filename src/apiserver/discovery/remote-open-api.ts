import { isJsonObject } from '../../apimachinery/json-value.ts'
import type { OpenApiDocument } from '../../apimachinery/openapi/index.ts'
import type { RemoteGroupVersion } from '../aggregation/index.ts'

/** The document with the paths of a group version that another server describes, and the definitions that they need. */
export function mergeOpenApi(document: OpenApiDocument, { group, version }: RemoteGroupVersion, remote: unknown): OpenApiDocument {
  if (!isJsonObject(remote) || !isJsonObject(remote.paths) || !isJsonObject(remote.definitions)) return document
  const root = `/apis/${group}/${version}`
  const paths = Object.entries(remote.paths).filter(([path]) => path === root || path.startsWith(`${root}/`))
  // What both have is ours: its descriptions are the ones that our own kinds have.
  return {
    ...document,
    paths: { ...(document.paths as object), ...Object.fromEntries(paths) },
    definitions: { ...remote.definitions, ...(document.definitions as object) },
  }
}
