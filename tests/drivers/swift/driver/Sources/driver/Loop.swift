import Dispatch

/// One thread at a time, as an event loop: commands begin in the order of their lines.
final class Loop: TaskExecutor {
    private let queue = DispatchQueue(label: "driver")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
