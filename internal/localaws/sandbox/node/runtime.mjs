// SPDX-License-Identifier: MIT

// The managed NodeJS runtime of Lambda as its functions see it: how the handler
// is found, which handlers are refused, what the context holds, how results and
// errors are told to the Runtime API. It follows aws-lambda-ric 4 (Node 24).
import { existsSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'

const env = process.env
const api = '/2018-06-01/runtime'
const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(':')

// --- Runtime API client: one connection, one request at a time -------------

class Client {
  #socket
  #received = []
  #size = 0
  #pending

  #open() {
    this.#socket = connect({ host, port: Number(port), noDelay: true })
    this.#socket.on('data', (chunk) => this.#data(chunk))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => {
      this.#socket = undefined
      this.#fail(new Error('the Runtime API closed the connection'))
    })
  }

  #fail(error) {
    this.#pending?.reject(error)
    this.#pending = undefined
    this.#received = []
    this.#size = 0
  }

  send(method, path, body = '', headers = '') {
    if (!this.#socket) this.#open()
    const head = `${method} ${api}${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n${headers}`
    const length = method === 'POST' ? `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` : ''
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject, response: undefined }
      this.#socket.write(`${head}${length}\r\n${body}`)
    })
  }

  #data(chunk) {
    this.#received.push(chunk)
    this.#size += chunk.length
    const pending = this.#pending
    if (!pending) return
    if (!pending.response) this.#head(pending)
    const response = pending.response
    if (!response || this.#size < response.end) return
    const all = this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received)
    response.body = all.toString('utf8', response.begin, response.end)
    this.#received = []
    this.#size = 0
    this.#pending = undefined
    if (/close/i.test(response.headers.connection ?? '')) {
      this.#socket.removeAllListeners('close').destroy()
      this.#socket = undefined
    }
    pending.resolve(response)
  }

  #head(pending) {
    if (this.#received.length > 1) this.#received = [Buffer.concat(this.#received)]
    const begin = this.#received[0].indexOf('\r\n\r\n')
    if (begin < 0) return
    const [status, ...lines] = this.#received[0].toString('latin1', 0, begin).split('\r\n')
    const headers = {}
    for (const line of lines) {
      const colon = line.indexOf(':')
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
    }
    const end = begin + 4 + Number(headers['content-length'] ?? 0)
    pending.response = { status: Number(status.split(' ')[1]), headers, begin: begin + 4, end }
  }
}

const client = new Client()

// --- errors ----------------------------------------------------------------

class RuntimeError extends Error {
  constructor(name, message) {
    super(message)
    this.name = `Runtime.${name}`
  }
}

const escapeDelete = (text) => text?.replaceAll('\x7F', '%7F')

function describe(error) {
  if (error instanceof Error) {
    return {
      errorType: escapeDelete(error.name),
      errorMessage: escapeDelete(error.message),
      trace: escapeDelete(error.stack)?.split('\n') ?? [],
    }
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] }
}

function logError(what, error) {
  if (!(error instanceof Error)) error = new Error(String(error))
  if (jsonLogs) return console.error(error)
  const { trace, ...rest } = { ...describe(error), ...error }
  console.error(what, '\t' + JSON.stringify({ ...rest, stack: trace }))
}

// --- console ---------------------------------------------------------------

const jsonLogs = env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON'
const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
const lowest = Math.max(0, levels.indexOf(env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()))
let requestId = '-'

function jsonLine(timestamp, level, values) {
  const line = { timestamp, level, requestId }
  line.message = values.length === 1 && !(values[0] instanceof Error) ? values[0] : format(...values)
  const error = values.find((value) => value instanceof Error)
  if (error) {
    line.errorType = error.constructor?.name ?? 'UnknownError'
    line.errorMessage = error.message
    line.stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : []
  }
  try {
    return JSON.stringify(line)
  } catch {
    return JSON.stringify({ ...line, message: format(...values) })
  }
}

function logAt(level) {
  if (levels.indexOf(level) < lowest) return () => {}
  return (...values) => {
    const timestamp = new Date().toISOString()
    const line = jsonLogs
      ? jsonLine(timestamp, level, values)
      : [timestamp, requestId, level, format(...values)].join('\t').replaceAll('\n', '\r')
    process.stdout.write(line + '\n')
  }
}

function patchConsole() {
  for (const level of levels) console[level.toLowerCase()] = logAt(level)
  console.log = console.info
}

// --- streaming -------------------------------------------------------------

const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming')
const errorTypeTrailer = 'Lambda-Runtime-Function-Error-Type'
const errorBodyTrailer = 'Lambda-Runtime-Function-Error-Body'

function defineGlobals() {
  if (['1', 'true'].includes(env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) return
  globalThis.awslambda = {
    ...globalThis.awslambda,
    streamifyResponse(handler) {
      handler[streamingMark] = 'response'
      return handler
    },
    HttpResponseStream: {
      from(stream, prelude) {
        stream.setContentType('application/vnd.awslambda.http-integration-response')
        stream._onBeforeFirstWrite = (write) => {
          write(JSON.stringify(prelude))
          write(new Uint8Array(8))
        }
        return stream
      },
    },
  }
}

function openStream(id) {
  const stream = request({
    host, port, method: 'POST', agent: new Agent(),
    path: `${api}/invocation/${encodeURIComponent(id)}/response`,
    headers: {
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      'Content-Type': 'application/octet-stream',
      'Transfer-Encoding': 'chunked',
      Trailer: [errorTypeTrailer, errorBodyTrailer],
    },
  })
  let written = false
  const write = stream.write.bind(stream)
  stream.setContentType = (type) => {
    if (written) throw new RuntimeError('InvalidStreamingOperation', 'Cannot set content-type, too late.')
    stream.setHeader('Content-Type', type)
  }
  stream.write = (chunk, ...rest) => {
    if (!written) {
      written = true
      stream._onBeforeFirstWrite?.(write)
    }
    const raw = typeof chunk === 'string' || chunk instanceof Uint8Array
    return write(raw ? chunk : JSON.stringify(chunk), ...rest)
  }
  const answered = new Promise((resolve, reject) => {
    stream.on('error', reject)
    stream.on('response', (response) => response.on('end', resolve).on('error', reject).resume())
  })
  answered.catch(() => {})
  return { stream, answered }
}

async function serveStreaming(handler, event, context) {
  const { stream, answered } = openStream(context.awsRequestId)
  try {
    const result = handler(event, stream, context)
    if (typeof result?.then !== 'function') throw new Error('Streaming does not support non-async handlers.')
    await result
    await answered
    if (!stream.writableFinished) throw new Error('Response stream is not finished.')
  } catch (error) {
    logError('Invoke Error', error)
    const told = describe(error)
    stream.addTrailers({
      [errorTypeTrailer]: told.errorType,
      [errorBodyTrailer]: Buffer.from(JSON.stringify(told)).toString('base64'),
    })
    await new Promise((resolve) => stream.end(resolve))
    await answered
  }
}

// --- the handler -----------------------------------------------------------

async function loadModule(root, name) {
  const path = resolve(env.LAMBDA_TASK_ROOT, root, name)
  try {
    for (const extension of ['', '.js', '.mjs', '.cjs']) {
      if (existsSync(path + extension)) return await import(pathToFileURL(path + extension))
    }
    const require = createRequire(join(env.LAMBDA_TASK_ROOT, 'x'))
    const paths = [env.LAMBDA_TASK_ROOT, join(env.LAMBDA_TASK_ROOT, root)]
    return require(require.resolve(name, { paths }))
  } catch (error) {
    if (error instanceof SyntaxError) {
      const syntax = new RuntimeError('UserCodeSyntaxError', String(error))
      syntax.stack = error.stack
      throw syntax
    }
    if (error?.code === 'MODULE_NOT_FOUND') throw new RuntimeError('ImportModuleError', String(error))
    throw error
  }
}

const find = (name, module) =>
  name.split('.').reduce((nested, key) => (nested && typeof nested === 'object' ? nested[key] : undefined), module)

async function loadHandler() {
  const whole = env._HANDLER
  if (whole.includes('..')) {
    throw new RuntimeError('MalformedHandlerName', `'${whole}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`)
  }
  const last = basename(whole)
  const match = last.match(/^([^.]*)\.(.*)$/)
  if (!match) throw new RuntimeError('MalformedHandlerName', 'Bad handler')
  const module = await loadModule(whole.slice(0, whole.indexOf(last)), match[1])
  const handler = find(match[2], module) || find(match[2], module?.default)
  if (!handler) throw new RuntimeError('HandlerNotFound', `${whole} is undefined or not exported`)
  if (typeof handler !== 'function') throw new RuntimeError('HandlerNotFound', `${whole} is not a function`)
  const mark = handler[streamingMark]
  if (mark && mark !== 'response') {
    throw new RuntimeError('MalformedStreamingHandler', 'Only response streaming is supported.')
  }
  if (handler.length >= 3 && !mark) refuseCallback()
  return { handler, streaming: Boolean(mark) }
}

// Node 24 took callback handlers away; the runtimes before it only warn.
function refuseCallback() {
  const major = Number(env.AWS_EXECUTION_ENV?.match(/nodejs(\d+)/)?.[1] ?? 24)
  if (major >= 24) {
    throw new RuntimeError('CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later.')
  }
  throw new RuntimeError('CallbackHandlerUnsupported',
    'the embedded AWS runs no callback-based handlers; use an async handler')
}

// --- the loop --------------------------------------------------------------

const parsed = (header) => (header ? JSON.parse(header) : undefined)

function contextOf(headers) {
  const deadline = Number.parseInt(headers['lambda-runtime-deadline-ms'], 10)
  const trace = headers['lambda-runtime-trace-id']
  if (trace) env._X_AMZN_TRACE_ID = trace
  else delete env._X_AMZN_TRACE_ID
  return {
    clientContext: parsed(headers['lambda-runtime-client-context']),
    identity: parsed(headers['lambda-runtime-cognito-identity']),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    xRayTraceId: trace,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  }
}

function resultOf(value) {
  try {
    return JSON.stringify(value === undefined ? null : value) ?? ''
  } catch {
    throw new RuntimeError('JSONStringifyError', 'Unable to stringify response body')
  }
}

async function serveBuffered(handler, event, context) {
  const path = `/invocation/${encodeURIComponent(context.awsRequestId)}`
  let body
  try {
    body = resultOf(await handler(event, context))
  } catch (error) {
    logError('Invoke Error', error)
    const told = describe(error)
    await client.send('POST', `${path}/error`, JSON.stringify(told))
    return
  }
  await client.send('POST', `${path}/response`, body)
}

async function main() {
  defineGlobals()
  patchConsole()
  let loaded
  try {
    loaded = await loadHandler()
  } catch (error) {
    logError('Init Error', error)
    const told = describe(error)
    await client.send('POST', '/init/error', JSON.stringify(told), `${errorTypeTrailer}: ${told.errorType.replace(/[^!-~]/g, '')}\r\n`)
    process.exit(1)
  }
  const serve = loaded.streaming ? serveStreaming : serveBuffered
  for (;;) {
    const next = await client.send('GET', '/invocation/next')
    if (next.status !== 200) throw new Error(`the Runtime API answered ${next.status}: ${next.body}`)
    const context = contextOf(next.headers)
    requestId = context.awsRequestId
    await serve(loaded.handler, JSON.parse(next.body), context)
  }
}

await main()
