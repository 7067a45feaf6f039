//! Rust source without what only looks like code, pure.

/// `source` with the insides of comments and literals blanked. Lines stay where they are.
pub(crate) fn only_code(source: &str) -> String {
    let characters: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < characters.len() {
        let end = skip(&characters, at);
        if end == at {
            out.push(characters[at]);
            at += 1;
        } else {
            out.extend(characters[at..end].iter().map(|&c| if c == '\n' { c } else { ' ' }));
            at = end;
        }
    }
    out
}

/// The end of the comment or literal that begins at `at`; `at` itself where none does.
fn skip(text: &[char], at: usize) -> usize {
    let next = text.get(at + 1).copied();
    match text[at] {
        '/' if next == Some('/') => find(text, at, |i| text[i] == '\n'),
        '/' if next == Some('*') => block_comment(text, at),
        '"' => quoted(text, at + 1, '"'),
        'r' if !within_word(text, at) => raw_string(text, at).unwrap_or(at),
        // A lifetime has no closing quote.
        '\'' if next == Some('\\') || text.get(at + 2) == Some(&'\'') => quoted(text, at + 1, '\''),
        _ => at,
    }
}

fn find(text: &[char], from: usize, is_end: impl Fn(usize) -> bool) -> usize {
    (from..text.len()).find(|&i| is_end(i)).unwrap_or(text.len())
}

fn quoted(text: &[char], mut at: usize, quote: char) -> usize {
    while at < text.len() && text[at] != quote {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

fn block_comment(text: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#`, and so on.
fn raw_string(text: &[char], at: usize) -> Option<usize> {
    let hashes = text[at + 1..].iter().take_while(|&&c| c == '#').count();
    let begin = at + 1 + hashes;
    if text.get(begin) != Some(&'"') {
        return None;
    }
    let closes = |i: usize| {
        let after = text.get(i + 1..i + 1 + hashes);
        text[i] == '"' && after.is_some_and(|after| after.iter().all(|&c| c == '#'))
    };
    Some((find(text, begin + 1, closes) + 1 + hashes).min(text.len()))
}

/// Whether the letter at `at` continues a word. A `b` before it is part of the literal (`br"…"`).
fn within_word(text: &[char], at: usize) -> bool {
    let is_word = |i: usize| text[i].is_alphanumeric() || text[i] == '_';
    at > 0 && is_word(at - 1) && !(text[at - 1] == 'b' && (at < 2 || !is_word(at - 2)))
}

/// The words of a line of code, each with what follows it.
pub(crate) fn words(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = line;
    std::iter::from_fn(move || {
        let begin = rest.find(is_word)?;
        let tail = &rest[begin..];
        let end = tail.find(|c| !is_word(c)).unwrap_or(tail.len());
        rest = &tail[end..];
        Some((&tail[..end], rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays() {
        let cases = [
            ("a(); // b", "a();     "),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("a \" b", c)"#, "f(        , c)"),
            (r####"f(r#"a " b"#, br"c", d)"####, "f(          , b    , d)"),
            (r"let x: &'a str = '\''; let y = 'u';", "let x: &'a str =     ; let y =    ;"),
            ("for\nvar\"a\nb\"c", "for\nvar  \n  c"),
            ("\"never closed", "             "),
        ];
        for (source, code) in cases {
            assert_eq!(only_code(source), code, "{source}");
        }
    }

    #[test]
    fn words_come_with_what_follows() {
        let found: Vec<_> = words("println!(a_b); c").collect();
        assert_eq!(found, [("println", "!(a_b); c"), ("a_b", "); c"), ("c", "")]);
    }
}
