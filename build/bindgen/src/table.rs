//! The options that every language has, read from the tables in `ffi/uniffi/src/options`: what `records!` declares.

use std::path::Path;

use crate::file;

/// One option object.
#[derive(Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) docs: Vec<String>,
    pub(crate) fields: Vec<Field>,
}

/// One of its options.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    /// As in the table, in snake_case.
    pub(crate) name: String,
    /// As on the wire.
    pub(crate) wire: String,
    pub(crate) docs: Vec<String>,
    pub(crate) kind: Kind,
    pub(crate) needed: bool,
}

/// What an option takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Text,
    Flag,
    Int,
    Long,
    Double,
    Json,
    List(Box<Kind>),
    Map(Box<Kind>),
    /// Another record, or `Transport`.
    Record(String),
}

/// The records of all tables in a directory.
pub(crate) fn read(sources: &Path) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    for table in ["client", "feature", "provider", "session"] {
        let path = sources.join(table).with_extension("rs");
        let found = parse(&file::read(&path)?).map_err(|problem| format!("{}: {problem}", path.display()))?;
        if found.is_empty() {
            return Err(format!("{}: no record in it", path.display()));
        }
        records.extend(found);
    }
    // A store may be files of one's own, which no table can say.
    records.retain(|record| record.name != "SessionFsOptions");
    for record in &mut records {
        record.fields.retain(|field| field.kind != Kind::Record("SessionFsOptions".to_owned()));
    }
    Ok(records)
}

/// The records of a source file, in their order.
pub(crate) fn parse(source: &str) -> Result<Vec<Record>, String> {
    let mut records: Vec<Record> = Vec::new();
    let (mut docs, mut inside, mut needed) = (Vec::new(), false, false);
    for line in source.lines().map(str::trim) {
        if line.starts_with("records! {") {
            inside = true;
        } else if !inside || line.is_empty() || line == "}" {
        } else if let Some(doc) = line.strip_prefix("///") {
            docs.push(doc.trim().to_owned());
        } else if line.starts_with("needed {") {
            needed = true;
        } else if line.starts_with("maybe {") {
            needed = false;
        } else if let Some(name) = line.strip_suffix(" {") {
            records.push(Record {
                name: name.to_owned(),
                docs: std::mem::take(&mut docs),
                fields: Vec::new(),
            });
        } else {
            let record = records.last_mut().ok_or_else(|| format!("a field outside of a record: {line}"))?;
            record.fields.push(field(line, std::mem::take(&mut docs), needed)?);
        }
    }
    Ok(records)
}

/// `name: Type,` or `name: Type as "wire",`.
fn field(line: &str, docs: Vec<String>, needed: bool) -> Result<Field, String> {
    let unreadable = || format!("no field: {line}");
    let (name, rest) =
        line.strip_suffix(',').and_then(|line| line.split_once(": ")).ok_or_else(unreadable)?;
    let (kind, wire) = match rest.split_once(" as ") {
        Some((kind, wire)) => (kind, wire.trim_matches('"').to_owned()),
        None => (rest, crate::names::camel_case(name)),
    };
    Ok(Field { name: name.to_owned(), wire, docs, kind: parse_kind(kind)?, needed })
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    let inner = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>'));
    Ok(match text {
        "String" | "Secret" => Kind::Text,
        "bool" => Kind::Flag,
        "u16" | "u32" => Kind::Int,
        "u64" => Kind::Long,
        "f64" => Kind::Double,
        "Json" => Kind::Json,
        _ => match (inner("Vec<"), inner("HashMap<String, ")) {
            (Some(item), _) => Kind::List(Box::new(parse_kind(item)?)),
            (_, Some(value)) => Kind::Map(Box::new(parse_kind(value)?)),
            _ if text.chars().all(char::is_alphanumeric) => Kind::Record(text.to_owned()),
            _ => return Err(format!("a type that has no place on the JVM yet: {text}")),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_with_its_words_names_and_types() {
        let source = "records! {\n    /// A model.\n    Model {\n        needed {\n            /// Its id.\n            \
                      id: String,\n        }\n        maybe {\n            /// Most.\n            max_tokens: u64 as \
                      \"max_tokens\",\n            tags: Vec<String>,\n            limits: HashMap<String, Limit>,\n        }\n    }\n}\n";
        let records = parse(source).unwrap();
        assert_eq!(
            (records[0].name.as_str(), records[0].docs.as_slice()),
            ("Model", &["A model.".to_owned()][..])
        );
        let told: Vec<_> =
            records[0].fields.iter().map(|f| (f.wire.as_str(), f.kind.clone(), f.needed)).collect();
        let limit = Kind::Map(Box::new(Kind::Record("Limit".to_owned())));
        assert_eq!(
            told,
            [
                ("id", Kind::Text, true),
                ("max_tokens", Kind::Long, false),
                ("tags", Kind::List(Box::new(Kind::Text)), false),
                ("limits", limit, false)
            ]
        );
    }

    #[test]
    fn a_type_nobody_knows_is_refused_by_its_name() {
        let problem = parse("records! {\nA {\nmaybe {\nx: Option<u8>,\n}\n}\n}").unwrap_err();
        assert!(problem.contains("Option<u8>"), "{problem}");
    }
}
