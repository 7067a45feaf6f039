import Codriver
import Foundation

/// Lines of JSON on standard output, each whole, in the order they were said.
enum Say {
    private static let lock = NSLock()

    static func line(_ fields: KeyValuePairs<String, JSONValue?>) {
        line(.object(.some(fields)))
    }

    static func line(_ value: JSONValue) {
        let line = Data((value.text + "\n").utf8)
        lock.withLock { FileHandle.standardOutput.write(line) }
    }

    static func event(_ session: String, _ event: SessionEvent, subscriber: JSONValue? = nil) {
        let data = event.data
        if event.type == SessionEvent.eventsLost {
            line(["obs": "events_lost", "session": .string(session), "count": data["count"], "subscriber": subscriber])
            return
        }
        line([
            "obs": "event",
            "session": .string(session),
            "seq": .int(Int(event.seq)),
            "type": .string(event.type),
            "event_id": .string(event.id),
            "ephemeral": .bool(event.ephemeral),
            "content": data["content"] ?? data["deltaContent"],
            "subscriber": subscriber,
        ])
    }

    static func error(_ failure: any Error) -> JSONValue {
        switch failure {
        case let failure as CodriverError:
            .object(
                .some([
                    "number": .int(failure.number),
                    "name": .string(failure.name),
                    "message": .string(failure.message),
                    "rpc_code": failure.rpc.map { .int($0.code) },
                ])
            )
        case is CancellationError: ["number": 100, "name": "CANCELLED", "message": "the task was cancelled"]
        // A call that was not made right.
        default: ["number": 1, "name": "INVALID_ARGUMENT", "message": .string("\(failure)")]
        }
    }

    /// Ends the process between two lines, whatever is in flight.
    static func end() -> Never {
        lock.lock()
        exit(0)
    }
}

extension [String: JSONValue] {
    /// Without the fields that are not there.
    static func some(_ fields: KeyValuePairs<String, JSONValue?>) -> Self {
        var there: Self = [:]
        for (name, value) in fields { if let value { there[name] = value } }
        return there
    }
}
