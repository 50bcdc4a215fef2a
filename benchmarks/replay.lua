-- Replays requests from a file, so that no two in a row are the same and the generator has next to nothing to do.
-- Arguments: the file (see traffic.py), and the number of the request to begin with.
-- The report is one line of JSON; times are in microseconds.

local requests, count, position = {}, 0, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local length = file:read("*n")
  while length do
    file:read(1)
    count = count + 1
    requests[count] = file:read(length)
    length = file:read("*n")
  end
  file:close()
  position = tonumber(arguments[2]) % count
end

function request()
  position = position % count + 1
  return requests[position]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "bytes": %d, "refused": %d, "broken": %d, '
      .. '"p50": %d, "p95": %d, "p99": %d, "longest": %d}\n',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max))
end
