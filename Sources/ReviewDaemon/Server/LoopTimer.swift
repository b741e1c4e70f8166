import NIOCore
import NIOPosix

/// Timers that no busy task delays.
enum LoopTimer {
  static func after(seconds: Int64, _ body: @escaping @Sendable () -> Void) -> Scheduled<Void> {
    MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: .seconds(seconds)) { body() }
  }
}
