import type { Status } from '../../apimachinery/api-errors.ts'
import type { CallOptions, PatchType } from '../../apimachinery/connection.ts'
import type { DeleteOptions, KubernetesObject } from '../../apimachinery/meta.ts'
import type { RequestContext } from '../../apimachinery/request.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { ListResult } from '../registry/read.ts'
import type { Registry } from '../registry/registry.ts'
import type { RequestBody } from '../request/body.ts'
import type { Resource } from '../resources.ts'
import type { Authorizer, HandlerTable, HttpAnswer, HttpRequest, StoredObjects } from '../types.ts'

/** What is asked of one resource, from whichever side it came; authorized already. */
export interface Operation {
  readonly verb: string
  readonly resource: Resource
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly options: CallOptions
  readonly context: RequestContext
  readonly patchType: PatchType | undefined
  readonly query: URLSearchParams
  /** What the path has behind the subresource, as it was sent. */
  readonly rest: string
  /** Read when authorization is done; undefined where there is none. */
  readonly body: () => Promise<RequestBody | undefined>
  /** From the body of a DELETE, or its query. */
  readonly deleteOptions: () => Promise<DeleteOptions>
  readonly http: Omit<HttpRequest, 'body'> | undefined
}

/** What came of it, before it is encoded. */
export type Outcome =
  | { readonly type: 'version'; readonly resource: Resource; readonly version: StoredVersion; readonly code: number }
  | { readonly type: 'list'; readonly resource: Resource; readonly list: ListResult }
  /** Made for this answer: reviews, scales. */
  | { readonly type: 'object'; readonly object: KubernetesObject; readonly code: number }
  | { readonly type: 'status'; readonly status: Status; readonly code: number }
  | { readonly type: 'answer'; readonly answer: HttpAnswer }

/** What all operations share. */
export interface OperationRoom {
  readonly registry: Registry
  readonly handlers: HandlerTable
  readonly objects: StoredObjects
  /** For what turns out to be more than was asked for: an update or apply that creates. */
  readonly authorizer: Authorizer
}
