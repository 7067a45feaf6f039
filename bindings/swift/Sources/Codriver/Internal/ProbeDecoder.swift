/// What a type asked for.
final class ProbeNode {
    private enum Shape {
        case unknown
        case leaf(JSONValue)
        case object
        case list
    }

    private var shape = Shape.unknown
    private var inner: [String: ProbeNode] = [:]
    private var maybe: Set<String> = []

    func become(_ schema: JSONValue) { shape = .leaf(schema) }

    func becomeObject() { if case .unknown = shape { shape = .object } }

    func becomeList() { shape = .list }

    func node(_ name: String) -> ProbeNode {
        if let there = inner[name] { return there }
        let fresh = ProbeNode()
        inner[name] = fresh
        return fresh
    }

    /// Whether it is there was asked first, so it may be absent.
    func mayLack(_ name: String) { maybe.insert(name) }

    var schema: JSONValue {
        switch shape {
        case .unknown: return .object([:])
        case .leaf(let schema): return schema
        case .list: return ["type": "array", "items": node("").schema]
        case .object:
            let required = inner.keys.filter { !maybe.contains($0) }.sorted().map(JSONValue.string)
            return .object(
                .fields([
                    "type": "object",
                    "properties": .object(inner.mapValues(\.schema)),
                    "required": required.isEmpty ? nil : .array(required),
                    "additionalProperties": false,
                ])
            )
        }
    }
}

/// Gives a type nothing, and notes what it asks for.
struct ProbeDecoder: Decoder {
    let node: ProbeNode
    let probe: Probe
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        node.becomeObject()
        return KeyedDecodingContainer(KeyedProbe(node: node, probe: probe))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        node.becomeList()
        return UnkeyedProbe(node: node, probe: probe)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleProbe(node: node, probe: probe) }
}

private struct KeyedProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: ProbeNode
    let probe: Probe
    let codingPath: [any CodingKey] = []
    let allKeys: [Key] = []

    func contains(_ key: Key) -> Bool {
        node.mayLack(key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let (schema, value) = try probe.read(type)
        node.node(key.stringValue).become(schema)
        return value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try ProbeDecoder(node: node.node(key.stringValue), probe: probe).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try ProbeDecoder(node: node.node(key.stringValue), probe: probe).unkeyedContainer()
    }

    // A superclass reads the same object.
    func superDecoder() throws -> any Decoder { ProbeDecoder(node: node, probe: probe) }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        ProbeDecoder(node: node.node(key.stringValue), probe: probe)
    }
}

private struct UnkeyedProbe: UnkeyedDecodingContainer {
    let node: ProbeNode
    let probe: Probe
    let codingPath: [any CodingKey] = []
    let count: Int? = 1
    private(set) var currentIndex = 0

    init(node: ProbeNode, probe: Probe) {
        self.node = node
        self.probe = probe
    }

    var isAtEnd: Bool { currentIndex > 0 }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        let (schema, value) = try probe.read(type)
        node.node("").become(schema)
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try superDecoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try superDecoder().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        currentIndex += 1
        return ProbeDecoder(node: node.node(""), probe: probe)
    }
}

private struct SingleProbe: SingleValueDecodingContainer {
    let node: ProbeNode
    let probe: Probe
    let codingPath: [any CodingKey] = []

    func decodeNil() -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let (schema, value) = try probe.read(type)
        node.become(schema)
        return value
    }
}
