//! Rust text without what is not code, and without what is only for tests.
//!
//! Decides what is a comment, a string and a test. Every blanked character is a
//! space and line ends stay, so places in the result are places in the file.
//! Must not judge the code.

/// The text with comments, strings and character literals blanked.
pub(crate) fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => line_comment(&chars, at),
            '/' if chars.get(at + 1) == Some(&'*') => block_comment(&chars, at),
            '"' => string(&chars, at + 1),
            '\'' => character(&chars, at),
            'r' | 'b' | 'c' if !follows_a_name(&chars, at) => prefixed(&chars, at),
            _ => at,
        };
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Whether `c` can stand in a name.
pub(crate) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn follows_a_name(chars: &[char], at: usize) -> bool {
    at > 0 && is_name(chars[at - 1])
}

fn line_comment(chars: &[char], at: usize) -> usize {
    chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| at + n)
}

fn block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => at += 1,
        }
    }
    at.min(chars.len())
}

/// From after the opening quote to after the closing one.
fn string(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// A character literal; a lifetime is none and stays.
fn character(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), Some(_)) => chars[at + 3..].iter().position(|c| *c == '\'').map_or(at, |n| at + 4 + n),
        (Some(c), Some('\'')) if *c != '\'' => at + 3,
        _ => at,
    }
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `b'…'`, `c"…"`; raw names (`r#type`) stay.
fn prefixed(chars: &[char], at: usize) -> usize {
    let mut next = at;
    let mut raw = false;
    while let Some(c @ ('r' | 'b' | 'c')) = chars.get(next) {
        raw |= *c == 'r';
        next += 1;
        if next - at > 2 {
            return at;
        }
    }
    let hashes = chars[next..].iter().take_while(|c| **c == '#').count();
    match chars.get(next + hashes) {
        Some('"') if raw => raw_string(chars, next + hashes + 1, hashes),
        Some('"') if hashes == 0 => string(chars, next + 1),
        Some('\'') if hashes == 0 && next - at == 1 && chars[at] == 'b' => match character(chars, next) {
            end if end == next => at,
            end => end,
        },
        _ => at,
    }
}

fn raw_string(chars: &[char], from: usize, hashes: usize) -> usize {
    let mut at = from;
    while at < chars.len() {
        if chars[at] == '"' && chars[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    chars.len()
}

/// Code with the items under `#[cfg(test)]` blanked, and the modules declared there whose text is in
/// files of their own.
pub(crate) fn without_tests(code: &str) -> (String, Vec<String>) {
    let mut out = code.to_owned();
    let mut modules = Vec::new();
    let mut from = 0;
    while let Some(found) = code[from..].find("#[cfg(") {
        let start = from + found;
        let Some(attribute) = code[start..].find(']').map(|n| start + n + 1) else {
            break;
        };
        from = attribute;
        if !is_for_tests(&code[start..attribute]) {
            continue;
        }
        let (end, module) = item(code, attribute);
        modules.extend(module);
        let blank: String = code[start..end]
            .chars()
            .flat_map(|c| std::iter::repeat_n(if c == '\n' { '\n' } else { ' ' }, c.len_utf8()))
            .collect();
        out.replace_range(start..end, &blank);
        from = end;
    }
    (out, modules)
}

fn is_for_tests(attribute: &str) -> bool {
    let inside: String = attribute.chars().filter(|c| !c.is_whitespace()).collect();
    inside.split(|c| !is_name(c)).any(|word| word == "test") && !inside.contains("not(test)")
}

/// Where the item after an attribute ends, and its name if it is `mod name;`.
fn item(code: &str, from: usize) -> (usize, Option<String>) {
    let mut depth = 0_usize;
    for (at, c) in code[from..].char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                if c == '}' && depth == 0 {
                    return (from + at + 1, None);
                }
            }
            ';' if depth == 0 => {
                let words: Vec<&str> = code[from..from + at].split_whitespace().collect();
                let name = match words.as_slice() {
                    [.., "mod", name] => Some((*name).to_owned()),
                    _ => None,
                };
                return (from + at + 1, name);
            }
            _ => {}
        }
    }
    (code.len(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_no_code() {
        let text = "let a = \"x // tokio\"; // tokio\n/* a /* tokio */ b */ let c = 'x'; let d = '\\'';\nlet e = r#\"tokio \" tokio\"#;";
        let code = code(text);
        assert!(!code.contains("tokio"), "{code}");
        assert_eq!(code.chars().count(), text.chars().count());
        assert_eq!(code.matches('\n').count(), 2);
        for kept in ["let a =", "let c =", "let d =", "let e ="] {
            assert!(code.contains(kept), "{kept} in {code}");
        }
    }

    #[test]
    fn lifetimes_and_raw_names_stay() {
        let text = "fn a<'a>(r#type: &'a str, b: u8) -> &'a str { r#type }";
        assert_eq!(code(text), text);
    }

    #[test]
    fn byte_strings_and_byte_characters_are_no_code() {
        assert_eq!(
            code("x(b\"tokio\", b'\\n', br\"t\", c\"t\", b'a');").trim_end(),
            "x(        ,      ,      ,     ,     );"
        );
    }

    #[test]
    fn an_escaped_quote_does_not_end_a_string() {
        assert_eq!(code(r#"a("\" tokio", x)"#), r"a(          , x)");
    }

    #[test]
    fn what_is_under_cfg_test_is_blanked_and_the_rest_stays() {
        let code =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { tokio() }\n}\nfn c() {}\n#[cfg(not(test))]\nfn d() {}";
        let (product, modules) = without_tests(code);
        assert!(!product.contains("tokio"));
        for kept in ["fn a", "fn c", "fn d"] {
            assert!(product.contains(kept), "{kept}");
        }
        assert_eq!(product.lines().count(), code.lines().count());
        assert!(modules.is_empty());
    }

    #[test]
    fn a_test_module_in_a_file_of_its_own_is_named() {
        let (product, modules) = without_tests("#[cfg(all(test, unix))]\npub(crate) mod cases;\nfn a() {}");
        assert_eq!(modules, ["cases"]);
        assert!(product.contains("fn a"));
    }

    #[test]
    fn a_test_function_with_arguments_ends_at_its_body() {
        let (product, _) = without_tests("#[cfg(test)]\n#[test]\nfn a(b: [u8; 2]) -> (u8, u8) { c(); }\nfn d() {}");
        assert_eq!(product.trim(), "fn d() {}");
    }
}
