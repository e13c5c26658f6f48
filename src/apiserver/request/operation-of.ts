import { pathNotFound } from '../../apimachinery/api-errors.ts'
import { annotateNothing, type RequestAttributes, type RequestContext, type UserInfo } from '../../apimachinery/request.ts'
import { recordBody, recordDeleteOptions } from '../audit/index.ts'
import type { Operation } from '../operations/operation.ts'
import { isWhole } from '../operations/request-parts.ts'
import type { Resource } from '../resources.ts'
import type { ServerRoom } from '../server-room.ts'
import type { HttpRequest } from '../types.ts'
import type { Arrived } from './arrive.ts'
import { headerOf } from './authenticate.ts'
import { readBody, readDeleteOptions, readPatchType } from './http-body.ts'
import { parseOptions } from './options.ts'
import type { PathTarget } from './path.ts'

/** The resource that a path is about. */
export function findResource({ catalog }: ServerRoom, { target }: Arrived): Resource {
  const resource = catalog.find(target.group, target.version, target.resource)
  if (!resource || (target.rest !== '' && target.rest !== '/' && !isHandedOn(resource, target))) throw pathNotFound()
  if (resource.namespaced && target.namespace === '' && target.name !== '') throw pathNotFound()
  // A namespace is in itself and in no other: who may do something in one may not do it to others through it.
  const isItself = target.resource === 'namespaces' && target.name === target.namespace
  if (!resource.namespaced && target.namespace !== '' && !isItself) throw pathNotFound()
  return resource
}

/** What is to be done with it; bodies are read when somebody asks for them. */
export function operationOf(
  { yaml }: ServerRoom,
  { target, query, attributes, warnings, auditId, audit, request: head }: Arrived,
  user: UserInfo,
  resource: Resource,
  request: Omit<HttpRequest, 'body'> & Partial<Pick<HttpRequest, 'body'>>,
): Operation {
  const { verb } = attributes
  const handedOn = isHandedOn(resource, target)
  const options = query.size === 0 || handedOn ? {} : parseOptions(query, optionsName(verb))
  const context = contextOf(head, user, attributes, warnings, auditId, options.dryRun === true, audit?.annotate)
  const strict = options.fieldValidation !== 'Ignore'
  return {
    verb,
    resource,
    subresource: target.subresource,
    namespace: resource.namespaced ? target.namespace : '',
    name: target.name,
    options,
    context,
    patchType: verb === 'patch' && !handedOn ? readPatchType(request, resource) : undefined,
    query,
    rest: target.rest,
    async body() {
      const { kind } = resource.kind.subresources[target.subresource] ?? resource.kind
      const body = await readBody(request, yaml.of(user.name), { kind, custom: resource.kind.custom, findDuplicates: strict })
      if (audit && body) recordBody(audit, body, resource, target.subresource)
      return body
    },
    async deleteOptions() {
      const deleteOptions = await readDeleteOptions(request, yaml.of(user.name), options, dryRun => void Object.assign(context, { dryRun }))
      if (audit) recordDeleteOptions(audit, deleteOptions)
      return deleteOptions
    },
    http: head,
  }
}

function contextOf(
  request: Omit<HttpRequest, 'body'>,
  user: UserInfo,
  attributes: RequestAttributes,
  warnings: string[],
  auditId: string,
  dryRun: boolean,
  annotate: RequestContext['annotate'] = annotateNothing,
): RequestContext {
  const warn = (text: string) => {
    if (!warnings.includes(text)) warnings.push(text)
  }
  return {
    user,
    signal: request.signal,
    auditId,
    userAgent: headerOf(request, 'user-agent') ?? '',
    attributes,
    dryRun,
    warn,
    annotate,
  }
}

function optionsName(verb: string): Parameters<typeof parseOptions>[1] {
  switch (verb) {
    case 'create':
      return 'Create'
    case 'update':
      return 'Update'
    case 'patch':
      return 'Patch'
    case 'delete':
    case 'deletecollection':
      return 'Delete'
    case 'get':
      return 'Get'
    default:
      return 'List'
  }
}

/** A proxy's subresource: neither path nor body behind it is ours to read. */
export function isHandedOn({ kind }: Resource, { subresource }: PathTarget): boolean {
  const definition = subresource === '' ? undefined : kind.subresources[subresource]
  return definition !== undefined && isWhole(definition)
}
