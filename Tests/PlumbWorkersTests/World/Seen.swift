import Synchronization

@testable import PlumbWorkers

/// What a balancing closure was shown, last.
final class Seen: Sendable {
    private let loads = Mutex<[WorkerLoad]?>(nil)

    func record(_ workers: [WorkerLoad]) { loads.withLock { $0 = workers } }

    var last: [WorkerLoad]? { loads.withLock { $0 } }
}
