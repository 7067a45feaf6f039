//! Names and words of the tables, as the languages have them.

/// `max_bytes` → `maxBytes`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for (at, part) in name.split('_').enumerate() {
        let mut chars = part.chars();
        match chars.next() {
            Some(first) if at > 0 => camel.extend(first.to_uppercase()),
            Some(first) => camel.push(first),
            None => {}
        }
        camel.extend(chars);
    }
    camel
}

/// A name that no keyword of Java is in the way of.
pub(crate) fn java_name(name: &str) -> String {
    match camel_case(name).as_str() {
        "default" => "byDefault".to_owned(),
        other => other.to_owned(),
    }
}

/// A comment of the table as one of KDoc or Javadoc, indented; `code` writes what stands between backticks.
pub(crate) fn comment(docs: &[String], indent: &str, code: impl Fn(&str) -> String) -> String {
    let mut words = String::new();
    for line in docs {
        words.push_str(if words.is_empty() { "" } else { " " });
        words.push_str(line);
    }
    let words: String = words
        .split('`')
        .enumerate()
        .map(|(at, part)| if at % 2 == 1 { code(part) } else { part.replace("*/", "* /") })
        .collect();
    let lines = wrapped(&words, indent);
    if lines.len() == 1 {
        return format!("{indent}/** {} */\n", lines[0]);
    }
    let body: String = lines.iter().map(|line| format!("{indent} * {line}\n")).collect();
    format!("{indent}/**\n{body}{indent} */\n")
}

/// The lines of a comment that is indented so.
pub(crate) fn wrapped(words: &str, indent: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && indent.len() + lines[last].len() + word.len() > 108 {
            lines.push(word.to_owned());
        } else {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}
