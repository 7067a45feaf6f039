import Foundation

/// One event of a session, as the runtime sent it.
///
/// It costs next to nothing until a field is looked at, and then it is decoded: keep what you need often. What this version does
/// not know is in ``raw`` and ``data`` too.
public struct SessionEvent: Sendable {
    /// The type of the event that stands for ephemeral events given up at the queue's bound: ``data`` has `count`, `from`, `to`.
    public static let eventsLost = "codriver.events_lost"

    /// The number in the session, from 1, in the order of the wire; 0 for an event that was stored. An event that stands for
    /// several (merged deltas, ``eventsLost``) has the last of their numbers.
    public let seq: UInt64

    /// The first of the numbers that it stands for; nearly always ``seq``.
    public let firstSeq: UInt64

    /// The type, e.g. `assistant.message_delta`.
    public let type: String

    /// The whole event as JSON, with the runtime's own bytes.
    public let json: Data

    init(seq: UInt64, firstSeq: UInt64, type: String, json: Data) {
        self.seq = seq
        self.firstSeq = firstSeq
        self.type = type
        self.json = json
    }

    /// Makes an event of its JSON, for tests and for events stored elsewhere; its ``seq`` is 0.
    ///
    /// - Throws: ``CodriverError/invalidArgument(_:)`` where the text is no JSON object with a `type`.
    public init(json text: String) throws {
        guard let raw = try? JSONValue(parsing: text), let type = raw["type"]?.string else {
            throw CodriverError.invalidArgument(.init("an event is a JSON object with a `type`"))
        }
        self.init(seq: 0, firstSeq: 0, type: type, json: Data(text.utf8))
    }

    init(stored raw: JSONValue) {
        self.init(seq: 0, firstSeq: 0, type: raw["type"]?.string ?? "", json: Data(raw.text.utf8))
    }

    /// The whole event with the wire's names.
    public var raw: JSONValue { (try? JSONValue(parsing: json)) ?? .null }

    /// What the event tells: `event.data["deltaContent"]`.
    public var data: JSONValue { raw["data"] ?? .object([:]) }

    /// What the event tells, as a type of yours. Quicker than ``data``.
    ///
    /// - Throws: `DecodingError` where it does not fit.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(Told<T>.self, from: json).data
    }

    /// A field of ``data`` that is text; `nil` where it is not there or not text.
    public func text(_ field: String) -> String? { data[field]?.string }

    /// The runtime's id of the event; empty where it gave none.
    public var id: String { head.id ?? "" }

    /// When, ISO 8601.
    public var timestamp: String? { head.timestamp }

    /// The event before it, where the runtime says so.
    public var parentId: String? { head.parentId }

    /// The sub-agent it is from; `nil` for the main one.
    public var agentId: String? { head.agentId }

    /// Whether it is live only: not stored, and may be merged or given up when nobody keeps up.
    public var ephemeral: Bool { head.ephemeral ?? false }

    private var head: Head { (try? JSONDecoder().decode(Head.self, from: json)) ?? Head() }

    private struct Told<T: Decodable>: Decodable {
        let data: T
    }

    /// A field of another type than is expected is as good as none.
    private struct Head: Decodable {
        var id: String?
        var timestamp: String?
        var parentId: String?
        var agentId: String?
        var ephemeral: Bool?

        init() {}

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try? fields.decodeIfPresent(String.self, forKey: .id)
            timestamp = try? fields.decodeIfPresent(String.self, forKey: .timestamp)
            parentId = try? fields.decodeIfPresent(String.self, forKey: .parentId)
            agentId = try? fields.decodeIfPresent(String.self, forKey: .agentId)
            ephemeral = try? fields.decodeIfPresent(Bool.self, forKey: .ephemeral)
        }

        enum CodingKeys: CodingKey {
            case id, timestamp, parentId, agentId, ephemeral
        }
    }
}

extension SessionEvent: CustomStringConvertible {
    /// Number and type.
    public var description: String { "SessionEvent(seq: \(seq), type: \(type))" }
}
