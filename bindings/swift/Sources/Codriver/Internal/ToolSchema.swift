import Foundation

/// The JSON schema of what a type reads, with words for its fields; `place` is for the error.
func toolSchema<T: Decodable>(of type: T.Type, _ words: [String: String], of place: String) throws -> JSONValue {
    do {
        let probe = Probe(path: [])
        let (schema, _) = try probe.read(type)
        guard schema["type"] == "object" else {
            throw NoSchema(words: "the arguments of a tool are an object; take a struct, not \(type)")
        }
        return try words.sorted { $0.key < $1.key }.reduce(schema) { schema, word in
            guard let changed = described(schema, word.key.split(separator: ".")[...], word.value) else {
                throw NoSchema(words: "`\(word.key)` is described, and not there")
            }
            return changed
        }
    } catch {
        let words = (error as? NoSchema)?.words ?? "\(type) has no schema: \(describe(error))"
        throw CodriverError.invalidArgument(.init("\(place): \(words)"))
    }
}

/// The path of a field that a schema does not know.
func unknownField(in value: JSONValue, of schema: JSONValue, at path: String = "") -> String? {
    if let elements = value.array, let items = schema["items"] {
        return elements.lazy.compactMap { unknownField(in: $0, of: items, at: path) }.first
    }
    guard let fields = value.object, let known = schema["properties"]?.object else { return nil }
    for (name, inner) in fields.sorted(by: { $0.key < $1.key }) {
        guard let property = known[name] else { return path + name }
        if let unknown = unknownField(in: inner, of: property, at: path + name + ".") { return unknown }
    }
    return nil
}

/// The schema with words at a path; `nil` where nothing is there.
private func described(_ schema: JSONValue, _ path: ArraySlice<Substring>, _ words: String) -> JSONValue? {
    guard var fields = schema.object else { return nil }
    guard let first = path.first.map(String.init) else {
        fields["description"] = .string(words)
        return .object(fields)
    }
    // Through an array one comes to what it has.
    if let items = schema["items"] {
        fields["items"] = described(items, path, words)
        return fields["items"] == nil ? nil : .object(fields)
    }
    guard var properties = schema["properties"]?.object, let inner = properties[first] else { return nil }
    guard let changed = described(inner, path.dropFirst(), words) else { return nil }
    properties[first] = changed
    fields["properties"] = .object(properties)
    return .object(fields)
}

struct NoSchema: Error {
    let words: String
}

/// Finds out what a type reads by letting it read from nothing, and noting what it asks for.
struct Probe {
    /// The types that are being read, so that one that contains itself is noticed.
    let path: [ObjectIdentifier]

    /// The schema of a type, and some value of it.
    func read<T: Decodable>(_ type: T.Type) throws -> (JSONValue, T) {
        if let known = Probe.known[ObjectIdentifier(type)], let value = known.value as? T { return (known.schema, value) }
        if let special = type as? any Probed.Type {
            let (schema, value) = try special.probed(self)
            if let value = value as? T { return (schema, value) }
        }
        if let cases = type as? any CaseIterable.Type, let (schema, value) = try enumeration(cases) {
            if let value = value as? T { return (schema, value) }
        }
        let identity = ObjectIdentifier(type)
        if path.contains(identity) { throw NoSchema(words: "\(type) contains itself, and has no finite schema") }
        let node = ProbeNode()
        let decoder = ProbeDecoder(node: node, probe: Probe(path: path + [identity]))
        let value: T
        do {
            value = try T(from: decoder)
        } catch let error as DecodingError {
            throw NoSchema(words: "\(type) cannot be made of nothing (an enum needs CaseIterable): \(describe(error))")
        }
        return (node.schema, value)
    }

    private func enumeration<C: CaseIterable>(_ type: C.Type) throws -> (JSONValue, Any)? {
        guard let first = type.allCases.first else { return nil }
        let values = try type.allCases.compactMap { one -> JSONValue? in
            if let raw = one as? any RawRepresentable, let value = raw.rawValue as? any Encodable {
                return try JSONValue(encoding: value)
            }
            return nil
        }
        return values.isEmpty ? nil : (["enum": .array(values)], first)
    }

    private static let known: [ObjectIdentifier: (schema: JSONValue, value: any Sendable)] = {
        var known: [ObjectIdentifier: (schema: JSONValue, value: any Sendable)] = [
            ObjectIdentifier(String.self): (["type": "string"], ""),
            ObjectIdentifier(Bool.self): (["type": "boolean"], false),
            ObjectIdentifier(Double.self): (["type": "number"], 0.0),
            ObjectIdentifier(Float.self): (["type": "number"], Float(0)),
            ObjectIdentifier(Decimal.self): (["type": "number"], Decimal(0)),
            ObjectIdentifier(Date.self): (["type": "string", "format": "date-time"], Date(timeIntervalSince1970: 0)),
            ObjectIdentifier(UUID.self): (["type": "string", "format": "uuid"], UUID()),
            ObjectIdentifier(Data.self): (["type": "string", "contentEncoding": "base64"], Data()),
            ObjectIdentifier(URL.self): (["type": "string", "format": "uri"], URL(fileURLWithPath: "/")),
            ObjectIdentifier(JSONValue.self): (.object([:]), JSONValue.null),
        ]
        func whole<I: FixedWidthInteger & Sendable>(_ type: I.Type) {
            known[ObjectIdentifier(type)] = (["type": "integer"], I.zero)
        }
        whole(Int.self); whole(Int8.self); whole(Int16.self); whole(Int32.self); whole(Int64.self)
        whole(UInt.self); whole(UInt8.self); whole(UInt16.self); whole(UInt32.self); whole(UInt64.self)
        return known
    }()
}

/// Types whose schema is that of what they hold.
protocol Probed {
    static func probed(_ probe: Probe) throws -> (JSONValue, Any)
}

extension Optional: Probed where Wrapped: Decodable {
    static func probed(_ probe: Probe) throws -> (JSONValue, Any) {
        let (schema, value) = try probe.read(Wrapped.self)
        let either: JSONValue = ["anyOf": [schema, ["type": "null"]]]
        return (schema == .object([:]) ? schema : either, Self.some(value) as Any)
    }
}

extension Array: Probed where Element: Decodable {
    static func probed(_ probe: Probe) throws -> (JSONValue, Any) {
        try (["type": "array", "items": probe.read(Element.self).0], Self())
    }
}

extension Set: Probed where Element: Decodable {
    static func probed(_ probe: Probe) throws -> (JSONValue, Any) {
        try (["type": "array", "items": probe.read(Element.self).0, "uniqueItems": true], Self())
    }
}

extension Dictionary: Probed where Key == String, Value: Decodable {
    static func probed(_ probe: Probe) throws -> (JSONValue, Any) {
        try (["type": "object", "additionalProperties": probe.read(Value.self).0], Self())
    }
}
