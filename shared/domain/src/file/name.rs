//! The names of files, made safe.

use super::FileKind;

/// The most characters of a name.
const LONGEST: usize = 150;

/// A name as it may be shown and sent: the part after the last path separator, without control characters and those that
/// turn the direction of text, and without those that a file system keeps for itself. `None` when nothing is left.
/// Markup in it stays: it is a name, and whoever shows it escapes it as any text.
pub fn clean_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_hidden(*c)).map(|c| if is_reserved(c) { '_' } else { c }).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if kept.is_empty() {
        return None;
    }
    Some(shortened(kept))
}

/// The name of a file: a clean one whose ending says what the bytes are.
pub fn name_for(name: Option<&str>, kind: FileKind) -> String {
    let clean = name.and_then(clean_name).unwrap_or_else(|| "file".to_owned());
    let ending = clean.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    if ending.is_some_and(|ending| kind.goes_by(&ending)) { clean } else { format!("{clean}.{}", kind.extension()) }
}

/// Invisible, or turns what follows around: `racun\u{202e}fdp.exe` would be shown as `racunexe.pdf`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

const fn is_reserved(c: char) -> bool {
    matches!(c, ':' | '*' | '?' | '"' | '|' | '%' | ';')
}

/// At most [`LONGEST`] characters, the ending kept.
fn shortened(name: &str) -> String {
    let excess = name.chars().count().saturating_sub(LONGEST);
    if excess == 0 {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= 8 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let keep = stem.chars().count().saturating_sub(excess);
    stem.chars().take(keep).chain(ending.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_keeps_its_words_and_loses_its_path() {
        for (name, clean) in [
            ("Naročilo št. 7.pdf", Some("Naročilo št. 7.pdf")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Users\\a\\račun.pdf", Some("račun.pdf")),
            ("/", None),
            ("..", None),
            ("", None),
            (" . ", None),
            ("a\r\nSet-Cookie: x.pdf", Some("aSet-Cookie_ x.pdf")),
            ("a\0b.pdf", Some("ab.pdf")),
            ("racun\u{202e}fdp.exe", Some("racunfdp.exe")),
            ("a\"b;c.pdf", Some("a_b_c.pdf")),
            ("<img src=x onerror=alert(1)>.png", Some("<img src=x onerror=alert(1)>.png")),
            (".htaccess", Some("htaccess")),
            ("a  \t b.txt", Some("a b.txt")),
        ] {
            assert_eq!(clean_name(name).as_deref(), clean, "{name}");
        }
        let long = format!("{}.pdf", "š".repeat(400));
        let clean = clean_name(&long).expect("a name");
        assert_eq!((clean.chars().count(), clean.ends_with("šš.pdf")), (LONGEST, true));
    }

    #[test]
    fn a_name_ends_as_its_bytes_say() {
        for (name, kind, expected) in [
            (Some("a.PDF"), FileKind::Pdf, "a.PDF"),
            (Some("a.exe"), FileKind::Pdf, "a.exe.pdf"),
            (Some("slika.jpeg"), FileKind::Jpeg, "slika.jpeg"),
            (Some("cenik.xls"), FileKind::Ole, "cenik.xls"),
            (Some("cenik.csv"), FileKind::Text, "cenik.csv"),
            (Some("račun"), FileKind::Pdf, "račun.pdf"),
            (Some("x.html"), FileKind::Text, "x.html.txt"),
            (None, FileKind::Zip, "file.zip"),
            (Some("///"), FileKind::Png, "file.png"),
        ] {
            assert_eq!(name_for(name, kind), expected);
        }
    }

    proptest! {
        #[test]
        fn no_name_has_a_path_or_a_line_of_its_own_and_a_clean_one_stays(name in any::<String>()) {
            if let Some(clean) = clean_name(&name) {
                prop_assert!(!clean.contains(['/', '\\', '"', '\r', '\n', '\0']) && !clean.starts_with('.'));
                prop_assert!(clean.chars().count() <= LONGEST);
                prop_assert_eq!(clean_name(&clean), Some(clean));
            }
        }
    }
}
