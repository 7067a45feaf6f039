//! Option objects for Java: a final class each, made by a builder.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::names::{camel_case, comment, java_name};
use crate::table::{Field, Kind, Record};

const FOLDER: &str = "java/io/github/codriver/java";

pub(crate) fn files(records: &[Record]) -> Vec<(PathBuf, String)> {
    records
        .iter()
        .map(|record| match record.name.as_str() {
            "ClientOptions" | "SessionOptions" => {
                (format!("{FOLDER}/{}Builder.java", record.name).into(), root(record))
            }
            name => (format!("{FOLDER}/{name}.java").into(), object(record)),
        })
        .collect()
}

/// What a hand-written builder is derived from.
fn root(record: &Record) -> String {
    let name = format!("{}Builder", record.name);
    let setters: Vec<String> =
        record.fields.iter().map(|field| setter(field, "    ", "B", "self()")).collect();
    format!(
        "package io.github.codriver.java;\n\n{}\n{}public abstract class {name}<B extends {name}<B>> extends OptionBuilder {{\n    \
         {name}() {{\n    }}\n\n    abstract B self();\n\n{}}}\n",
        imports(record),
        comment(&record.docs, "", |code| format!("{{@code {}}}", camel_words(code))),
        setters.join("\n")
    )
}

fn object(record: &Record) -> String {
    let name = &record.name;
    let needed: Vec<&Field> = record.fields.iter().filter(|field| field.needed).collect();
    let parameters: Vec<String> =
        needed.iter().map(|field| format!("{} {}", kind(&field.kind), java_name(&field.name))).collect();
    let parameters = parameters.join(", ");
    let mut tags = String::new();
    let mut calls = String::new();
    for field in &needed {
        let words = comment(&field.docs, "", |code| format!("{{@code {code}}}"));
        let words = words.trim().trim_start_matches("/**").trim_end_matches("*/").trim().to_owned();
        let _ = writeln!(tags, "     * @param {} {}", java_name(&field.name), words);
        let _ = writeln!(calls, "        builder.put(\"{}\", {});", field.wire, java_name(&field.name));
    }
    let setters: Vec<String> = record
        .fields
        .iter()
        .filter(|field| !field.needed)
        .map(|field| setter(field, "        ", "Builder", "this"))
        .collect();
    format!(
        "package io.github.codriver.java;\n\n{}\n{}public final class {name} extends OptionObject {{\n    \
         private {name}(Builder builder) {{\n        super(builder);\n    }}\n\n    /**\n     * Begins one.\n     *\n{tags}     \
         * @return a builder\n     */\n    public static Builder builder({parameters}) {{\n        Builder builder = new Builder();\n\
         {calls}        return builder;\n    }}\n\n    /** Makes a {{@link {name}}}. */\n    public static final class Builder extends \
         OptionBuilder {{\n        private Builder() {{\n        }}\n\n{}\n        /**\n         * Makes it.\n         *\n         \
         * @return what the builder was told\n         */\n        public {name} build() {{\n            return new {name}(this);\n        \
         }}\n    }}\n}}\n",
        imports(record),
        comment(&record.docs, "", |code| format!("{{@code {}}}", camel_words(code))),
        setters.join("\n")
    )
}

fn imports(record: &Record) -> String {
    let mut imports = String::new();
    if record.fields.iter().any(|field| matches!(field.kind, Kind::List(_))) {
        imports.push_str("import java.util.List;\n");
    }
    if record.fields.iter().any(|field| matches!(field.kind, Kind::Map(_))) {
        imports.push_str("import java.util.Map;\n");
    }
    imports
}

fn setter(field: &Field, indent: &str, builder: &str, this: &str) -> String {
    let name = java_name(&field.name);
    let words: Vec<String> = field.docs.iter().cloned().chain([String::new()]).collect();
    let docs = comment(&words, indent, |code| format!("{{@code {}}}", camel_words(code)));
    let docs = docs.trim_end().trim_end_matches("*/").trim_end();
    let docs = match docs.strip_prefix(&format!("{indent}/** ")) {
        Some(one) => format!("{indent}/**\n{indent} * {one}"),
        None => docs.to_owned(),
    };
    format!(
        "{docs}\n{indent} *\n{indent} * @param {name} the option\n{indent} * @return this\n{indent} */\n{indent}public {builder} \
         {name}({} {name}) {{\n{indent}    put(\"{}\", {name});\n{indent}    return {this};\n{indent}}}\n",
        kind(&field.kind),
        field.wire
    )
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Text => "String".to_owned(),
        Kind::Flag => "boolean".to_owned(),
        Kind::Int => "int".to_owned(),
        Kind::Long => "long".to_owned(),
        Kind::Double => "double".to_owned(),
        // Maps, lists, texts, numbers.
        Kind::Json => "Object".to_owned(),
        Kind::List(item) => format!("List<{}>", boxed(item)),
        Kind::Map(value) => format!("Map<String, {}>", boxed(value)),
        Kind::Record(name) => name.clone(),
    }
}

fn boxed(inner: &Kind) -> String {
    match inner {
        Kind::Flag => "Boolean".to_owned(),
        Kind::Int => "Integer".to_owned(),
        Kind::Long => "Long".to_owned(),
        Kind::Double => "Double".to_owned(),
        Kind::Json => "?".to_owned(),
        other => kind(other),
    }
}

fn camel_words(code: &str) -> String {
    if code.contains('_') && code.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        camel_case(code)
    } else {
        code.to_owned()
    }
}
