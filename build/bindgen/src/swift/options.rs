//! Option objects for Swift: a struct each, with a property and an argument of `init` an option.

use std::fmt::Write as _;

use crate::names::{camel_case, wrapped};
use crate::table::{Field, Kind, Record};

/// What a root has beside the table: property, type, default, words. The last is not in the JSON, and no argument.
const CLIENT: [(&str, &str, &str, &str); 3] = [
    (
        "sessionFs",
        "SessionFsOptions?",
        "nil",
        "Session state in a store of one's own; default: the runtime's files.",
    ),
    (
        "extra",
        "[String: JSONValue]",
        "[:]",
        "Options that have no name here yet, by their names on the wire.",
    ),
    ("handlers", "ClientHandlers", "ClientHandlers()", ""),
];
const SESSION: [(&str, &str, &str, &str); 2] = [
    (
        "extra",
        "[String: JSONValue]",
        "[:]",
        "Options that have no name here yet, by their names on the wire.",
    ),
    ("handlers", "SessionHandlers", "SessionHandlers()", ""),
];

/// The name and text of a record's source file.
pub(crate) fn file(record: &Record) -> (String, String) {
    let (name, more): (&str, &[(&str, &str, &str, &str)]) = match record.name.as_str() {
        "ClientOptions" => ("ClientOptions", &CLIENT),
        // The same name in every language.
        "SessionOptions" => ("SessionConfig", &SESSION),
        other => (other, &[]),
    };
    let arguments = &more[..more.len().saturating_sub(1)];
    let mut text = format!("{}public struct {name}: OptionRecord {{\n", comment(&record.docs, ""));
    for field in &record.fields {
        let _ = write!(text, "{}", comment(&field.docs, "    "));
        let _ = writeln!(text, "    public var {}: {}\n", camel_case(&field.name), declared(field));
    }
    for (property, kind, _, words) in arguments {
        let _ = writeln!(text, "    /// {words}\n    public var {property}: {kind}\n");
    }
    if let Some((property, kind, value, _)) = more.last() {
        let _ = writeln!(text, "    var {property}: {kind} = {value}\n");
    }

    let needed = record.fields.iter().filter(|field| field.needed);
    let maybe = record.fields.iter().filter(|field| !field.needed);
    let fields: Vec<&Field> = needed.chain(maybe).collect();
    let mut parameters: Vec<String> = fields
        .iter()
        .map(|field| {
            let absent = if field.needed { "" } else { " = nil" };
            format!("        {}: {}{absent}", camel_case(&field.name), declared(field))
        })
        .collect();
    parameters
        .extend(arguments.iter().map(|(name, kind, value, _)| format!("        {name}: {kind} = {value}")));
    let _ = writeln!(
        text,
        "    /// Makes one; what is left out is left to the core.\n    public init(\n{}\n    ) {{",
        parameters.join(",\n")
    );
    let names = fields.iter().map(|field| camel_case(&field.name));
    for name in names.chain(arguments.iter().map(|(name, ..)| (*name).to_owned())) {
        let _ = writeln!(text, "        self.{name} = {name}");
    }
    text.push_str("    }\n");

    // Without a case the keys would be those of all properties.
    text.push_str("\n    enum CodingKeys: String, CodingKey {\n");
    for field in &record.fields {
        let name = camel_case(&field.name);
        let wire = if name == field.wire { String::new() } else { format!(" = \"{}\"", field.wire) };
        let _ = writeln!(text, "        case {name}{wire}");
    }
    text.push_str("    }\n}\n");
    (format!("{name}.swift"), text)
}

fn declared(field: &Field) -> String {
    format!("{}{}", kind(&field.kind), if field.needed { "" } else { "?" })
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Text => "String".to_owned(),
        Kind::Flag => "Bool".to_owned(),
        Kind::Int | Kind::Long => "Int".to_owned(),
        Kind::Double => "Double".to_owned(),
        Kind::Json => "JSONValue".to_owned(),
        Kind::List(item) => format!("[{}]", self::kind(item)),
        Kind::Map(value) => format!("[String: {}]", self::kind(value)),
        Kind::Record(name) => name.clone(),
    }
}

/// The words of the table as a DocC comment; it names options as Rust does.
fn comment(docs: &[String], indent: &str) -> String {
    let words = docs.join(" ");
    let words: Vec<String> = words
        .split('`')
        .enumerate()
        .map(|(at, part)| {
            let snake = at % 2 == 1 && part.contains('_') && !part.contains('/');
            if snake && part.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                camel_case(part)
            } else {
                part.to_owned()
            }
        })
        .collect();
    wrapped(&words.join("`"), indent).iter().map(|line| format!("{indent}/// {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::parse;

    const TABLE: &str = "records! {\n    /// A model; see `max_tokens`.\n    Model {\n        needed {\n            \
                         /// Its id.\n            id: String,\n        }\n        maybe {\n            /// Most.\n            \
                         max_tokens: u64 as \"max_tokens\",\n            tags: Vec<String>,\n        }\n    }\n}\n";

    #[test]
    fn a_record_is_a_struct_with_its_words_and_its_names_on_the_wire() {
        let (name, text) = file(&parse(TABLE).unwrap()[0]);
        assert_eq!(name, "Model.swift");
        for part in [
            "/// A model; see `maxTokens`.\npublic struct Model: OptionRecord {\n",
            "    /// Its id.\n    public var id: String\n",
            "        id: String,\n        maxTokens: Int? = nil,\n        tags: [String]? = nil\n    ) {\n",
            "        case maxTokens = \"max_tokens\"\n        case tags\n",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn the_options_of_a_session_are_called_as_everywhere_and_hold_handlers_that_are_no_option() {
        let (name, text) = file(&parse(&TABLE.replace("Model {", "SessionOptions {")).unwrap()[0]);
        assert_eq!(name, "SessionConfig.swift");
        assert!(text.contains("    var handlers: SessionHandlers = SessionHandlers()\n"), "{text}");
        assert!(text.contains("        extra: [String: JSONValue] = [:]\n    ) {\n"), "{text}");
        assert!(!text.contains("case handlers"), "{text}");
    }
}
