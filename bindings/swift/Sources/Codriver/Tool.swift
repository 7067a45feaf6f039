/// A tool: what the model is told of it, and what it does.
///
/// ```swift
/// struct Weather: Decodable { let city: String, days: Int? }
///
/// let weather = try Tool("get_weather", "Tells the weather.", describing: ["city": "the city's name"]) { (asked: Weather) in
///     "22 °C in \(asked.city)"
/// }
/// ```
public struct Tool: Sendable {
    /// The name the model calls; unique in a session.
    public let name: String
    /// What the model is told about it.
    public let description: String
    /// JSON schema of the arguments, an object schema.
    public let parameters: JSONValue?
    /// Whether it replaces a built-in tool of the same name.
    public var overridesBuiltInTool: Bool?
    /// Whether it is called without asking for a permission.
    public var skipPermission: Bool?
    /// `auto` or `never`: whether the runtime may hide it behind tool search.
    public var `defer`: String?
    /// Whether a call of it ends the turn.
    public var isTerminal: Bool?
    /// Sent as is.
    public var metadata: [String: JSONValue]?

    let run: (@Sendable (ToolInvocation) async throws -> JSONValue)?

    /// A tool that is declared only: its calls are events, and somebody else answers them.
    public init(declared name: String, _ description: String = "", parameters: JSONValue? = nil) {
        self.init(name, description, parameters, nil)
    }

    /// A tool that reads its arguments by itself.
    ///
    /// What `run` gives is what the model reads: text as it is, a ``ToolResult``, anything else as JSON.
    public init<Result: Encodable>(
        raw name: String,
        _ description: String = "",
        parameters: JSONValue? = nil,
        run: @escaping @Sendable (ToolInvocation) async throws -> Result
    ) {
        self.init(name, description, parameters) { call in try await JSONValue(encoding: run(call)) }
    }

    /// A tool whose arguments are a type, which makes the schema. Arguments that do not fit are told to the model, which tries
    /// again.
    ///
    /// What `run` gives is what the model reads: text as it is, a ``ToolResult``, anything else as JSON.
    ///
    /// - Parameter describing: what the model is told of the arguments, by their names; of one in another, `"place.city"`.
    /// - Throws: ``CodriverError/invalidArgument(_:)`` where the type has no schema: give one by hand to
    ///   ``init(raw:_:parameters:run:)``.
    public init<Arguments: Decodable, Result: Encodable>(
        _ name: String,
        _ description: String,
        describing words: [String: String] = [:],
        run: @escaping @Sendable (Arguments) async throws -> Result
    ) throws {
        try self.init(name, description, describing: words) { (arguments: Arguments, _: ToolInvocation) in try await run(arguments) }
    }

    /// As ``init(_:_:describing:run:)-(_,_,_,(Arguments)->Result)``, and the call is told too.
    public init<Arguments: Decodable, Result: Encodable>(
        _ name: String,
        _ description: String,
        describing words: [String: String] = [:],
        run: @escaping @Sendable (Arguments, ToolInvocation) async throws -> Result
    ) throws {
        let schema = try toolSchema(of: Arguments.self, words, of: "tool \(name)")
        self.init(name, description, schema) { call in
            let given = call.arguments.isNull ? .object([:]) : call.arguments
            let arguments: Arguments
            do {
                if let unknown = unknownField(in: given, of: schema) { throw Unfit(words: "`\(unknown)` is not known") }
                arguments = try given.decode()
            } catch {
                return .object(ToolResult.failure("invalid arguments: \(unfit(error))").wire)
            }
            return try await JSONValue(encoding: run(arguments, call))
        }
    }

    private init(
        _ name: String,
        _ description: String,
        _ parameters: JSONValue?,
        _ run: (@Sendable (ToolInvocation) async throws -> JSONValue)?
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.run = run
    }

    /// The declaration as on the wire.
    var definition: JSONValue {
        .object(
            .fields([
                "name": .string(name),
                "description": .string(description),
                "parameters": parameters,
                "overridesBuiltInTool": overridesBuiltInTool.map(JSONValue.bool),
                "skipPermission": skipPermission.map(JSONValue.bool),
                "defer": self.defer.map(JSONValue.string),
                "isTerminal": isTerminal.map(JSONValue.bool),
                "metadata": metadata.map(JSONValue.object),
            ])
        )
    }
}

private struct Unfit: Error {
    let words: String
}

/// Where arguments do not fit, for the model.
private func unfit(_ error: any Error) -> String {
    func at(_ context: DecodingError.Context, _ more: (any CodingKey)? = nil) -> String {
        let path = (context.codingPath + [more].compactMap { $0 }).map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "" : "`\(path)`: "
    }
    switch error {
    case let error as Unfit: return error.words
    case DecodingError.keyNotFound(let key, let context): return at(context, key) + "it is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.dataCorrupted(let context):
        return at(context) + context.debugDescription
    default: return describe(error)
    }
}
