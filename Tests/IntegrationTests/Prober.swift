import Foundation
import Glibc
import Synchronization
import TestSupport

/// Another caller: sends an event and asks for the daemon's health, one after the other, and notes how long each answer
/// took.
final class Prober: Sendable {
  private struct State {
    var eventMilliseconds: [Double] = []
    var healthMilliseconds: [Double] = []
    var failures: [String] = []
    var isOver = false
    /// When the slowest event was answered, and how long that took.
    var slowest: (at: Date, milliseconds: Double)?
  }

  private let socket: String
  private let service: String
  private let state = Mutex(State())
  private let done = DispatchSemaphore(value: 0)

  /// Begins at once, and goes on until `stop`.
  init(socket: String, service: String) {
    (self.socket, self.service) = (socket, service)
    Thread { [self] in
      var number = 0
      while !state.withLock({ $0.isOver }) {
        number += 1
        probe(number)
        // Some caller, not a flood.
        usleep(3000)
      }
      done.signal()
    }.start()
  }

  private func probe(_ number: Int) {
    let event =
      #"{"specversion":"1.0","id":"probe\#(number)","source":"prober","type":"change","subject":"\#(service)","time":"2026-01-05T10:00:00Z"}"#
    let sent = ask(
      "POST /v1/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: \(event.utf8.count)\r\n\r\n\(event)"
    )
    let health = ask("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    state.withLock { state in
      if sent.milliseconds > state.slowest?.milliseconds ?? 0 { state.slowest = (Date(), sent.milliseconds) }
      if sent.status == 200 {
        state.eventMilliseconds.append(sent.milliseconds)
      } else {
        state.failures.append("event: \(sent.status)")
      }
      if health.status == 200 {
        state.healthMilliseconds.append(health.milliseconds)
      } else {
        state.failures.append("health: \(health.status)")
      }
    }
  }

  private func ask(_ request: String) -> (status: Int, milliseconds: Double) {
    let start = ContinuousClock.now
    let status = RawConnection(socket).map { connection in
      connection.send(request)
      return connection.answer(milliseconds: 60_000).status
    }
    return (status ?? 0, (ContinuousClock.now - start) / .milliseconds(1))
  }

  struct Report: CustomStringConvertible {
    let event: Percentiles
    let health: Percentiles
    let failures: [String]
    let slowest: Date?

    /// With the second of its minute in which the slowest event was answered, because grid instants are full minutes.
    var description: String {
      let second = slowest.map { ($0.timeIntervalSince1970.truncatingRemainder(dividingBy: 60) * 10).rounded() / 10 }
      return "event \(event)\(second.map { " (at second \($0))" } ?? ""), health \(health)"
        + (failures.isEmpty ? "" : ", failed \(failures.count): \(failures[0])")
    }
  }

  struct Percentiles: CustomStringConvertible {
    let sorted: [Double]

    func at(_ percent: Int) -> Double {
      sorted.isEmpty ? .infinity : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
    }

    var description: String {
      func short(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
      return
        "p50 \(short(at(50))) p99 \(short(at(99))) longest \(short(sorted.last ?? .infinity)) ms of \(sorted.count)"
    }
  }

  func stop() -> Report {
    state.withLock { $0.isOver = true }
    done.wait()
    return state.withLock {
      Report(
        event: Percentiles(sorted: $0.eventMilliseconds.sorted()),
        health: Percentiles(sorted: $0.healthMilliseconds.sorted()),
        failures: $0.failures, slowest: $0.slowest?.at)
    }
  }
}

/// Reads what the daemon tells the watchdog, and notes the longest time between two words.
final class WatchdogListener: Sendable {
  private let longest = Mutex((last: ContinuousClock.now, gap: Duration.zero, isOver: false))
  private let done = DispatchSemaphore(value: 0)

  init(_ notify: NotifySocket) {
    Thread { [self] in
      while !longest.withLock({ $0.isOver }) {
        let heard = notify.wait(for: "WATCHDOG=1", milliseconds: 200) != nil
        longest.withLock { state in
          state.gap = max(state.gap, .now - state.last)
          if heard { state.last = .now }
        }
      }
      done.signal()
    }.start()
  }

  func stop() -> Duration {
    longest.withLock { $0.isOver = true }
    done.wait()
    return longest.withLock { $0.gap }
  }
}
