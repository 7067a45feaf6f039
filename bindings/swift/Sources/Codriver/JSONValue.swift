import Foundation

/// Any JSON. What the runtime sends and this version has no name for is here too.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// Any other number.
    case double(Double)
    /// A text.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])

    /// Reads a JSON text.
    ///
    /// - Throws: `DecodingError` where it is none.
    public init(parsing text: String) throws {
        self = try JSONValue(parsing: Data(text.utf8))
    }

    /// Reads a JSON text in UTF-8.
    ///
    /// - Throws: `DecodingError` where it is none.
    public init(parsing text: Data) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: text)
    }

    /// What `JSONEncoder` makes of a value; dates are ISO 8601.
    ///
    /// - Throws: `EncodingError` where the value has no place in JSON.
    public init(encoding value: some Encodable) throws {
        if let json = value as? JSONValue {
            self = json
        } else {
            self = try JSONValue(parsing: Self.encoder().encode(value))
        }
    }

    /// Reads a value of a type from it; dates are ISO 8601.
    ///
    /// - Throws: `DecodingError` where it does not fit.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(text.utf8))
    }

    /// The JSON text, the names of objects in order. A number that JSON has no place for is `null`.
    public var text: String {
        let finite = withoutInfinity()
        guard let data = try? Self.encoder().encode(finite) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }

    /// The text, if it is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The truth, if it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The whole number, if it is one.
    public var int: Int? { if case .int(let value) = self { value } else { nil } }

    /// The number, if it is one.
    public var double: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The elements, if it is an array.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    /// The fields, if it is an object.
    public var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

    /// Whether it is `null`.
    public var isNull: Bool { self == .null }

    /// A field of an object; `nil` where it is not there.
    public subscript(name: String) -> JSONValue? { object?[name] }

    /// An element of an array; `nil` where it is not there.
    public subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        // What the model reads must not change from run to run.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    private func withoutInfinity() -> JSONValue {
        switch self {
        case .double(let value) where !value.isFinite: .null
        case .array(let elements): .array(elements.map { $0.withoutInfinity() })
        case .object(let fields): .object(fields.mapValues { $0.withoutInfinity() })
        default: self
        }
    }
}

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .int(value)
        } else {
            self = .double(try container.decode(Double.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension JSONValue: CustomStringConvertible {
    /// The JSON text.
    public var description: String { text }
}

extension [String: JSONValue] {
    /// Without the fields that are not there.
    static func fields(_ fields: KeyValuePairs<String, JSONValue?>) -> Self {
        var there: Self = [:]
        for (name, value) in fields { if let value { there[name] = value } }
        return there
    }

    func string(_ name: String) -> String { self[name]?.string ?? "" }

    func strings(_ name: String) -> [String] { (self[name]?.array ?? []).compactMap(\.string) }
}
