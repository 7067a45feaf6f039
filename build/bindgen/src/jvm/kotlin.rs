//! Option objects for Kotlin: a class each, with a property an option, and a function that configures a nested one.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::names::{camel_case, comment};
use crate::table::{Field, Kind, Record};

const FOLDER: &str = "kotlin/io/github/codriver/options";

pub(crate) fn files(records: &[Record]) -> Vec<(PathBuf, String)> {
    records
        .iter()
        .map(|record| (format!("{FOLDER}/{}.kt", record.name).into(), file(record, records)))
        .collect()
}

fn file(record: &Record, records: &[Record]) -> String {
    let mut imports = vec!["kotlinx.serialization.Serializable"];
    if record.fields.iter().any(|field| camel_case(&field.name) != field.wire) {
        imports.push("kotlinx.serialization.SerialName");
    }
    if record.fields.iter().any(|field| is_json(&field.kind)) {
        imports.push("kotlinx.serialization.json.JsonElement");
    }
    imports.sort_unstable();
    let imports: String = imports.iter().map(|import| format!("import {import}\n")).collect();
    let docs = comment(&record.docs, "", |code| format!("`{}`", words(code)));
    let open = if is_root(&record.name) { "open " } else { "" };
    let needed: Vec<&Field> = record.fields.iter().filter(|field| field.needed).collect();
    let mut text = format!(
        "package io.github.codriver.options\n\n{imports}\n{docs}@CodriverDsl\n@Serializable\npublic {open}class {}",
        record.name
    );
    if !needed.is_empty() {
        let list: String =
            needed.iter().map(|field| property(field, "    ").replacen("\n\n", "\n", 1) + ",\n").collect();
        let _ = write!(text, "(\n{list})");
    }
    text.push_str(" {\n");
    let maybe: Vec<String> = record
        .fields
        .iter()
        .filter(|field| !field.needed)
        .map(|field| property(field, "    ") + " = null\n" + &nested(field, records))
        .collect();
    text.push_str(&maybe.join("\n"));
    text.push_str("}\n");
    text
}

/// What has handlers beside its options, and is derived from.
fn is_root(name: &str) -> bool {
    matches!(name, "ClientOptions" | "SessionOptions")
}

fn property(field: &Field, indent: &str) -> String {
    let name = camel_case(&field.name);
    let serial =
        if name == field.wire { String::new() } else { format!("{indent}@SerialName(\"{}\")\n", field.wire) };
    let absent = if field.needed { "" } else { "?" };
    let docs = comment(&field.docs, indent, |code| format!("`{}`", words(code)));
    format!("{docs}{serial}{indent}public var {name}: {}{absent}", kind(&field.kind))
}

/// `provider("https://…") { … }` sets what `provider = ProviderConfig("https://…")` would.
fn nested(field: &Field, records: &[Record]) -> String {
    let Kind::Record(name) = &field.kind else { return String::new() };
    let Some(record) = records.iter().find(|record| record.name == *name) else { return String::new() };
    let needed: Vec<&Field> = record.fields.iter().filter(|field| field.needed).collect();
    let parameters: String =
        needed.iter().map(|field| format!("{}: {}, ", camel_case(&field.name), kind(&field.kind))).collect();
    let arguments: Vec<String> = needed.iter().map(|field| camel_case(&field.name)).collect();
    let set = camel_case(&field.name);
    format!(
        "\n    /** Sets [{set}]. */\n    public fun {set}({parameters}configure: {name}.() -> Unit = {{}}) {{\n        \
         this.{set} = {name}({}).apply(configure)\n    }}\n",
        arguments.join(", ")
    )
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Text => "String".to_owned(),
        Kind::Flag => "Boolean".to_owned(),
        Kind::Int => "Int".to_owned(),
        Kind::Long => "Long".to_owned(),
        Kind::Double => "Double".to_owned(),
        Kind::Json => "JsonElement".to_owned(),
        Kind::List(item) => format!("List<{}>", self::kind(item)),
        Kind::Map(value) => format!("Map<String, {}>", self::kind(value)),
        Kind::Record(name) => name.clone(),
    }
}

fn is_json(kind: &Kind) -> bool {
    match kind {
        Kind::Json => true,
        Kind::List(inner) | Kind::Map(inner) => is_json(inner),
        _ => false,
    }
}

/// The tables name options as Rust does.
fn words(code: &str) -> String {
    if code.contains('_') && code.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        camel_case(code)
    } else {
        code.to_owned()
    }
}
