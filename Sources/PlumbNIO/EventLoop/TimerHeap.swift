import HeapModule
import NIOCore
import Synchronization

/// A task for a moment to come. It fires, fails or is cancelled on its loop's thread.
final class LoopTimer: Comparable, @unchecked Sendable {
    let deadline: NIODeadline
    private var fireBody: (() -> Void)?
    private var failBody: ((any Error) -> Void)?

    init(_ deadline: NIODeadline, fire: @escaping () -> Void, fail: @escaping (any Error) -> Void) {
        self.deadline = deadline
        fireBody = fire
        failBody = fail
    }

    var isSpent: Bool { fireBody == nil }

    func fire() {
        let body = fireBody
        spend()
        body?()
    }

    func fail(_ error: any Error) {
        let body = failBody
        spend()
        body?(error)
    }

    /// What the task holds is let go at once.
    func spend() { (fireBody, failBody) = (nil, nil) }

    static func < (left: LoopTimer, right: LoopTimer) -> Bool { left.deadline < right.deadline }
    static func == (left: LoopTimer, right: LoopTimer) -> Bool { left === right }
}

/// Timers by deadline. A cancelled one stays until its turn comes, or until there are more cancelled than others: an
/// idle timeout that each request sets anew is cancelled far more often than it fires.
struct TimerHeap {
    private var heap = Heap<LoopTimer>()
    private var spent = 0
    private static let sweepFrom = 64

    var isEmpty: Bool { heap.isEmpty }

    /// When the next timer is due.
    var next: NIODeadline? { heap.min?.deadline }

    mutating func insert(_ timer: LoopTimer) { if !timer.isSpent { heap.insert(timer) } }

    mutating func cancel(_ timer: LoopTimer) {
        if timer.isSpent { return }
        timer.spend()
        spent += 1
        if spent >= Self.sweepFrom, spent * 2 > heap.count {
            heap = Heap(heap.unordered.filter { !$0.isSpent })
            spent = 0
        }
    }

    mutating func popDue(_ now: NIODeadline) -> LoopTimer? {
        guard let next, next <= now else { return nil }
        return pop()
    }

    mutating func pop() -> LoopTimer? {
        let timer = heap.popMin()
        if let timer, timer.isSpent { spent -= 1 }
        return timer
    }
}
