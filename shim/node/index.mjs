// SPDX-License-Identifier: MIT

// The shim between the managed NodeJS runtime of Lambda and a Go program: it
// starts ./bootstrap, serves it the Runtime API on a loopback port and hands it
// each event that the NodeJS runtime hands to the handler below.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { spawn } from 'node:child_process'
import { createServer, request } from 'node:http'
import { fileURLToPath } from 'node:url'

const env = process.env
const program = fileURLToPath(new URL(process.platform === 'win32' ? './bootstrap.exe' : './bootstrap', import.meta.url))
const runtimeAPI = '/2018-06-01/runtime/'
const ok = '{"status":"OK"}\n'
const jsonHeaders = (length) => ['Content-Type', 'application/json', 'Content-Length', length]

// What Lambda takes as a result: 6 MB and a little.
const payloadLimit = 6 * 1024 * 1024 + 100
// How often in a row the program may die before the environment is given up.
const crashLimit = 5
// How much of the program's stderr the failure of its init phase quotes, in bytes.
const tailLimit = 4096

let child // the running program, or the last one
let waiting // the open response to the program's request for the next event
let waker // of the handler that waits for that request
let current // the event in work
let crashes = 0
let stopping = false

function named(name, message) {
  const error = new Error(message)
  error.name = name
  error.stack = `${name}: ${message}`
  return error
}

if (env.AWS_LAMBDA_MAX_CONCURRENCY !== undefined) {
  throw named('Runtime.ConcurrencyUnsupported',
    'the NodeJS shim takes one event at a time; use runtime: provided.al2023 on Lambda Managed Instances')
}

// --- the program -----------------------------------------------------------

function start() {
  const started = { tail: Buffer.alloc(0), failure: undefined, asked: false, gone: false, kill: () => {} }
  child = started
  const childEnv = { ...env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}` }
  delete childEnv._LAMBDA_SERVER_PORT
  delete childEnv._LAMBDA_TELEMETRY_LOG_FD
  const running = spawn(program, [], { env: childEnv, stdio: ['ignore', 'inherit', 'pipe'], windowsHide: true })
  started.kill = (signal) => running.kill(signal)
  running.on('error', (error) => ended(started, named('Runtime.InvalidEntrypoint', `${error.message}`)))
  running.stderr?.on('data', (chunk) => {
    process.stderr.write(chunk)
    if (!started.asked) started.tail = Buffer.concat([started.tail, chunk]).subarray(-tailLimit)
  })
  running.on('exit', (code, signal) => {
    const reason = signal ? `signal: ${signal}` : `exit status ${code}`
    const report = () => ended(started, exited(started, reason))
    if (!running.stderr || running.stderr.closed) return report()
    // The last lines may still be in the pipe, which a process of the program's
    // own may hold open for ever.
    const timer = setTimeout(report, 100)
    running.stderr.on('close', () => {
      clearTimeout(timer)
      report()
    })
  })
}

// exited quotes only what a program wrote in its init phase: later lines may
// belong to an event of another caller.
function exited(which, reason) {
  const tail = which.asked ? '' : which.tail.toString('utf8').trim()
  return named('Runtime.ExitError', `Runtime exited with error: ${reason}${tail && `\n${tail}`}`)
}

// ended fails what waits for a program that is gone. It is not started again
// before there is an event for it, and no event is ever sent twice.
function ended(which, error) {
  if (which.gone) return
  which.gone = true
  if (stopping) process.exit(0)
  if (which !== child) return
  waiting = undefined
  crashes++
  if (crashes > crashLimit) {
    process.stderr.write(`the Go program ended ${crashes} times in a row: ${error.message}\n`)
    process.exit(1)
  }
  const sleeper = waker
  waker = undefined
  sleeper?.reject(which.failure ?? error)
  if (current) {
    error.message = `RequestId: ${current.id} Error: ${error.message}`
    settle((event) => event.reject(error))
  } else if (!sleeper) {
    process.stderr.write(`the Go program ended between two events: ${error.message}\n`)
  }
}

// asked waits until the program asks for an event.
async function asked() {
  while (!waiting) await new Promise((resolve, reject) => { waker = { resolve, reject } })
}

// ready makes sure that a program asks for an event. One that died while nothing
// was in work is replaced.
async function ready() {
  if (waiting) return
  if (!child.gone) {
    try {
      return await asked()
    } catch {
      // fall through: it had taken no event, so a new one can
    }
  }
  start()
  await asked()
}

// --- the Runtime API -------------------------------------------------------

// The defaults of the server would close the connection in a long handler, cut
// a long answer and refuse the headers that repeat a long error message.
const server = createServer({
  maxHeaderSize: 2 * 1024 * 1024, headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0, noDelay: true,
}, serve)
server.timeout = 0

function serve(req, res) {
  if (!req.url.startsWith(runtimeAPI)) return forward(req, res)
  res.sendDate = false
  const [what, id, verb] = req.url.slice(runtimeAPI.length).split('/')
  const route = `${req.method} ${what}/${verb === undefined ? id : verb}`
  switch (route) {
    case 'GET invocation/next': return serveNext(res)
    case 'POST invocation/response':
      return due(id, res) ? collect(req, res, answered) : undefined
    case 'POST invocation/error':
      return due(id, res) ? collect(req, res, failed) : undefined
    case 'POST init/error': return collect(req, res, (body) => {
      child.failure = errorOf(body)
      accept(res)
    })
  }
  refuse(res, 404, 'NotFound', `the shim does not serve ${req.method} ${req.url}`)
}

function serveNext(res) {
  if (waiting || current) return refuse(res, 403, 'InvalidStateTransition', 'an event is in work already')
  waiting = res
  child.asked = true
  res.on('close', () => {
    if (waiting === res) waiting = undefined
  })
  const sleeper = waker
  waker = undefined
  sleeper?.resolve()
}

function due(id, res) {
  if (current?.id === id) return true
  refuse(res, 400, 'InvalidRequestID', 'Invalid request ID')
  return false
}

function accept(res) {
  res.writeHead(202, jsonHeaders(ok.length)).end(ok)
}

function refuse(res, status, errorType, errorMessage) {
  const body = JSON.stringify({ errorType, errorMessage })
  res.writeHead(status, jsonHeaders(Buffer.byteLength(body))).end(body)
}

// collect reads a whole body. Of one that is too large only the size is kept.
function collect(req, res, then) {
  const chunks = []
  let size = 0
  req.on('error', () => {}) // the program died; its end fails the event
  req.on('data', (chunk) => {
    size += chunk.length
    if (size <= payloadLimit) chunks.push(chunk)
    else chunks.length = 0
  })
  req.on('end', () => then(size > payloadLimit ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks), res, req))
}

function settle(how) {
  const event = current
  current = undefined
  how(event)
}

// answered passes on a result. aws-lambda-go ends its process on any status but
// 202, also on the 413 that Lambda answers to a result that is too large; here
// only the event fails, and the program lives on.
function answered(body, res, req) {
  if (!current) return refuse(res, 400, 'InvalidRequestID', 'Invalid request ID')
  setImmediate(accept, res) // the answer to Lambda goes first
  crashes = 0
  if (body === undefined) {
    const message = `Response payload size exceeded maximum allowed payload size (${payloadLimit} bytes).`
    return settle((event) => event.reject(named('Function.ResponseSizeTooLarge', message)))
  }
  const late = lateError(req)
  if (late) return settle((event) => event.reject(late))
  settle((event) => event.resolve(valueOf(body)))
}

function failed(body, res) {
  if (!current) return refuse(res, 400, 'InvalidRequestID', 'Invalid request ID')
  accept(res)
  crashes = 0
  settle((event) => event.reject(errorOf(body)))
}

// lateError is the failure of a result that was on its way already.
function lateError(req) {
  if (!req.trailers['lambda-runtime-function-error-type']) return undefined
  return errorOf(Buffer.from(req.trailers['lambda-runtime-function-error-body'] ?? '', 'base64'))
}

// A result that is no JSON can only be returned as a string.
function valueOf(body) {
  if (body.length === 0) return null
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// errorOf makes an Error of aws-lambda-go's description of one.
function errorOf(body) {
  let told
  try {
    told = JSON.parse(body?.toString('utf8') ?? '')
  } catch {
    // told below
  }
  if (typeof told?.errorMessage !== 'string') {
    return named('Runtime.Unknown', `the program told of an error in no known form: ${body?.toString('utf8', 0, tailLimit) ?? 'too large'}`)
  }
  const error = named(told.errorType || 'Error', told.errorMessage)
  for (const frame of told.stackTrace ?? []) {
    error.stack += `\n    at ${frame.label} (${frame.path}:${frame.line})`
  }
  return error
}

// forward passes a call of another API, such as the one for extensions, on to
// Lambda.
function forward(req, res) {
  const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(':')
  const onward = request({ host, port, method: req.method, path: req.url, headers: req.headers, agent: false }, (answer) => {
    res.writeHead(answer.statusCode, answer.headers)
    answer.pipe(res)
  })
  onward.on('error', (error) => (res.headersSent ? res.destroy() : refuse(res, 502, 'Runtime.Unreachable', error.message)))
  res.on('close', () => onward.destroy())
  req.pipe(onward)
}

// --- the handler -----------------------------------------------------------

// Header values are ASCII; JSON can say all else in escapes.
const asciiJSON = (value) =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0'))

function headersOf(context, length) {
  const headers = [
    ...jsonHeaders(length),
    'Lambda-Runtime-Aws-Request-Id', context.awsRequestId,
    'Lambda-Runtime-Deadline-Ms', String(Math.round(Date.now() + context.getRemainingTimeInMillis())),
    'Lambda-Runtime-Invoked-Function-Arn', context.invokedFunctionArn ?? '',
  ]
  const trace = context.xRayTraceId ?? env._X_AMZN_TRACE_ID
  if (trace) headers.push('Lambda-Runtime-Trace-Id', trace)
  if (context.clientContext) headers.push('Lambda-Runtime-Client-Context', asciiJSON(context.clientContext))
  if (context.identity) headers.push('Lambda-Runtime-Cognito-Identity', asciiJSON(context.identity))
  if (context.tenantId) headers.push('Lambda-Runtime-Aws-Tenant-Id', context.tenantId)
  return headers
}

export async function handler(event, context) {
  if (!waiting) await ready()
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(event) ?? 'null'
    const res = waiting
    waiting = undefined
    current = { id: context.awsRequestId, resolve, reject }
    res.sendDate = false
    res.writeHead(200, headersOf(context, Buffer.byteLength(body))).end(body)
  })
}

process.on('SIGTERM', () => {
  stopping = true
  child?.kill('SIGTERM')
  if (!child || child.gone) process.exit(0)
})
process.on('exit', () => child?.kill('SIGKILL'))

await new Promise((resolve, reject) => server.listen(0, '127.0.0.1', resolve).on('error', reject))
start()
await asked() // the Go program's init belongs to the init phase
